# SPDX-License-Identifier: GPL-2.0-only
# From the results of the instruction clock to a table.

def median: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# An object {COLUMN: median} from the measurements of one case.
def columns: group_by(.column) | map({key: .[0].column, value: map(.instructions) | median}) | from_entries;

def over($bare): if . == null then ["-", "-"] elif $bare == null then [., "-"] else [., . - $bare] end;

(map(.case) | reduce .[] as $c ([]; if index($c) then . else . + [$c] end)) as $order
| group_by(.case) | map({key: .[0].case, value: columns}) | from_entries as $cases
| ["instructions per I/O", "the file", "in-tree loop", "over the file", "reloop", "over the file"],
  ($order[] | . as $name | $cases[$name] as $c
   | [$name, ($c.file // "-")] + ($c.loop | over($c.file)) + ($c.reloop | over($c.file)))
| @tsv
