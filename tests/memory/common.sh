# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Memory is short, and what uses devices goes on: memory.c fills memory and files and looks whether all is as it was
# left. From the environment: MEMORY_SECONDS, how long that takes in each case.

. "$JOB/tests/submit/common.sh"

# What the cgroup may have, in MiB.
readonly LIMIT=64

# --- devices ---------------------------------------------------------------------------------------

# format FSTYPE DEVICE: however small that is.
format() {
	case $1 in
	ext4) mkfs.ext4 -q -F "$2" ;;
	xfs) mkfs.xfs -q -f --unsupported "$2" ;;
	esac
}

# attach_as HOW IMAGE: DEV. HOW is a way of caching, or overlay:CACHE for an overlay beside the image, or volatile:CACHE.
attach_as() {
	local options=(--cache "${1#*:}")

	case $1 in
	overlay:*) options+=(--overlay "$2.overlay") ;;
	volatile:*) options+=(--volatile) ;;
	esac
	TMPDIR=${2%/*} run_reloop attach "${options[@]}" "$2"
	assert_eq "$STATUS" 0 'status of the attach'
	DEV=$OUT
	udevadm settle
}

# begin_swapping DEVICE
begin_swapping() {
	mkswap "$1"
	swapon "$1"
	SWAPPED=$(swapped_out)
}

# end_swapping DEVICE MIB: that much at least has been.
end_swapping() {
	local swapped=$((($(swapped_out) - SWAPPED) >> 8))

	((swapped >= $2)) || fail "only $swapped MiB were swapped"
	swapoff "$1"
	echo "$1: $swapped MiB swapped"
}

# --- memory ----------------------------------------------------------------------------------------

# limit_cgroup CONTROLLER...: the cgroup has no more memory than LIMIT.
limit_cgroup() {
	make_cgroup memory "$@"
	echo "${LIMIT}M" > "$CGROUP/memory.max"
}

# meminfo NAME: in MiB.
meminfo() {
	awk -v name="$1:" '$1 == name { print int($2 / 1024) }' /proc/meminfo
}

# hold_memory MIB: takes so much away from all others, until release_memory.
hold_memory() {
	(($1 > 0)) || return 0
	"$JOB/memory" hold "$1" > held &
	HOLDERS+=($!)
	on_exit kill_quietly $!
	WAIT_SECONDS=$((120 * PATIENCE)) wait_for grep --quiet held held
	rm held
}
HOLDERS=()

release_memory() {
	local holder

	for holder in "${HOLDERS[@]}"; do
		kill "$holder"
		wait "$holder" || true
	done
	HOLDERS=()
}

# leave_memory MIB: of what is there for programs.
leave_memory() {
	hold_memory $(($(meminfo MemAvailable) - $1))
}

# assert_nobody_killed: neither by the cgroup's limit nor for the machine's.
assert_nobody_killed() {
	[[ ! ${CGROUP:-} ]] || not grep '^oom_kill [1-9]' "$CGROUP/memory.events" ||
		fail 'the cgroup was full, and a program was killed'
	not grep --extended-regexp 'Out of memory|oom-kill' <<< "$(kernel_log)" || fail 'a program was killed'
}

# --- programs --------------------------------------------------------------------------------------

# start ARGUMENT...: the program in the background, in CGROUP if there is one.
start() {
	(
		[[ ! ${CGROUP:-} ]] || echo "$BASHPID" > "$CGROUP/cgroup.procs"
		exec "$JOB/memory" "$@"
	) &
	PROGRAMS+=($!)
	on_exit kill_quietly $!
}
PROGRAMS=()

# hog MIB, write PATH MIB [direct]: for MEMORY_SECONDS, each with another seed.
hog() {
	start hog "$1" "$MEMORY_SECONDS" ${#PROGRAMS[@]}
}

write() {
	start write "$1" "$2" "$MEMORY_SECONDS" ${#PROGRAMS[@]} "${@:3}"
}

# Nobody else can tell of a machine that has stopped for want of memory.
guard_machine() {
	"$JOB/memory" guard $(((MEMORY_SECONDS + 300) * PATIENCE)) &
	GUARD=$!
	on_exit kill_quietly "$GUARD"
}

# await_programs: all of them have found everything as it was.
await_programs() {
	local program result failed=()

	for program in "${PROGRAMS[@]}"; do
		result=0
		wait "$program" || result=$?
		((!result)) || failed+=("$result")
	done
	PROGRAMS=()
	[[ ! ${GUARD:-} ]] || kill "$GUARD"
	GUARD=
	assert_nobody_killed
	[[ ! ${failed[*]} ]] || fail "programs failed, with status ${failed[*]}"
}

# assert_nothing_lost DIR...: what programs have left in files there is on the disk.
assert_nothing_lost() {
	local dir

	for dir; do
		sha256sum "$dir"/{buffered,direct}
	done > sums
	sync
	echo 3 > /proc/sys/vm/drop_caches
	sha256sum --quiet --check sums
}
