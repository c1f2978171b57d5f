# SPDX-License-Identifier: GPL-2.0-only
#
# Where the instructions of an I/O go: tables from an array of {"case", "column", "value", "functions": [{"name",
# "module", "calls", "instructions"}, ...]}. What a device takes more than the bare file comes first.

include "report";

def by($field): group_by(.[$field]) | map({key: .[0][$field], value: map(.instructions) | add}) | from_entries;

# Rows "NAME, instructions, over the file, calls" from {NAME: instructions}, the file's, and {NAME: calls}.
def rows($file; $calls):
	($file | map_values(0)) + . | to_entries
	| map({key, value, over: (.value - ($file[.key] // 0))}) | sort_by(-.over, -.value)
	| map([.key, (.value, .over | digits(1) | tostring), ($calls[.key] // "" | tostring)]);

def profile_tables($shown):
	. as $all | .[] | . as $one
	| ($all | map(select($one.column != "file" and .case == $one.case and .column == "file"))[0].functions // []) as $file
	| (.functions | map({key: .name, value: .calls}) | from_entries) as $calls
	| {
		title: "\(.case), \(.column)",
		header: ["", "instructions", "over the file", "calls"],
		rows: ([["all", (.value | tostring), (.value - ($file | map(.instructions) | add // 0) | round | tostring), ""]]
			+ (.functions | by("module") | rows($file | by("module"); {}))
			+ (.functions | map(select(.module != "program")) | by("name")
				| rows($file | map(select(.module != "program")) | by("name"); $calls))[:$shown])
	};
