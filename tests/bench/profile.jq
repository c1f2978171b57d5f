# SPDX-License-Identifier: GPL-2.0-only
# Where the instructions of an I/O go, from the lines of the instruction clock: a table of each.

def one_digit: . * 10 | round / 10;

# {NAME: instructions} of an array of functions.
def by($field): group_by(.[$field]) | map({key: .[0][$field], value: map(.instructions) | add}) | from_entries;

# Lines "KEY, instructions, over the file, calls" of {KEY: instructions}, the file's, and {KEY: calls}.
def lines($file; $calls):
	(. + ($file | map_values(0)) + .) | to_entries
	| map({key, value, over: (.value - ($file[.key] // 0))}) | sort_by(-.over, -.value) | .[]
	| [.key, (.value | one_digit), (.over | one_digit), $calls[.key] // ""];

. as $all
| ["", "instructions", "over the file", "calls"] as $heading
| .[] | . as $one
| (if .column == "file" then [] else [$all[] | select(.case == $one.case and .column == "file")][0].functions // [] end) as $file
| (.functions | map({key: .name, value: .calls}) | from_entries) as $calls
| [""], ["\(.case), \(.column)"] + $heading[1:],
  ["all", .instructions, (.instructions - ($file | map(.instructions) | add // 0) | round), ""],
  (.functions | by("module") | lines($file | by("module"); {})),
  ([.functions | map(select(.module != "program")) | by("name") | lines($file | by("name"); $calls)] | .[:$shown][])
| @tsv
