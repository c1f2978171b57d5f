# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The host's side of the bench, what both clocks need: building, jobs, messages. RUN is a directory of this run.

readonly BOOT_TIMEOUT=7200

say() { printf 'bench: %s\n' "$*" >&2; }

usage_error() {
	say "$1"
	usage >&2
	exit 2
}

# build: the module and the command for kernel.
build() {
	say "building for $kernel"
	tests/lab/lab setup "$kernel"
	tests/lab/lab build "$kernel" > "$RUN/build.log" 2>&1 || {
		cat "$RUN/build.log" >&2
		exit 1
	}
}

# build_program ARGUMENT...: with gcc in a build root, whose view of the checkout is read-only: so the program comes
# out through standard output.
build_program() {
	# shellcheck disable=SC2016 # the inner shell expands these
	tests/lab/lab chroot "$kernel" sh -c 'gcc -O2 -Wall -Wextra -Werror -o /tmp/program "$@" >&2 && cat /tmp/program' \
		gcc "$@"
}

# make_job DIR PROGRAM VARIABLE...: a job that runs PROGRAM of tests/bench, which finds the variables in its settings.
make_job() {
	local dir=$1 program=$2 products

	shift 2
	products=$(tests/lab/lab cache)/build/$kernel
	mkdir "$dir"
	cp "$products"/{reloop.ko,reloop} tests/bench/guest.sh "$dir"
	cp "tests/bench/$program" "$dir/run"
	declare -p "$@" > "$dir/settings"
}

# boot_job DIR LAB-OPTION...: what the job left in /job/out is in DIR/out then.
boot_job() {
	local dir=$1

	shift
	say "booting $kernel"
	tests/lab/lab boot "$kernel" --timeout "$BOOT_TIMEOUT" --out "$dir/out" "$@" "$dir" >&2
}
