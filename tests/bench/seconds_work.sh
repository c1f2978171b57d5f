# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What people do with loop devices: a file system on one, and files in that. The bare file's column is the same work
# in a directory of the file system that the images are on.

readonly WORK_IMAGE_MIB=256
# Enough to be measured, little enough to wait for.
readonly TREE_FILES=2000
readonly SYNCED_FILES=300

group_files() {
	local column mode

	make_tree
	null_disk bench $((4 * WORK_IMAGE_MIB))
	mkfs.ext4 -q "$DISK"
	mount "$DISK" "$BACKING"
	declare -gA IMAGE=() TARGET=()
	for column in $BENCH_COLUMNS; do
		IMAGE[$column]=$BACKING/$column.image
		written_image "${IMAGE[$column]}" "$WORK_IMAGE_MIB"
	done
	for mode in direct buffered; do
		each_round work_on_files "$mode"
	done
	drop_backing
}

# The first small files of this Debian, in one archive.
make_tree() {
	(cd / && find usr/share usr/lib -xdev -type f -size -64k) | LC_ALL=C sort > all.list
	head --lines="$TREE_FILES" all.list > tree.list
	tar --create --file=tree.tar --directory=/ --files-from=tree.list
}

work_on_files() {
	local mode=$1 column dir

	echo "files on a file system on a device, $mode, round $((ROUND + 1))"
	for column in $BENCH_COLUMNS; do
		drop_caches
		TARGET[$column]=$(attach "$column" "$mode" "${IMAGE[$column]}")
		dir=$BACKING/$column.files
		mkdir -p "$dir"
		timed "file system on top, $mode" 'mkfs, untar, sync, umount' "$column" untar_tree "$column" "$dir"
		timed "file system on top, $mode" 'small files, fsync each' "$column" write_synced_files "$column" "$dir"
		detach "$column" "${TARGET[$column]}"
		rm -rf "$dir"
	done
}

untar_tree() {
	on_file_system "$1" "$2" mkfs tar --extract --file="$PWD/tree.tar" --directory="$2"
}

write_synced_files() {
	on_file_system "$1" "$2" keep fio --name=synced --output=/dev/null --directory="$2" --rw=write --bs=4k \
		--nrfiles="$SYNCED_FILES" --filesize=4k --openfiles=1 --file_service_type=sequential \
		--create_on_open=1 --fsync_on_close=1 --fallocate=none
}

# on_file_system COLUMN DIR mkfs|keep COMMAND...: with the column's device mounted on DIR, or a bare DIR.
on_file_system() {
	local column=$1 dir=$2

	[[ $column == file || $3 == keep ]] || mkfs.ext4 -q "${TARGET[$column]}"
	[[ $column == file ]] || mount "${TARGET[$column]}" "$dir"
	"${@:4}"
	sync --file-system "$dir"
	[[ $column == file ]] || umount "$dir"
}

# --- images ----------------------------------------------------------------------------------------

group_images() {
	local fs

	make_root
	null_disk bench $((2 * BUILT_IMAGE_MIB))
	mkfs.ext4 -q "$DISK"
	mount "$DISK" "$BACKING"
	for fs in ext4 xfs btrfs; do
		each_round build_images "$fs"
	done
	drop_backing
}

# In-tree is what --flush=ignore is compared with, too.
build_images() {
	local fs=$1 column cases

	echo "building images, $fs, round $((ROUND + 1))"
	for column in $BENCH_COLUMNS unflushed; do
		case $column in
		loop) cases=('' ', --flush=ignore') ;;
		unflushed) cases=(', --flush=ignore') ;;
		*) cases=('') ;;
		esac
		drop_caches
		time_build "$column" "$fs" "${cases[@]}"
		drop_image "$column"
	done
}

# time_build COLUMN FS CASE...
time_build() {
	local column=${1/unflushed/reloop} began=${EPOCHREALTIME/./} seconds what empty

	empty=$(page_cache_bytes)
	build_image "$1" "$2"
	seconds=$(in_seconds $((${EPOCHREALTIME/./} - began)))
	for what in "${@:3}"; do
		value 'building an image' "$2$what" "$column" s "$seconds"
		value 'page cache while building' "$2$what" "$column" bytes $(($(< page_cache) - empty))
	done
}

# --- programs --------------------------------------------------------------------------------------

group_programs() {
	local name program

	begin_programs
	while IFS='|' read -r name _ program; do
		warm_up_program "$program" < /dev/null
		each_round time_program "$name" "$program" < /dev/null
	done <<< "$PROGRAMS"
	end_programs
}

# time_program NAME PROGRAM
time_program() {
	local column

	for column in $BENCH_COLUMNS; do
		measure_program "$column" "$2" timed "$PROGRAMS_GROUP" "$1" "$column"
	done
}
