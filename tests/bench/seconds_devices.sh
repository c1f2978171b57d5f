# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What devices themselves cost: attaching and detaching many of them, and the memory they take. There is only one
# driver at a time here, under loop's names, so that the same losetup does it for both.

readonly MEMORY_DEVICES=64

group_devices() {
	local column

	mount -t tmpfs bench "$BACKING"
	for column in loop reloop; do
		[[ " $BENCH_COLUMNS " != *" $column "* ]] || DRIVERS+=("$column")
	done
	unload_drivers
	each_round measure_attaching
	each_round measure_memory
	umount "$BACKING"
	load_drivers
}

DRIVERS=()

# make_devices COUNT: so many more, beside those there are.
make_devices() {
	local i

	for ((i = 0; i < $1; i++)); do
		"$JOB/loopctl" add > /dev/null
	done
	udevadm settle
}

# --- attaching -------------------------------------------------------------------------------------

# Most of what attaching takes is udev's time. So it rests, but for the last case.
measure_attaching() {
	local column count

	echo "attach and detach, round $((ROUND + 1))"
	for column in "${DRIVERS[@]}"; do
		load_driver "$column"
		# Making devices is another thing.
		make_devices 100
		udevadm control --exit
		for count in 1 10 100; do
			time_attaching "$count, one after the other" attach_and_detach "$count" one_after_the_other
			time_attaching "$count, all at once" attach_and_detach "$count" all_at_once
		done
		time_attaching '100, by losetup and by reloop' "by_own_command_$column" 100
		/lib/systemd/systemd-udevd --daemon 2> /dev/null
		time_attaching '20, one after the other, with udev' attach_and_detach 20 one_after_the_other
		unload_drivers
	done
}

# time_attaching CASE COMMAND...
time_attaching() {
	timed 'attach and detach' "$1" "$column" "${@:2}"
}

# attach_and_detach COUNT HOW: to the end, which is when the last device is free again.
attach_and_detach() {
	local image

	for image in $(small_images "$1"); do
		"$2" losetup --find "$image"
	done
	wait
	for image in $(attached_devices); do
		"$2" losetup --detach "$image"
	done
	wait
	until_all_free
}

one_after_the_other() { "$@"; }

all_at_once() { "$@" & }

by_own_command_loop() { attach_and_detach "$1" one_after_the_other; }

by_own_command_reloop() {
	local image

	for image in $(small_images "$1"); do
		"$JOB/reloop" attach "$image" > /dev/null
	done
	"$JOB/reloop" detach --all
	until_all_free
}

# small_images COUNT: prints their names.
small_images() {
	local i

	for ((i = 0; i < $1; i++)); do
		truncate --size=1M "$BACKING/small.$i"
		echo "$BACKING/small.$i"
	done
}

attached_devices() {
	local file dir

	for file in /sys/block/loop*/loop/backing_file; do
		[[ -e $file ]] || continue
		dir=${file%/loop/backing_file}
		echo "/dev/${dir##*/}"
	done
}

# udev may be the last who has a device open.
until_all_free() {
	while [[ $(attached_devices) ]]; do
		sleep 0.01
	done
}

# --- memory ----------------------------------------------------------------------------------------

measure_memory() {
	local column before idle attached

	echo "memory, round $((ROUND + 1))"
	for column in "${DRIVERS[@]}"; do
		load_driver "$column" max_loop=0
		attach_and_detach 1 one_after_the_other
		before=$(kernel_memory)
		make_devices "$MEMORY_DEVICES"
		idle=$(kernel_memory)
		attach_all_devices
		attached=$(kernel_memory)
		value memory 'an unattached device' "$column" bytes $(((idle - before) / MEMORY_DEVICES))
		value memory 'an attached device' "$column" bytes $(((attached - before) / MEMORY_DEVICES))
		value memory 'the module' "$column" bytes "$(awk -v name="$column" '$1 == name { print $2 }' /proc/modules)"
		losetup --detach-all
		until_all_free
		unload_drivers
	done
}

attach_all_devices() {
	local image

	for image in $(small_images "$MEMORY_DEVICES"); do
		losetup --find "$image"
	done
	udevadm settle
}

# Bytes of slab, percpu memory, kernel stacks, vmalloc and page tables, once what can be given back is.
kernel_memory() {
	local again

	udevadm settle
	for again in 1 2 3; do
		sync
		echo 3 > /proc/sys/vm/drop_caches
	done
	awk '/^(Slab|Percpu|KernelStack|VmallocUsed|PageTables):/ { kib += $2 } END { print kib * 1024 }' /proc/meminfo
}
