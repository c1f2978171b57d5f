# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The main job on an image in DIRECTORY (or on the block device IMAGE): the same steps through
# losetup, mount -o loop and reloop.

# live_through IMAGE: the image's content is lost.
live_through() {
	local image=$1 dev sum

	mkdir -p mnt

	dev=$(attach "$image")
	assert_eq "$(device_bytes "$dev")" "$(image_bytes "$image")" 'size'
	assert_eq "$(loop_attribute "$dev" backing_file)" "$image" 'backing_file'
	mkfs.ext4 -q "$dev"
	mount "$dev" mnt
	random_bytes 3M > mnt/file
	sum=$(sha256sum < mnt/file)
	umount mnt
	detach "$dev"

	mount -o loop "$image" mnt
	assert_eq "$(sha256sum < mnt/file)" "$sum" 'checksum by mount -o loop'
	cp mnt/file mnt/copy
	umount mnt
	wait_for not is_attached "$dev"

	run_reloop attach "$image"
	assert_eq "$STATUS" 0 'reloop attach'
	dev=$OUT
	assert_eq "$(loop_attribute "$dev" backing_file)" "$image" 'backing_file'
	mount "$dev" mnt
	assert_eq "$(sha256sum < mnt/copy)" "$sum" 'checksum by reloop'
	umount mnt
	run_reloop detach "$dev"
	assert_eq "$STATUS" 0 'reloop detach'
	if is_attached "$dev"; then
		fail 'reloop detach came back before the device was free'
	fi
	e2fsck -fn "$image"
}

image_bytes() {
	if [[ -b $1 ]]; then
		device_bytes "$1"
	else
		stat --format=%s "$1"
	fi
}
