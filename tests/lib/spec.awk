# SPDX-License-Identifier: GPL-2.0-only
#
# Reads the contract, docs/uapi.md, and prints one line for each row, kernel and driver:
#
#	ROW <tab> KERNEL <tab> DRIVER <tab> RESULT
#
# The contract is in the tables whose heading begins with "| row |". Their rows are
#
#	| `id` | the case | what reloop does | what the kernel's own driver does | why they differ |
#
# What a driver does is `a result`; a different result on some kernels follows it: `a result`; 6.1, 6.12: `another`.
# If nothing is said of the kernel's own driver, it does the same as reloop.
# Mistakes are reported on standard error, and the exit status is then 1.
#
#	-v KERNELS="6.1 6.12 7.3"	all kernels

BEGIN {
	FS = "|"
	OFS = "\t"
	count = split(KERNELS, kernels, " ")
	for (i = 1; i <= count; i++)
		known[kernels[i]] = 1
}

/^\| row \|/ { in_table = 1; next }
!/^\|/ { in_table = 0 }
!in_table || /^\|-/ { next }

{
	row = bare($2)
	if (NF != 7 || $2 !~ /^ `[a-z0-9]+([-.\/][a-z0-9]+)*` $/) {
		complain("not a row: " $0)
		next
	}
	if (row in seen)
		complain("told twice")
	seen[row] = 1
	if (trim($3) == "")
		complain("what is the case?")
	read_results("reloop", trim($4))
	if (!("" in told))
		complain("no result for reloop")
	for (i = 1; i <= count; i++)
		ours[kernels[i]] = result_on(kernels[i], "")
	read_results("loop", trim($5))
	differs = 0
	for (i = 1; i <= count; i++) {
		theirs = result_on(kernels[i], ours[kernels[i]])
		differs += theirs != ours[kernels[i]]
		print row, kernels[i], "loop", theirs
		print row, kernels[i], "reloop", ours[kernels[i]]
	}
	if (differs && trim($6) == "")
		complain("differs from the kernel's own driver, but why?")
	if (!differs && trim($5) != "")
		complain("told apart, but the same")
}

END { exit mistakes > 0 }

# Sets told[], which maps kernels to results; "" stands for all kernels that are not named.
function read_results(driver, text,    names, i, list) {
	split("", told)
	while (text != "") {
		if (!match(text, /^([0-9., ]+: )?`[^`]+`(; |$)/)) {
			complain(driver ": cannot read: " text)
			return
		}
		item = substr(text, 1, RLENGTH)
		text = substr(text, RLENGTH + 1)
		names = substr(item, 1, index(item, "`") - 1)
		sub(/: $/, "", names)
		if (names == "")
			told[""] = bare(item)
		list = split(names, named, /, /)
		for (i = 1; i <= list; i++) {
			if (!(named[i] in known))
				complain("no such kernel: " named[i])
			told[named[i]] = bare(item)
		}
	}
}

function result_on(kernel, otherwise) {
	if (kernel in told)
		return told[kernel]
	return ("" in told) ? told[""] : otherwise
}

# Returns what is between the backticks.
function bare(text) {
	sub(/^[^`]*`/, "", text)
	sub(/`.*$/, "", text)
	return text
}

function trim(text) {
	gsub(/^ +| +$/, "", text)
	return text
}

function complain(what) {
	print FILENAME ":" FNR ": " row ": " what > "/dev/stderr"
	mistakes++
}
