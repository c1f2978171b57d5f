# SPDX-License-Identifier: GPL-2.0-only
#
# Compares what was observed of the drivers with the contract, and prints where they differ.
#
#	awk -v KERNEL=6.12 -v DRIVERS="loop reloop" -f judge.awk SPEC is=loop ROWS is=reloop ROWS
#
# SPEC is the output of spec.awk; ROWS are lines "ROW <tab> RESULT".

BEGIN { FS = "\t" }

is == "" {
	if ($2 == KERNEL)
		expected[$1, $3] = $4
	next
}

NF != 2 { complain(is ": not a row: " $0); next }

{
	if (($1, is) in observed)
		complain(is ": " $1 ": observed twice")
	observed[$1, is] = $2
	rows[$1] = 1
}

END {
	count = split(DRIVERS, drivers, " ")
	for (row in rows)
		for (i = 1; i <= count; i++)
			judge(row, drivers[i])
	exit problems > 0
}

function judge(row, driver) {
	if (!((row, driver) in observed))
		complain(driver ": " row ": observed of the other driver only")
	else if (!((row, driver) in expected))
		complain(driver ": " row ": not in docs/uapi.md: " observed[row, driver])
	else if (observed[row, driver] != expected[row, driver])
		complain(driver ": " row ": " observed[row, driver] "; docs/uapi.md says: " expected[row, driver])
}

function complain(what) {
	print what
	problems++
}
