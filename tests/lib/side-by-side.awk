# SPDX-License-Identifier: GPL-2.0-only
#
# Prints a table of observations, lines "KERNEL <tab> DRIVER <tab> ROW <tab> RESULT" in the order of the kernels.

BEGIN {
	FS = "\t"
	line_count = row_count = differing = 0
	add_line(" ", "row", "kernels", "the kernel's own driver", "reloop")
}

!($3 in seen) { seen[$3] = 1; order[row_count++] = $3 }
!($1 in kernel_seen) { kernel_seen[$1] = 1; kernels[kernel_count++] = $1 }
{ result[$3, $1, $2] = $4 }

END {
	for (i = 0; i < row_count; i++)
		add_row(order[i])
	for (i = 0; i < line_count; i++)
		printf "%s %-" width["row"] "s  %-" width["kernels"] "s  %-" width["theirs"] "s  %s\n",
			line[i, "mark"], line[i, "row"], line[i, "kernels"], line[i, "theirs"], line[i, "ours"]
	printf "%d rows; the drivers differ in %d of them (*)\n", row_count, differing
}

# Kernels with the same observations share a line.
function add_row(row,    i, pair, pairs, mark, any) {
	split("", names)
	pairs = 0
	for (i = 0; i < kernel_count; i++) {
		if (!((row, kernels[i], "loop") in result || (row, kernels[i], "reloop") in result))
			continue
		pair = result[row, kernels[i], "loop"] FS result[row, kernels[i], "reloop"]
		if (!(pair in names))
			pair_at[pairs++] = pair
		names[pair] = names[pair] (names[pair] == "" ? "" : " ") kernels[i]
	}
	any = 0
	for (i = 0; i < pairs; i++) {
		split(pair_at[i], two, FS)
		mark = two[1] == two[2] ? " " : "*"
		any += mark == "*"
		add_line(mark, i == 0 ? row : "", names[pair_at[i]], two[1], mark == "*" ? two[2] : "the same")
	}
	differing += any > 0
}

function add_line(mark, row, names, theirs, ours) {
	put("mark", mark)
	put("row", row)
	put("kernels", names)
	put("theirs", theirs)
	put("ours", ours)
	line_count++
}

function put(column, text) {
	line[line_count, column] = text
	if (length(text) > width[column])
		width[column] = length(text)
}
