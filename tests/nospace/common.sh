# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A sparse image on a disk that is full, and writes to it that wait for space.

. "$JOB/tests/own/common.sh"
. "$JOB/tests/submit/common.sh"

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

# write_file_system FSTYPE SIZE FILE [OPTION...]: all of it to FILE, but what is free takes no space; OPTION is for the attach.
# In what is not free, the file system on the device then finds space for what it writes there.
write_file_system() {
	local dev

	rm --force plain
	truncate --size="$2" plain
	case $1 in
		ext4) mkfs.ext4 -q -E lazy_itable_init=0 -m 0 plain ;;
		*) "mkfs.$1" -q plain ;;
	esac
	run_reloop attach "${@:4}" "$3"
	assert_eq "$STATUS" 0 'status of the attach'
	dev=$OUT
	udevadm settle
	dd if=plain of="$dev" bs=1M oflag=direct conv=fsync status=none
	mount "$dev" mnt
	fstrim mnt
	umount mnt
	detach "$dev"
}

# gives_back FILE [OPTION...]: a program waits for space in the file system on a device, until what is deleted and discarded
# there is space below.
gives_back() {
	local discarder

	attach_waiting "$@"
	mount "$DEV" mnt
	dd if=/dev/urandom of=mnt/big bs=1M count=8 oflag=direct conv=fsync status=none
	random_bytes 4M > content
	fill_up
	dd if=content of=mnt/new bs=1M oflag=direct conv=fsync status=none 2> writer.err &
	WRITER=$!
	wait_for waits_for_space
	discard_deleted &
	discarder=$!
	wait_for not is_running "$WRITER"
	wait "$WRITER" || fail "the writer has failed: $(< writer.err)"
	wait "$discarder" || fail 'what was deleted has not been discarded'
	umount mnt
	mount "$DEV" mnt
	assert_same mnt/new content
	umount mnt
	detach "$DEV"
}

# What was deleted is free when it is in the journal.
discard_deleted() {
	rm mnt/big
	while waits_for_space; do
		sync mnt
		fstrim mnt
		sleep 0.2
	done
}
