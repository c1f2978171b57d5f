# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A sparse image on a disk that is full, and writes to it that wait for space.

. "$JOB/tests/own/common.sh"

# mount_full MIB: a file system with so much left, DIR. What fails for want of space says so.
mount_full() {
	expect_log 'critical space allocation error|I/O error|lost async page write'
	DIR=$(mount_scratch ext4 -m 0)
	fallocate --length=$(($(bytes_left) - ($1 << 20))) "$DIR/ballast"
}

bytes_left() {
	df --output=avail --block-size=1 "$DIR" | tail -1
}

# fill_up: until nothing is left. What was freed is free when it is in the journal.
fill_up() {
	local left

	sync --file-system "$DIR"
	left=$(bytes_left)
	((left < 2 << 20)) || fallocate --length=$((left - (1 << 20))) "$DIR/rest"
	dd if=/dev/zero of="$DIR/rest.end" bs=4K oflag=direct status=none 2> /dev/null || true
}

make_space() {
	rm --force "$DIR/ballast" "$DIR/rest" "$DIR/rest.end"
	sync --file-system "$DIR"
}

# attach_waiting IMAGE [OPTION...]: DEV, whose writes wait for space.
attach_waiting() {
	run_reloop attach --nospace wait "${@:2}" "$1"
	assert_eq "$STATUS" 0 'status of the attach'
	DEV=$OUT
	# What waits would keep the device.
	on_exit give_up "$DEV"
	udevadm settle
}

# give_up DEVICE: for on_exit; it may be detached.
give_up() {
	write_to error "/sys/block/${1#/dev/}/reloop/nospace" 2> /dev/null || true
}

waits_for_space() {
	(($(own_attribute "$DEV" waiting) > 0))
}

# start_writing BYTES: a program that writes so many to DEV past its page cache, from the file content, is WRITER; what
# it says is in writer.err.
start_writing() {
	random_bytes "$1" > content
	dd if=content of="$DEV" bs=1M oflag=direct conv=notrunc status=none 2> writer.err &
	WRITER=$!
	wait_for waits_for_space
}

# fails_for_space PROCESS: it has ended with ENOSPC.
fails_for_space() {
	not wait "$1" || fail 'a write without space has succeeded'
	assert_match "$(< writer.err)" 'No space left on device' 'the writer'
}

# watch_rounds: from now on rounds_done counts how often all that waits was tried again, until the test ends.
watch_rounds() {
	local event=$TRACING/events/workqueue/workqueue_execute_start

	mount_tracing
	on_exit write_to '' "$TRACING/trace"
	on_exit write_to 0 "$event/enable"
	write_to '' "$TRACING/trace"
	write_to 1 "$event/enable"
}

rounds_done() {
	grep --count 'function reloop_worker_retry' "$TRACING/trace" || true
}

# rounds_are NUMBER: at least.
rounds_are() {
	(($(rounds_done) >= $1))
}
