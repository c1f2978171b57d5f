# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# How people build images by script: a file system, the files of a Debian system in it, a command in that, and a copy of
# the image. For both clocks. The bare file's column is the same in a directory, of which there is no copy. One more
# column is "unflushed": reloop with --flush=ignore.

readonly BUILT_IMAGE_MIB=700
readonly ROOT_MIB=200

# make_root: root.tar, of this system: what a command needs in a chroot first, and then as much as an image of it may have.
make_root() {
	(
		cd /
		{
			find bin sbin lib lib64 usr/lib64 usr/bin/true -printf '%p\t%s\n'
			find usr/lib/*-linux-gnu -maxdepth 1 '(' -name 'ld-linux*' -o -name 'libc.so.*' ')' -printf '%p\t%s\n'
			find usr/bin usr/lib usr/share -xdev '(' -type f -o -type l ')' -printf '%p\t%s\n' | LC_ALL=C sort
		} | awk -F '\t' -v most=$((ROOT_MIB << 20)) '!seen[$1]++ && (size += $2) <= most { print $1 }'
	) > root.list
	tar --create --file=root.tar --directory=/ --no-recursion --files-from=root.list
}

# build_image COLUMN FS: in $BACKING; what the page cache has when all is written and still mounted is in page_cache, in bytes.
build_image() {
	local image=$BACKING/$1.image dev

	export BUILD_FS=$2 BUILD_ROOT=$PWD/root.tar BUILD_DIR=$PWD/built BUILD_CACHE=$PWD/page_cache
	mkdir -p "$BUILD_DIR"
	[[ $1 == file ]] || truncate --size="${BUILT_IMAGE_MIB}M" "$image"
	case $1 in
	file)
		BUILD_DIR=$BACKING/built
		mkdir "$BUILD_DIR"
		fill_root
		sync_root
		;;
	loop)
		dev=$(losetup --find --partscan --show "$image")
		build_on "$dev"
		losetup --detach "$dev"
		;;
	reloop) run_build "$image" ;;
	unflushed) run_build "$image" --flush=ignore ;;
	esac
	[[ $1 == file ]] || cp --sparse=always "$image" "$BACKING/copy"
}

run_build() {
	# shellcheck disable=SC2016 # expanded inside
	"$JOB/reloop" run "${@:2}" "$1" -- bash -euc '. "$0"; build_on "$RELOOP_DEVICE"' "$JOB/images.sh"
}

# drop_image COLUMN
drop_image() {
	rm -rf "$BACKING/$1.image" "$BACKING"/{copy,built}
	sync
}

build_on() {
	"mkfs.$BUILD_FS" -q "$1"
	mount "$1" "$BUILD_DIR"
	fill_root
	fstrim "$BUILD_DIR"
	sync_root
	umount "$BUILD_DIR"
}

fill_root() {
	tar --extract --file="$BUILD_ROOT" --directory="$BUILD_DIR"
	chroot "$BUILD_DIR" /usr/bin/true
}

# Unmounting would do the same; only then the page cache has as much as it will have.
sync_root() {
	sync --file-system "$BUILD_DIR"
	page_cache_bytes > "$BUILD_CACHE"
}

page_cache_bytes() {
	awk '$1 ~ /^(Cached|Buffers):/ { kib += $2 } $1 == "Shmem:" { kib -= $2 } END { print kib * 1024 }' /proc/meminfo
}
