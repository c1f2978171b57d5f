# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A disk, FAULTY, that fails when it is told so; and what a device then says of it.

readonly FAULTY=/dev/mapper/reloop-faulty

# make_faulty_disk: on the scratch disk, and sound at first; gone when the test ends.
make_faulty_disk() {
	modprobe dm_mod
	dmsetup create "${FAULTY##*/}" --table "$(faulty_table linear)"
	on_exit remove_faulty_disk
	udevadm settle
}

# Whatever is still on it.
remove_faulty_disk() {
	[[ -e $FAULTY ]] || return 0
	losetup --detach-all
	wait_for nothing_attached
	umount --quiet "$WORK/scratch" || true
	dmsetup remove --retry "${FAULTY##*/}"
}

# Nothing can be read or written any more, whatever waits to be.
break_disk() {
	switch_disk "$(faulty_table error)"
}

mend_disk() {
	switch_disk "$(faulty_table linear)"
}

faulty_table() {
	echo "0 $(blockdev --getsz "$SYSTEM_SCRATCH") $1 $SYSTEM_SCRATCH 0"
}

switch_disk() {
	switch_table "${FAULTY##*/}" "$1" --noflush
}

# ends COMMAND...: how, "ok" or the name of the errno that the program tells of.
ends() {
	local said

	if said=$("$@" 2>&1); then
		echo ok
		return
	fi
	echo "$*: $said" >&2
	case $said in
	*'Input/output error'*) echo EIO ;;
	*'No space left on device'*) echo ENOSPC ;;
	*'Disk quota exceeded'*) echo EDQUOT ;;
	*'Operation not permitted'*) echo EPERM ;;
	*'Read-only file system'*) echo EROFS ;;
	*) echo "$said" ;;
	esac
}

# What is done to DEV, in blocks of 64 KiB, past its page cache.

write_block() {
	dd if=/dev/zero of="$DEV" bs=64K seek="$1" count=1 oflag=direct conv=notrunc status=none
}

read_block() {
	dd if="$DEV" of=/dev/null bs=64K skip="$1" count=1 iflag=direct status=none
}

fsync_device() {
	dd if=/dev/null of="$DEV" conv=fsync,notrunc status=none
}

zero_block() {
	blkdiscard --force --zeroout --offset $(($1 << 16)) --length 65536 "$DEV"
}

# tries: one after the other, and each at a place of its own; first a read of what is not in the page cache of the image.
tries() {
	echo "read $(ends read_block 40), write $(ends write_block 3), fsync $(ends fsync_device)," \
		"zeroes $(ends zero_block 20), write $(ends write_block 4), fsync $(ends fsync_device)"
}

# make_uncached_image DIR: 4 MiB, all of it on the disk and nothing of it in memory; IMAGE.
make_uncached_image() {
	IMAGE=$(make_random_image 4M "$1")
	sync "$IMAGE"
	echo 1 > /proc/sys/vm/drop_caches
}

# shut_down DIR: its file system, as if the disk had gone.
shut_down() {
	xfs_io -x -c 'shutdown -f' "$1"
}
