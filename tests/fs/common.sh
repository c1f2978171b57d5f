# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# mkfs, fill, fsck, and everything still there: fill_and_check MKFS FSCK, each a command to which
# the device is added.

fill_and_check() {
	local mkfs=$1 fsck=$2 dir dev image

	dir=$(mount_scratch ext4)
	image=$(make_image 320M "$dir")
	mkdir mnt
	dev=$(attach "$image")
	$mkfs "$dev"
	mount "$dev" mnt
	plant_tree mnt/tree
	fill_up mnt/rest
	(cd mnt && find . -type f -exec sha256sum {} + > ../sums)
	umount mnt
	$fsck "$dev"
	detach "$dev"

	dev=$(attach --direct-io=on "$image")
	mount "$dev" mnt
	(cd mnt && sha256sum --quiet --check ../sums)
	rm -r mnt/tree
	fstrim mnt || true
	umount mnt
	$fsck "$dev"
	detach "$dev"
	umount_scratch
}

# Some hundred small files, some in deep directories.
plant_tree() {
	local i

	for ((i = 0; i < 20; i++)); do
		mkdir -p "$1/$i/a/b"
		random_bytes 20K | split --bytes=1500 - "$1/$i/a/b/f"
	done
}

# Writes until the file system is full, or holds 64 MiB more.
fill_up() {
	head --bytes=64M /dev/urandom > "$1" 2> /dev/null || true
}
