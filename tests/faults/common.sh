# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A device whose requests fail by rules.

. "$JOB/tests/own/common.sh"

# attach_faulty IMAGE [OPTION...]: DEV, whose errors the log may tell. Nobody but the test reads it: no udev.
attach_faulty() {
	[[ ${IS_QUIET:-} ]] || quiet_udev
	IS_QUIET=1
	expect_log 'dev loop[0-9]|dev loop, |lost async page write'
	run_reloop attach "${@:2}" "$1"
	assert_eq "$STATUS" 0 'status of the attach'
	DEV=$OUT
	# What hangs would keep the device.
	on_exit let_go "$DEV"
}

# let_go DEVICE: for on_exit; it may be detached.
let_go() {
	"$JOB/reloop" fault "$1" clear 2> /dev/null || true
}

add_rule() {
	run_reloop fault "$DEV" add "$@"
	assert_eq "$STATUS" 0 "status of fault add $*"
}

clear_rules() {
	run_reloop fault "$DEV" clear
	assert_eq "$STATUS" 0 'status of fault clear'
}

# one_rule WORD...: this, and no other.
one_rule() {
	clear_rules
	add_rule "$@"
}

rules() {
	own_attribute "$DEV" faults
}

# hits: how often the first rule has hit.
hits() {
	hits_of 1
}

hits_of() {
	rules | sed -n "$1s/.* hits=//p"
}

# read_blocks FIRST [COUNT]: of 4096 bytes, past the page cache of the device, a request each.
read_blocks() {
	dd if="$DEV" bs=4096 skip="$1" count="${2:-1}" iflag=direct status=none
}

# write_blocks FIRST COUNT: the same from standard input.
write_blocks() {
	dd of="$DEV" bs=4096 seek="$1" count="$2" iflag=fullblock oflag=direct conv=notrunc status=none
}

# fails_with WORDS COMMAND...: so says the program.
fails_with() {
	run_captured "${@:2}"
	[[ $STATUS != 0 ]] || fail "${*:2} has succeeded"
	assert_match "$ERR" "$1" "${*:2}"
}

# milliseconds COMMAND...: how long it takes.
milliseconds() {
	local begin=${EPOCHREALTIME/./}

	"$@" > /dev/null
	echo $(((${EPOCHREALTIME/./} - begin) / 1000))
}

# bits_that_differ FILE FILE
bits_that_differ() {
	perl -e 'local $/; open(A, $ARGV[0]); open(B, $ARGV[1]); print unpack("%32b*", <A> ^ <B>)' "$1" "$2"
}

is_hanging() {
	(($(hits) > 0))
}
