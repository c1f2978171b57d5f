# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a debug kernel reports besides its log: memory that nothing points to any more, and whether its
# checkers still work. Other kernels have none of this.

readonly KMEMLEAK=/sys/kernel/debug/kmemleak
readonly LEAK_LINES=100

has_checkers() {
	[[ -e $KMEMLEAK ]]
}

# Memory that was lost before the first test does not count.
start_checkers() {
	find_leaks > /dev/null
	echo clear > "$KMEMLEAK"
}

# Prints what was lost since. The kernel reports an object only if it is at least five seconds old and was
# found lost and unchanged twice.
find_leaks() {
	sleep 5
	echo scan > "$KMEMLEAK"
	echo scan > "$KMEMLEAK"
	head --lines="$LEAK_LINES" "$KMEMLEAK"
}

# Lockdep turns itself off at its first report, or when its tables are full.
find_checkers_off() {
	if ! grep --quiet --extended-regexp 'debug_locks: +1' /proc/lockdep_stats; then
		echo 'lockdep has turned itself off'
	fi
	if dmesg | grep --quiet 'kmemleak: .*disabled'; then
		echo 'kmemleak has turned itself off'
	fi
}

# judge_checkers ID DESCRIPTION: reports the result as a test.
judge_checkers() {
	begin "$1" "$2"
	verdict "$1" "$(find_leaks; find_checkers_off)"
}
