# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016
#
# The part of docs/performance.md that comes from the results: what is between a line "<!-- made by make bench: NAME -->"
# and a line "<!-- end -->", and the pictures. All else is written by hand.

# The kernel that the page is about; of others it has the targets only.
readonly PAGE_KERNEL=6.12
readonly PAGE_FUNCTIONS=25

# write_page DIR: DIR/performance.md and pictures beside it, from all whole runs in the cache.
write_page() {
	local page=$1/performance.md dir=$RUN/page block

	RESULTS=$(tests/lab/lab cache)/bench/$PAGE_KERNEL
	[[ -s $RESULTS/about ]] || {
		say "$page is left as it is: there is no whole run on $PAGE_KERNEL"
		return
	}
	mkdir "$dir"
	for block in machine targets instructions functions latency seconds programs kernels; do
		"page_$block" > "$dir/$block"
	done
	fill_page "$dir" < "$page" > "$dir/page"
	mv "$dir/page" "$page"
	draw_pictures "$1"
	say "$page is written"
}

# fill_page DIR: what is between the marks becomes what DIR's file of that name has.
fill_page() {
	awk -v dir="$1" '
		/^<!-- end -->$/ { inside = 0 }
		!inside { print }
		/^<!-- made by make bench: [a-z]+ -->$/ {
			inside = 1
			file = dir "/" $(NF - 1)
			while ((getline line < file) > 0)
				print line
		}
	'
}

# --- blocks ----------------------------------------------------------------------------------------

page_machine() {
	jq --raw-output '"\(.date), Linux \(.kernel), \(.fio), \(.qemu).", ""' "$RESULTS/about"
}

page_targets() {
	results | query 'summaries | target_table($targets) | as_markdown'
}

page_instructions() {
	results | query 'summaries | map(select(.group | IN("instructions", "overlay"))) | tables | as_markdown'
}

page_functions() {
	results | query 'map(select(.functions and (.column | IN("file", "reloop"))
			and (.case | IN("random read, depth 1", "random write, depth 1"))))
		| profile_tables($shown) | select(.title | endswith(", reloop")) | as_markdown' \
		--argjson shown "$PAGE_FUNCTIONS"
}

page_latency() {
	results | query 'summaries | map(select(.group | endswith("an instruction a ns"))) | tables | as_markdown'
}

page_seconds() {
	results | query 'summaries
		| map(select(.group | (IN("instructions", "overlay", "programs on a file system")
			or endswith("an instruction a ns")) | not))
		| tables | as_markdown'
}

page_programs() {
	results | query 'summaries | map(select(.group == "programs on a file system")) | tables | as_markdown'
}

page_kernels() {
	local about RESULTS

	for about in "$(tests/lab/lab cache)"/bench/*/about; do
		RESULTS=${about%/about}
		case ${RESULTS##*/} in
		"$PAGE_KERNEL" | *.part) continue ;;
		esac
		page_machine
		page_targets
	done
}

# --- pictures --------------------------------------------------------------------------------------

draw_pictures() {
	local data=$RUN/page/data

	tests/lab/lab require gnuplot gnuplot-nox
	picture_data instructions '.values | .file, .loop, .reloop | median' > "$data"
	draw_bars "$1/performance-instructions.svg" 'instructions per I/O' \
		"'$data' using 2:xtic(1) title 'the file', '' using 3 title 'in-tree loop', '' using 4 title 'reloop'"
	picture_data direct '.measures | .["in-tree, share of the file"], .["share of the file"]' > "$data"
	draw_bars "$1/performance-share.svg" 'I/Os a second, share of the bare file' \
		"'$data' using 2:xtic(1) title 'in-tree loop', '' using 3 title 'reloop'"
}

# picture_data GROUP FILTER: the group's cases, with the filter's values of each.
picture_data() {
	results | query 'summaries[] | select(.group == $group) | [.case, ('"$2"' | . // 0 | tostring)] | @tsv' \
		--arg group "$1"
}

# draw_bars FILE WHAT PLOT: bars of several colours side by side; PLOT is gnuplot's.
draw_bars() {
	gnuplot <<-END
		set terminal svg size 900,480 font 'sans-serif,12' background 'white'
		set output '$1'
		set datafile separator '\t'
		set style data histograms
		set style histogram clustered gap 1
		set style fill solid 0.85 noborder
		set boxwidth 0.9
		set linetype 1 linecolor rgb '#9aa5b1'
		set linetype 2 linecolor rgb '#d98943'
		set linetype 3 linecolor rgb '#3f7fbf'
		set ylabel '$2'
		set yrange [0:*]
		set grid ytics linecolor rgb '#dddddd'
		set xtics rotate by -35 noenhanced scale 0
		set key top left horizontal
		plot $3
	END
}
