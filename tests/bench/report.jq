# SPDX-License-Identifier: GPL-2.0-only
#
# From results to tables. Input is an array of results, {"group", "case", "column", "round", "unit", "value", "cpu"};
# output an array of tables, {"title", "header": [...], "rows": [[...], ...]}, all cells of which are strings.

# --- numbers ---------------------------------------------------------------------------------------

def median:
	sort | if length == 0 then null
	elif length % 2 == 1 then .[(length - 1) / 2]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;

def digits($n): pow(10; $n) as $p | . * $p | round / $p;

# About three digits.
def short: if . == null then "-" elif . >= 100 then round elif . >= 10 then digits(1) elif . >= 0.1 or . < 0 then digits(2) else digits(3) end | tostring;

# Half the range, in percent of the median.
def spread: (max - min) / 2 / (median | if . == 0 then 1 else . end) * 100 | round;

def quantity($unit):
	if length == 0 then "-"
	else
		(median | if $unit == "s" then digits(3) else round end | tostring)
		+ if length > 1 then " ±\(spread)%" else "" end
	end;

# The median of the ratios of each round: what befalls a round befalls all columns of it.
def ratio($a; $b): [$a, $b] | if all(length > 0) then transpose | map(select(all) | .[0] / .[1]) | median else null end;

# --- cases -----------------------------------------------------------------------------------------

# In the order in which they were measured.
def by_first(f): . as $all | (reduce .[] as $r ([]; if index([$r | f]) then . else . + [$r | f] end)) | map(. as $key | [$all[] | select(f == $key)]);

# From all results of one case to {"group", "case", "unit", "values": {COLUMN: [each round's]}, "measures": {...}}.
def summary:
	def of($column; f): map(select(.column == $column)) | sort_by(.round) | map(f);
	of("file"; .value) as $file | of("loop"; .value) as $loop | of("reloop"; .value) as $reloop
	| of("raw"; .value) as $raw | of("overlay"; .value) as $overlay
	| of("copy"; .value) as $copy | of("nbd"; .value) as $nbd | of("snapshot"; .value) as $snapshot
	| {
		group: .[0].group, case: .[0].case, unit: .[0].unit,
		values: {$file, $loop, $reloop, $raw, $overlay, $copy, $nbd, $snapshot},
		measures: {
			"over raw": (if $raw == [] or $overlay == [] then null else ($overlay | median) - ($raw | median) end),
			"times raw": ratio($overlay; $raw),
			"seconds": ($overlay | median),
			"times the copy": ratio($overlay; $copy),
			"times nbd": ratio($overlay; $nbd),
			"times the snapshot": ratio($overlay; $snapshot),
			"in-tree, over the file": (if $file == [] or $loop == [] then null else ($loop | median) - ($file | median) end),
			"over the file": (if $file == [] or $reloop == [] then null else ($reloop | median) - ($file | median) end),
			"in-tree, share of the file": ratio($loop; $file),
			"share of the file": ratio($reloop; $file),
			"times in-tree": ratio($reloop; $loop),
			"CPU, times in-tree": ratio(of("reloop"; .cpu // empty); of("loop"; .cpu // empty))
		}
	};

def summaries: by_first([.group, .case, .unit]) | map(summary);

# --- targets ---------------------------------------------------------------------------------------

# The lines of the file targets.
def parse_targets:
	split("\n") | map(select(test("^[^#]")) | split("|")
		| {group: .[0], case: .[1], measure: .[2], sign: .[3], bound: .[4] | tonumber});

def is_met($value): if .sign == "<=" then $value <= .bound else $value >= .bound end;

def verdict($value): if $value == null then "-" elif is_met($value) then "met" else "missed" end;

# --- tables ----------------------------------------------------------------------------------------

def instruction_table:
	{
		title: "Instructions per I/O",
		header: ["direct, io_uring", "the file", "in-tree loop", "over the file", "reloop", "over the file"],
		rows: map([.case, (.values.file | quantity("")),
			(.values.loop | quantity("")), (.measures["in-tree, over the file"] | short),
			(.values.reloop | quantity("")), (.measures["over the file"] | short)])
	};

def overlay_table:
	{
		title: "Instructions per I/O of an overlay",
		header: ["direct, io_uring", "raw", "overlay", "over raw", "times raw"],
		rows: map([.case, (.values.raw | quantity("")), (.values.overlay | quantity("")),
			(.measures["over raw"] | short), (.measures["times raw"] | short)])
	};

def value_table:
	{
		title: "\(.[0].group), \(.[0].unit | {IOPS: "I/Os a second", s: "seconds"}[.] // .)",
		header: ["", "the file", "in-tree loop", "reloop",
			"in-tree / file", "reloop / file", "reloop / in-tree", "CPU, reloop / in-tree"],
		rows: map(.unit as $unit | .measures as $m | [.case, (.values | .file, .loop, .reloop | quantity($unit)),
			($m["in-tree, share of the file"], $m["share of the file"], $m["times in-tree"], $m["CPU, times in-tree"]
				| short)])
	};

def view_table:
	{
		title: "A writable view of an image of 100 GiB, seconds",
		header: ["", "overlay", "cp, losetup", "qemu-nbd", "dm-snapshot", "overlay / cp", "overlay / nbd", "overlay / snapshot"],
		rows: map(.unit as $unit | .measures as $m
			| [.case + (if $unit == "bytes" then ", bytes" else "" end),
				(.values | .overlay, .copy, .nbd, .snapshot | quantity($unit)),
				($m["times the copy"], $m["times nbd"], $m["times the snapshot"] | short)])
	};

def target_table($targets):
	. as $cases | {
		title: "Targets",
		header: ["", "measure", "in-tree", "target", "reloop", ""],
		rows: [$targets | parse_targets[] | . as $target
			| ($cases[] | select(.group == $target.group and .case == $target.case)) as $case
			| $case.measures[.measure] as $value
			| ["\(.group): \(.case)", .measure,
				(if .measure | test("raw|seconds") then "-" elif .measure | test("in-tree") then "1" else $case.measures["in-tree, \(.measure)"] | short end),
				"\(.sign) \(.bound)", ($value | short), verdict($value)]]
	};

def tables:
	(map(select(.group == "instructions")) | select(length > 0) | instruction_table),
		(map(select(.group == "overlay")) | select(length > 0) | overlay_table),
		(map(select(.group | IN("instructions", "overlay", "overlays") | not)) | by_first([.group, .unit])[] | value_table),
		(map(select(.group == "overlays")) | select(length > 0) | view_table);

def as_markdown:
	def row: "| " + join(" | ") + " |";
	"**\(.title)**", "", (.header | row), (.header | map("---:") | .[0] = "---" | row), (.rows[] | row), "";
