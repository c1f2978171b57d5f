# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The ioctls that reloop adds, by ownctl.c. OWNCTL is the program; the one for 32 bits is another.

OWNCTL=$JOB/ownctl

# attach_one FILE [KEY=VALUE...]: sets NUMBER, DISKSEQ, DEV, and GOT, all that the call answered.
attach_one() {
	GOT=$("$OWNCTL" attach "$@") || fail "not attached: $GOT"
	read_answer
}

read_answer() {
	NUMBER=$(answer number)
	DISKSEQ=$(answer diskseq)
	DEV=/dev/loop$NUMBER
}

# answer KEY: of what the last attach_one or hold_one got.
answer() {
	sed --regexp-extended "s/.*\b$1=([^ ]*).*/\1/" <<< "$GOT"
}

detach_one() {
	"$OWNCTL" detach "$NUMBER" "$DISKSEQ" -1
}

# hold_one FILE [KEY=VALUE...]: the same by a program that keeps the control node open, for ever or with poll=1; it is
# $HOLDER.
hold_one() {
	rm -f holder.out
	[[ $* == *poll=1 ]] || set -- "$@" hold=1
	"$OWNCTL" attach "$@" > holder.out &
	HOLDER=$!
	on_exit kill_quietly "$HOLDER"
	wait_for test -s holder.out
	GOT=$(< holder.out)
	read_answer
}

# stop_holder SIGNAL: and wait until it is gone.
stop_holder() {
	kill "-$1" "$HOLDER"
	wait "$HOLDER" || true
}

# assert_own_errno ERRNO ARGUMENT...: refused with exactly that, and nothing has come of it; unless udev is looking at
# a device that was made for it, which goes when udev is done.
assert_own_errno() {
	local before

	before=$(devices_there)
	assert_fails "$OWNCTL" "${@:2}"
	assert_eq "$REFUSAL" "$1" "${*:2}"
	wait_for devices_are "$before"
}

# devices_there: every device, attached or not, and which are.
devices_there() {
	printf '%s\n' /sys/block/loop*
	attached_devices
}

devices_are() {
	[[ $(devices_there) == "$1" ]]
}

is_there() {
	[[ -e /sys/block/${1#/dev/} ]]
}

# own_attribute DEVICE NAME: reads /sys/block/DEVICE/reloop/NAME.
own_attribute() {
	cat "/sys/block/${1#/dev/}/reloop/$2"
}

# is_autoclear DEVICE: by now it waits for its last close.
is_autoclear() {
	[[ $(loop_attribute "$1" autoclear) == 1 ]]
}
