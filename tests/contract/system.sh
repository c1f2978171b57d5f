# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the system sees of a loop device: uevents, sysfs attributes, tools. For the observers of tests/contract.

# --- uevents ---------------------------------------------------------------------------------

# record_uevents: from here on, for uevents_of.
record_uevents() {
	MARKS=0
	udevadm monitor --kernel --property --subsystem-match=block --subsystem-match=mem > "$WORK/.uevents" &
	on_exit stop_process $!
	wait_for grep --quiet '^KERNEL - ' "$WORK/.uevents"
	mark_uevents
}

stop_process() {
	kill "$1"
	wait "$1" || true
}

# Uevents come in the order in which they were sent, so nothing from before the mark is to come.
mark_uevents() {
	MARKS=$((MARKS + 1))
	echo "change $(< /proc/sys/kernel/random/uuid) MARK=$MARKS" > /sys/class/mem/null/uevent
	wait_for grep --quiet --line-regexp "SYNTH_ARG_MARK=$MARKS" "$WORK/.uevents"
}

# uevents_of DEVICE COMMAND...: sets UEVENTS to those of the device and its partitions meanwhile, such as
# "change disk+1, add p1 to p4": the action, of what, by how much the disk's sequence number has grown since the
# event before, and properties that not every event has.
uevents_of() {
	local first

	mark_uevents
	first=$MARKS
	"${@:2}" > "$WORK/.uevents-output"
	mark_uevents
	UEVENTS=$(awk -v name="${1#/dev/}" -v first="$first" -v last="$MARKS" \
		-f "$JOB/tests/contract/uevents.awk" "$WORK/.uevents")
}

# see_uevents ROW COMMAND...: the row is what uevents_of() sees of the device $DEV.
see_uevents() {
	uevents_of "$DEV" "${@:2}"
	row "$1" "$UEVENTS"
}

# --- tools -----------------------------------------------------------------------------------

# shown COMMAND...: what it says, line after line in sorted order on one; "nothing" if it says nothing. The working
# directory is named after the driver and left out, and so are the numbers of image files.
shown() {
	local said

	said=$({ "$@" 2>&1 || true; } | sed "s|$PWD/||g; s/\[[0-9]*\]:[0-9]*/[device]:inode/" | sort |
		tr --squeeze-repeats '\n\t ' ' ')
	said=${said% }
	printf '%s\n' "${said:-nothing}"
}

# enter_scratch: into a new file system on the scratch disk, until the observer ends.
enter_scratch() {
	mount_scratch ext4 >&2
	on_exit umount_scratch
	cd scratch || exit
	on_exit cd "$WORK"
}
