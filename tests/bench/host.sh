# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The host's part of both clocks: builds, boots, keeps the results as lines of JSON,
#
#   {"group": ..., "case": ..., "column": ..., "round": N, "unit": ..., "value": N}
#
# RUN is a directory of this run, RESULTS one that stays.

readonly BOOT_TIMEOUT=7200

say() { printf 'bench: %s\n' "$*" >&2; }

# --- the instruction clock -------------------------------------------------------------------------
#
# How many instructions an I/O takes, by counting all that an emulated processor executes. The result is the same
# however busy the machine is. It knows the length of paths, not what processors wait for.

measure_instructions() {
	local job=$RUN/instructions

	make_job "$job" instructions
	build_program tests/bench/mark.c > "$job/mark"
	chmod +x "$job/mark"
	build_attachers "$job"
	build_program -shared -fPIC -fvisibility=hidden tests/bench/profiler.c > "$RUN/profiler.so"
	mkdir "$RUN/phases"
	# The guest's own clock counts instructions as well, or there would be more timer ticks on a busy machine.
	boot_job "$job" --icount --plugin "$RUN/profiler.so,dir=$RUN/phases"
	evaluate_phases "$job/out" > "$RUN/instructions.results"
	keep_results "$RUN/instructions.results" "$job"
}

# evaluate_phases OUT: from what the guest said of each measurement, {"case", "column", "few": PHASE, "many": PHASE,
# "ios"} and perhaps "group", and what the profiler wrote of each phase. Results have "functions" here: name, module, calls,
# instructions.
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
				group: ($m.group // if $m.column | IN("raw", "overlay") then "overlay" else "instructions" end),
				case: $m.case, column: $m.column, round: 0,
				unit: "instructions", value: map(.instructions) | add | round,
				functions: sort_by(-.instructions) | map(del(.measurement))
			}'
}

# --- the clock on the wall -------------------------------------------------------------------------

measure_seconds() {
	measure_in_time seconds --cpus 2
}

# The same program on one processor for which an instruction is a nanosecond, also where a disk answers after so many: how
# much of its latency a path hides, however busy the machine is.
measure_latency() {
	BENCH_GROUPS=latency BENCH_CLOCK=', an instruction a ns' BENCH_ROUNDS=2 BENCH_RUNTIME=250 \
		measure_in_time latency --icount
}

# measure_in_time NAME LAB-OPTION...
measure_in_time() {
	local job=$RUN/$1

	make_job "$job" seconds
	build_attachers "$job"
	boot_job "$job" "${@:2}"
	mv "$job/out/results" "$RUN/$1.results"
	keep_results "$RUN/$1.results" "$job"
}

# --- jobs ------------------------------------------------------------------------------------------

# make_job DIR PROGRAM: a job that runs PROGRAM of this directory.
make_job() {
	local products

	build
	products=$(tests/lab/lab cache)/build/$BENCH_KERNEL
	mkdir "$1"
	cp "$products"/{reloop.ko,reloop} tests/bench/{guest,images,programs,seconds_*}.sh "$1"
	cp "tests/bench/$2" "$1/run"
	declare -p "${!BENCH_@}" > "$1/settings"
}

# The module and the command.
build() {
	say "building for $BENCH_KERNEL"
	tests/lab/lab setup "$BENCH_KERNEL"
	tests/lab/lab build "$BENCH_KERNEL" > "$RUN/build.log" 2>&1 || {
		cat "$RUN/build.log" >&2
		exit 1
	}
}

# build_program ARGUMENT...: with gcc in a build root, whose view of the checkout is read-only: so the program comes
# out through standard output. The root is of the release that the guest is.
build_program() {
	# shellcheck disable=SC2016 # the inner shell expands these
	tests/lab/lab chroot 6.12 sh -c 'gcc -O2 -Wall -Wextra -Werror -o /tmp/program "$@" >&2 && cat /tmp/program' \
		gcc "$@"
}

# build_attachers DIR
build_attachers() {
	build_program tests/uapi/loopctl.c > "$1/loopctl"
	build_program tests/bench/attacher.c > "$1/attacher"
	chmod +x "$1"/{loopctl,attacher}
}

# boot_job DIR LAB-OPTION...: what the job left in /job/out is in DIR/out then. What it prints is progress. An emulated
# machine with two processors may fail to come up; one that does so again has a reason.
boot_job() {
	local dir=$1

	shift
	say "booting $BENCH_KERNEL"
	boot_once "$@" "$dir" || { [[ ! -e $dir/out/about ]] && boot_once "$@" "$dir"; }
}

boot_once() {
	tests/lab/lab boot "$BENCH_KERNEL" --mem 3072 --timeout "$BOOT_TIMEOUT" --out "${*: -1}/out" "$@" >&2
}

# keep_results FILE JOB
keep_results() {
	mv "$1" "$RESULTS"
	jq --arg date "$(date +%F)" --arg qemu "QEMU $(qemu-system-x86_64 --version | awk 'NR == 1 { print $4 }')" \
		'. + {$date, $qemu}' "$2/out/about" > "$RESULTS/about"
}
