# SPDX-License-Identifier: GPL-2.0-only
#
# Reads Kbuild and the output of arrows; prints files that use a file listed above them in Kbuild, and then fails.

FNR == NR {
	if (match($0, /src\/[a-z_\/]+\.o/))
		place[substr($0, RSTART + 4, RLENGTH - 6)] = NR
	next
}

place[$1] >= place[$2] {
	print $1 " uses " $2 ", which stands above it in Kbuild"
	bad = 1
}

END { exit bad }
