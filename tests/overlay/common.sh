# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash

# overlay_well ARGUMENT...: as run_reloop overlay, and it says nothing.
overlay_well() {
	run_reloop overlay "$@"
	assert_eq "$STATUS" 0 "overlay $1"
	assert_eq "$OUT$ERR" '' 'output'
}

# status_of FILE KEY: of what overlay status --json tells.
status_of() {
	"$JOB/reloop" overlay status --json "$1" | jq --raw-output ".$2"
}

# assert_sound FILE: QEMU finds nothing wrong with it, no cluster that is lost either.
assert_sound() {
	qemu-img check "$1" >&2 || fail "$1: qemu-img check"
}

# assert_shows FILE RAW: a reader of the format sees in the overlay what is in RAW.
assert_shows() {
	qemu-img compare -f qcow2 -F raw "$1" "$2" >&2 || fail "$1 does not show what $2 has"
}

# qemu_write FILE COMMAND...: by qemu-io, as another program that writes to an overlay.
qemu_write() {
	local file=$1 command commands=()

	shift
	for command; do
		commands+=(-c "$command")
	done
	qemu-io -f qcow2 "${commands[@]}" "$file" > .qemu-io
	cat .qemu-io
	not grep -E 'failed|error' .qemu-io || fail "qemu-io: $*"
}

# patch FILE OFFSET HEX: these bytes there.
patch() {
	xxd -revert -plain <<< "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# number FILE OFFSET: the 64 bits there.
number() {
	echo $((0x$(xxd -plain -seek "$2" -len 8 "$1")))
}

# Where the tables of an overlay are.
l1_of() {
	number "$1" 40
}

l2_of() {
	echo $(($(number "$1" "$(l1_of "$1")") & 0x00fffffffffffe00))
}

# hostile FUNCTION OVERLAY: calls FUNCTION with a damaged copy of OVERLAY, whose size is 1 MiB, and a word of the sentence that
# says what is the matter.
hostile() {
	local l1 l2 patches one word foreign=88:0000000000000000

	l1=$(l1_of "$2")
	l2=$(l2_of "$2")
	while read -r patches word; do
		cp --sparse=always "$2" bad
		for one in ${patches//,/ }; do
			patch bad $((${one%:*})) "${one#*:}"
		done
		"$1" bad "$word"
	done <<-END
		0:00				does not begin as a qcow2 image
		4:00000002			another version
		4:00000004			another version
		100:00000008			contradicts itself
		100:fffffff8			contradicts itself
		100:0000006c			contradicts itself
		72:0000000000000011		a program ended while it wrote
		72:0000000000000012		found it damaged
		72:0000000000000014		another file
		72:0000000000000030		a feature that is not known
		72:0000000000000000		without extended L2
		88:0000200000000001		a feature that is not known
		20:00000010			not of 128 KiB
		32:00000001			encrypted
		60:00000001			snapshots inside
		24:0000000000000000		its size
		24:00000000000001ff		its size
		24:7ffffffffffffe00		its size
		96:00000003			not of 16 bits
		116:fffffff0			contradicts itself
		120:786d6c			no raw image
		8:0000000000000000		names no base
		132:fffffff0			contradicts itself
		40:0000000000080000		contradicts itself
		$foreign,40:7fffffffff000000	one of its tables
		$foreign,40:0000000000060200	one of its tables
		$foreign,40:0000000000020000	one of its tables
		$foreign,48:7fffffffff000000	one of its tables
		$foreign,48:0000000000000000	one of its tables
		$foreign,56:00000000		one of its tables
		$foreign,56:ffffffff		one of its tables
		$foreign,36:00000000		one of its tables
		$foreign,36:ffffffff		one of its tables
		$foreign,48:1234567890abcdef	one of its tables
		$foreign,$((l1+7)):01		one of its tables
		$foreign,$l1:8000000000000200	one of its tables
		$foreign,$l1:8000000000020000	one of its tables
		$foreign,$l1:80fffffffffe0000	one of its tables
		$foreign,$l2:8000000000020000	lies outside
		$foreign,$l2:80fffffffffe0000	lies outside
		$foreign,$l2:0000000000000000,$((l2+8)):0000000000000001	lies outside
		$foreign,$((l2+16)):$(printf '%016x' "$(number "$2" "$l2")")	lies outside
		$foreign,$l2:$(printf '%016x' $(($(number "$2" "$l2") + (1 << 49))))	lies outside
		$foreign,$((l2+6)):02		lies outside
		$foreign,$((l2+7)):01		lies outside
		$foreign,$l2:c000000000100000	compressed
		$foreign,$((l2+8)):0000000100000001	data and zero at once
	END
}

# hold FILE [OPTION]: has it open, as a machine would have, until release.
hold() {
	local format=raw

	[[ $1 != over ]] || format=qcow2
	mkfifo hold
	qemu-io "${@:2}" -f "$format" "$1" < hold > held 2>&1 &
	HOLDER=$!
	on_exit kill_quietly "$HOLDER"
	exec {HOLD_FD}> hold
	echo 'read 0 512' >&"$HOLD_FD"
	wait_for grep 'read 512' held
}

release() {
	exec {HOLD_FD}>&-
	wait "$HOLDER"
	rm hold held
}
