# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash

# MODEL_SECONDS is how long each round is.

# attach_overlay OVERLAY BASE [WORD...]: prints the device. The words are those of ownctl attach.
attach_overlay() {
	local number

	number=$("$JOB/ownctl" attach "$1" format=1 base="$2" "${@:3}") || fail "attach $1: $number"
	[[ $number =~ ^number=([0-9]+) ]]
	echo "/dev/loop${BASH_REMATCH[1]}"
}

# model_round OVERLAY BASE SEED [COMMAND...]: attached, and changed as the device is told, MODEL is changed as the overlay is. The
# command gets the device before. QEMU finds the overlay sound and sees the same in it afterwards.
model_round() {
	local dev

	dev=$(attach_overlay "$1" "$2")
	"${@:4}" "$dev"
	"$JOB/model" "$dev" "$MODEL" "$MODEL_SECONDS" "$3" 6 || fail "seed $3"
	udevadm settle
	detach "$dev"
	assert_sound "$1"
	assert_shows "$1" "$MODEL"
}

# By another program, as MODEL: it takes from the overlay that it is laid out by us.
model_foreign() {
	qemu_write "$1" 'write -P 171 4096 1048576' 'write -P 172 513k 512' 'write -z 3M 70k'
	model_fill 171 4096 1048576
	model_fill 172 525312 512
	model_fill 0 3145728 71680
}

# model_fill BYTE OFFSET LENGTH
model_fill() {
	head --bytes="$3" /dev/zero | tr '\0' "\\$(printf '%o' "$1")" |
		dd of="$MODEL" bs=512 seek=$(($2 / 512)) conv=notrunc status=none iflag=fullblock
}
