# SPDX-License-Identifier: GPL-2.0-only
#
# Where the instructions of an I/O go. Reads the guest's kallsyms, sorted, and a list of measurements: two files that
# the profiler wrote, of phases that differ in nothing but so many I/Os more in the second:
#
#   FEW MANY IOS
#
# Prints the functions that an I/O ran, as often as it did:
#
#   MEASUREMENT INSTRUCTIONS CALLS FUNCTION MODULE

BEGIN {
	name[0] = "-"
	module[0] = "program"
}

FNR == NR {
	address[++symbols] = $1
	name[symbols] = $3
	module[symbols] = NF > 3 ? substr($4, 2, length($4) - 2) : "kernel"
	next
}

{
	delete instructions
	delete calls
	count_phase($1, -1)
	count_phase($2, 1)
	for (symbol in instructions)
		if (instructions[symbol])
			printf "%d %.1f %.2f %s %s\n", FNR - 1, instructions[symbol] / $3, calls[symbol] / $3,
				name[symbol], module[symbol]
}

function count_phase(file, sign,    line, field, symbol)
{
	while ((getline line < file) > 0) {
		split(line, field)
		symbol = symbol_at(field[1])
		instructions[symbol] += sign * field[3]
		if (symbol && field[1] == address[symbol])
			calls[symbol] += sign * field[2]
	}
	close(file)
}

# The last symbol at or below an address, 0 for one in a program. Addresses are compared as the strings of one length
# that they are: numbers lose digits.
function symbol_at(wanted,    low, high, middle)
{
	low = 0
	high = symbols
	while (low < high) {
		middle = int((low + high + 1) / 2)
		if (address[middle] "" <= wanted "")
			low = middle
		else
			high = middle - 1
	}
	return low
}
