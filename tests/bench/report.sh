# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016
#
# From the results to tables.

# Functions of each case.
readonly FUNCTIONS_SHOWN=60

# The results there are, of both clocks.
results() {
	cat "$RESULTS"/*.results
}

report() {
	results | query 'summaries | tables, target_table($targets) | tojson' | print_tables
}

report_profile() {
	results | query 'map(select(.functions)) | profile_tables($shown) | tojson' \
		--argjson shown "$FUNCTIONS_SHOWN" | print_tables
}

# query FILTER [JQ-OPTION...]: a filter of those that report.jq and profile.jq define, on the results at standard input.
query() {
	jq --slurp --raw-output -L tests/bench --rawfile targets tests/bench/targets "${@:2}" \
		'include "report"; include "profile"; '"$1"
}

# Standard input is a table a line.
print_tables() {
	local table

	while read -r table; do
		jq --raw-output '"", .title' <<< "$table"
		jq --raw-output '.header, .rows[] | join("\t")' <<< "$table" |
			column --table --separator $'\t' --table-right 2,3,4,5,6,7,8
	done
}
