# SPDX-License-Identifier: GPL-2.0-only
#
# Reads Kbuild and what tests/lib/arrows says of the module; prints the picture of its rooms for dot(1). What a
# file reaches by way of another one as well has no arrow.

FNR == NR {
	if (match($0, /src\/[a-z_\/]+\.o/))
		file[++count] = substr($0, RSTART + 4, RLENGTH - 6)
	next
}

{ uses[$1, $2] }

function is_used(from, to)
{
	return (file[from], file[to]) in uses
}

# From the last to the first: all that a file uses stands below it.
function find_reached(    from, via, to)
{
	for (from = count; from; from--)
		for (via = from + 1; via <= count; via++) {
			if (!is_used(from, via))
				continue
			reached[from, via]
			for (to = via + 1; to <= count; to++)
				if ((via, to) in reached)
					reached[from, to]
		}
}

function is_reached_by_way(from, to,    via)
{
	for (via = from + 1; via < to; via++)
		if (is_used(from, via) && (via, to) in reached)
			return 1
	return 0
}

function print_files(    i, part, room)
{
	for (i = 1; i <= count; i++) {
		if (split(file[i], part, "/") == 1) {
			printf "\"%s\" [label=\"%s.c\"]\n", file[i], file[i]
			continue
		}
		if (part[1] != room)
			printf "%ssubgraph \"cluster_%s\" { label=\"%s/\"\n", room ? "}\n" : "", part[1], part[1]
		room = part[1]
		printf "\"%s\" [label=\"%s.c\"]\n", file[i], part[2]
	}
	print "}"
}

END {
	print "digraph rooms {"
	print "graph [fontname=sans fontsize=14 labeljust=l style=rounded color=gray newrank=true ranksep=0.3 nodesep=0.2]"
	print "node [fontname=sans fontsize=11 shape=box style=\"rounded,filled\" fillcolor=white color=gray40 height=0.3]"
	print "edge [color=gray50 arrowsize=0.6]"
	print_files()
	find_reached()
	for (from = 1; from <= count; from++)
		for (to = from + 1; to <= count; to++)
			if (is_used(from, to) && !is_reached_by_way(from, to))
				printf "\"%s\" -> \"%s\"\n", file[from], file[to]
	print "}"
}
