# SPDX-License-Identifier: GPL-2.0-only
#
# Reads what udevadm monitor --property prints and tells the uevents of the disk "name" and its partitions between
# the marks "first" and "last" on one line; see uevents_of() in system.sh.

BEGIN {
	RS = ""
	FS = "\n"
	split("ACTION DEVPATH SUBSYSTEM MAJOR MINOR DEVNAME DEVTYPE DISKSEQ SEQNUM PARTN PARTNAME PARTUUID", list, " ")
	for (i in list)
		ordinary[list[i]] = 1
}

{
	read_properties()
}

"SYNTH_ARG_MARK" in value {
	mark = value["SYNTH_ARG_MARK"] + 0
	if (mark >= last)
		exit
}

value["DEVNAME"] ~ "^/dev/" name "(p[0-9]+)?$" {
	step = sequence && value["DISKSEQ"] != sequence ? "+" value["DISKSEQ"] - sequence : ""
	sequence = value["DISKSEQ"]
	if (mark >= first)
		tell(value["ACTION"], value["PARTN"], step, special)
}

END {
	print text == "" ? "none" : text run
}

# Sets value[], and special to the properties that most events do not have.
function read_properties(    i, at, key) {
	split("", value)
	special = ""
	for (i = 1; i <= NF; i++) {
		at = index($i, "=")
		if (!at)
			continue
		key = substr($i, 1, at - 1)
		value[key] = substr($i, at + 1)
		if (!(key in ordinary))
			special = special " " $i
	}
}

# What happens to one partition after the other is told together.
function tell(action, partition, step, special) {
	if (partition && partition == previous + 1 && action == previous_action && !step && !special) {
		run = " to p" partition
	} else {
		text = text run (text == "" ? "" : ", ") action " " (partition ? "p" partition : "disk") step special
		run = ""
	}
	previous = partition
	previous_action = action
}
