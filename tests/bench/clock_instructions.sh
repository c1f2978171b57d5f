# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The instruction clock: how many instructions an I/O takes, by counting all that an emulated processor executes. The
# result is the same however busy the machine is. It knows the length of paths, not what processors wait for.

# Functions that --profile shows of each case.
readonly FUNCTIONS_SHOWN=60

# Prints a line of JSON for each case, column and round:
#   {"case": ..., "column": ..., "instructions": N, "functions": [{"name", "module", "calls", "instructions"}, ...]}
count_instructions() {
	local job=$RUN/instructions.job

	make_job "$job" instructions only columns ios rounds args
	build_program tests/bench/mark.c > "$job/mark"
	chmod +x "$job/mark"
	build_program -shared -fPIC -fvisibility=hidden tests/bench/profiler.c > "$RUN/profiler.so"
	mkdir "$RUN/phases"
	# The clock of the guest counts instructions as well, or there would be more timer ticks on a busy machine.
	boot_job "$job" --icount --mem 3072 --plugin "$RUN/profiler.so,dir=$RUN/phases"
	evaluate_phases "$job/out"
}

# evaluate_phases OUT: from what the guest said of each measurement, {"case", "column", "few": PHASE, "many": PHASE,
# "ios"}, and what the profiler wrote of each phase.
evaluate_phases() {
	local out=$1 symbols=$RUN/symbols measurements=$RUN/measurements

	grep ' [tTwW] ' "$out/kallsyms" | LC_ALL=C sort > "$symbols"
	jq --raw-output --arg dir "$RUN/phases" '"\($dir)/\(.few) \($dir)/\(.many) \(.ios)"' "$out/results" > "$measurements"
	LC_ALL=C awk -f tests/bench/instructions.awk "$symbols" "$measurements" |
		jq --raw-input --compact-output 'split(" ") | {
			measurement: .[0] | tonumber, name: .[3], module: .[4],
			calls: .[2] | tonumber, instructions: .[1] | tonumber
		}' |
		jq --slurp --compact-output --slurpfile measured "$out/results" '
			group_by(.measurement)[] | $measured[.[0].measurement] as $m | {
				case: $m.case, column: $m.column, instructions: map(.instructions) | add | round,
				functions: sort_by(-.instructions) | map(del(.measurement))
			}'
}

# Both read the lines that count_instructions prints.
print_instructions() {
	jq --slurp --raw-output --from-file tests/bench/instructions.jq | column --table --separator $'\t'
}

# Of a device also how much more than for the bare file, if that was measured: sorted by it.
print_profile() {
	jq --slurp --raw-output --argjson shown "$FUNCTIONS_SHOWN" --from-file tests/bench/profile.jq |
		column --table --separator $'\t' --table-empty-lines --table-right 2,3,4
}
