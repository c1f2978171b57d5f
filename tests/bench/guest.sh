# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the bench does in the guest: disks in memory, images on them, devices, fio.

set -euo pipefail

JOB=${JOB:-/job}
RESULTS=$JOB/out/results
mkdir -p "$JOB/out"

# shellcheck source=/dev/null
. "$JOB/settings"

# The kernel's own driver first: reloop leaves its names alone.
load_drivers() {
	modprobe loop
	# shellcheck disable=SC2154,SC2086 # from the settings; words
	insmod "$JOB/reloop.ko" names=reloop $args
}

# null_disk MIB: prints a new disk that is kept in memory and answers in the caller's context.
null_disk() {
	local dir=/sys/kernel/config/nullb/bench$RANDOM

	modprobe null_blk nr_devices=0
	mkdir "$dir"
	echo 1 > "$dir/memory_backed"
	echo 0 > "$dir/irqmode"
	echo "$1" > "$dir/size"
	echo 1 > "$dir/power"
	udevadm settle
	if [[ -b /dev/${dir##*/} ]]; then
		echo "/dev/${dir##*/}"
	else
		echo "/dev/nullb$(< "$dir/index")"
	fi
}

# written_image FILE MIB: every block allocated and written, none of them in the page cache.
written_image() {
	fallocate --length "$2M" "$1"
	dd if=/dev/zero of="$1" bs=1M count="$2" conv=notrunc oflag=direct status=none
	sync "$1"
}

drop_caches() {
	sync
	echo 1 > /proc/sys/vm/drop_caches
}

# attach COLUMN MODE IMAGE: prints what to do I/O on. MODE is direct or buffered.
attach() {
	case $1-$2 in
	file-*) echo "$3" ;;
	loop-direct) losetup --find --show --direct-io=on "$3" ;;
	loop-buffered) losetup --find --show "$3" ;;
	reloop-direct) "$JOB/reloop" attach --direct-io "$3" ;;
	reloop-buffered) "$JOB/reloop" attach "$3" ;;
	esac
	udevadm settle
}

# detach COLUMN DEVICE
detach() {
	udevadm settle
	case $1 in
	loop) losetup --detach "$2" ;;
	reloop) "$JOB/reloop" detach "$2" ;;
	esac
}

# Blocks of 4 KiB, the same ones in each run. Without "invalidate=0" fio would drop the bare file's cached pages.
readonly FIO_OPTIONS=(--bs=4k --norandommap --randrepeat=1 --fallocate=none --invalidate=0)

# fio_json TARGET [FIO-OPTION...]: one job of fio; prints its JSON.
fio_json() {
	fio --filename="$1" "${FIO_OPTIONS[@]}" "${@:2}" --output-format=json --name=bench
}
