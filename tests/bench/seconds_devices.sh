# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What devices themselves cost: attaching and detaching them, and the memory they take.

readonly DEVICES=100
readonly THOUSAND=1000
# Drivers make some devices when they are loaded. The others are made here.
FIRST_DEVICE=16

group_devices() {
	mount -t tmpfs bench "$BACKING"
	# Most of what happens when a device comes to life is udev's work, and the same for all drivers.
	udevadm control --exit
	each_round measure_memory
	each_round measure_attaching
	/lib/systemd/systemd-udevd --daemon 2> /dev/null
	each_round measure_attaching_with_udev
	umount "$BACKING"
}

# The columns that have devices.
drivers() {
	tr ' ' '\n' <<< "$BENCH_COLUMNS" | grep loop
}

# --- memory ----------------------------------------------------------------------------------------

# Each round makes devices of its own, and those of the last one are attached later: making them is another thing.
measure_memory() {
	local column before idle attached

	FIRST_DEVICE=$((FIRST_DEVICE + DEVICES))
	for_devices - make_image
	for column in $(drivers); do
		read -ra before < <(kernel_memory)
		for_devices "$column" make_device
		read -ra idle < <(kernel_memory)
		for_devices "$column" attach_device
		read -ra attached < <(kernel_memory)
		for_devices "$column" detach_device
		until_all_free
		value_memory 'an unattached device, slab and percpu' "${before[0]}" "${idle[0]}"
		value_memory 'an attached device, slab and percpu' "${before[0]}" "${attached[0]}"
		value_memory 'an unattached device, all pages' "${before[1]}" "${idle[1]}"
		value memory 'the module' "$column" bytes "$(awk -v name="$column" '$1 == name { print $2 }' /proc/modules)"
	done
}

# value_memory CASE BEFORE AFTER
value_memory() {
	value memory "$1" "$column" bytes $((($3 - $2) * 1024 / DEVICES))
}

# Prints the KiB of slab, percpu memory and kernel stacks, which are exact, and of all pages that are neither programs'
# nor can be given back, which are more (a device's requests are in none of those) and change by themselves.
kernel_memory() {
	local again

	for again in 1 2 3; do
		sync
		echo 3 > /proc/sys/vm/drop_caches
	done
	echo 1 > /proc/sys/vm/compact_memory
	awk '
		{ kib[$1] = $2 }
		END {
			print kib["SUnreclaim:"] + kib["Percpu:"] + kib["KernelStack:"],
				kib["MemTotal:"] - kib["MemFree:"] - kib["Buffers:"] - kib["Cached:"] \
				- kib["AnonPages:"] - kib["SReclaimable:"]
		}
	' /proc/meminfo
}

# --- attaching -------------------------------------------------------------------------------------

measure_attaching() {
	local column count

	for count in 1 10 "$DEVICES"; do
		for column in $(drivers); do
			time_attaching "$count, one after the other" one_after_the_other "$count"
		done
		for column in $(drivers); do
			time_attaching "$count, all at once" all_at_once "$count"
		done
	done
	for column in $(drivers); do
		time_attaching "$DEVICES, by losetup --nooverlap or reloop" "by_command_$column"
	done
}

measure_attaching_with_udev() {
	local column

	for column in $(drivers); do
		time_attaching '20, one after the other, with udev' one_after_the_other 20
	done
}

# time_attaching CASE COMMAND...
time_attaching() {
	timed 'attach and detach' "$1" "$column" "${@:2}"
}

# one_after_the_other COUNT: by one program.
one_after_the_other() {
	"$JOB/attacher" "/dev/$column" "$BACKING/small." "$FIRST_DEVICE" "$1"
	until_all_free
}

# all_at_once COUNT: by a program for each device.
all_at_once() {
	for_devices "$column" start_attaching "$1"
	wait
	for_devices "$column" start_detaching "$1"
	wait
	until_all_free
}

by_command_loop() {
	for_devices loop attach_by_losetup
	all_away_loop
}

by_command_reloop() {
	for_devices reloop attach_by_reloop
	all_away_reloop
}

# --- a thousand ------------------------------------------------------------------------------------

# By the commands that people use, which find the devices themselves; two rounds, for each takes minutes.
group_thousand() {
	local i

	mount -t tmpfs bench "$BACKING"
	for ((i = 0; i < THOUSAND + 1; i++)); do
		truncate --size=1M "$BACKING/many.$i"
	done
	udevadm control --exit
	BENCH_ROUNDS=2 each_round measure_thousand
	/lib/systemd/systemd-udevd --daemon 2> /dev/null
	umount "$BACKING"
}

measure_thousand() {
	local column

	for column in $(drivers); do
		commands_of "$column"
		time_thousand 'one alone, attached and detached, 10 times' one_more
		time_thousand 'attached one after the other' many_serially
		time_thousand 'one more, attached and detached, 10 times' one_more
		time_thousand 'detached by one command' "all_away_$column"
		time_thousand 'attached by 16 at once' many_at_once
		"all_away_$column"
	done
}

# commands_of COLUMN: sets ATTACH, which prints the device, and DETACH.
commands_of() {
	ATTACH=("$JOB/reloop" attach) DETACH=("$JOB/reloop" detach)
	[[ $1 == reloop ]] || ATTACH=(losetup --find --show) DETACH=(losetup --detach)
}

# time_thousand CASE COMMAND...
time_thousand() {
	timed 'a thousand devices' "$1" "$column" "${@:2}"
}

one_more() {
	local i

	for ((i = 0; i < 10; i++)); do
		"${DETACH[@]}" "$("${ATTACH[@]}" "$BACKING/many.$THOUSAND")"
	done
}

many_serially() {
	local i

	for ((i = 0; i < THOUSAND; i++)); do
		"${ATTACH[@]}" "$BACKING/many.$i" > /dev/null
	done
}

many_at_once() {
	seq --format="$BACKING/many.%.0f" 0 $((THOUSAND - 1)) | xargs --max-procs=16 --max-args=1 "${ATTACH[@]}" > /dev/null
}

all_away_loop() {
	losetup --detach-all
	until_all_free
}

all_away_reloop() {
	"$JOB/reloop" detach --all
	until_all_free
}

# --- devices ---------------------------------------------------------------------------------------

# for_devices COLUMN FUNCTION [COUNT]: calls it with the driver, whose devices are called like it, and a number.
for_devices() {
	local i

	for ((i = FIRST_DEVICE; i < FIRST_DEVICE + ${3:-DEVICES}; i++)); do
		"$2" "$1" "$i"
	done
}

make_image() { truncate --size=1M "$BACKING/small.$2"; }

make_device() { "$JOB/loopctl" --control "/dev/$1-control" add "$2" > /dev/null; }

attach_device() { "$JOB/loopctl" configure "/dev/$1$2" "$BACKING/small.$2"; }

detach_device() { "$JOB/loopctl" clr-fd "/dev/$1$2"; }

start_attaching() { attach_device "$@" & }

start_detaching() { detach_device "$@" & }

attach_by_losetup() { losetup --find --nooverlap "$BACKING/small.$2"; }

attach_by_reloop() { "$JOB/reloop" attach "$BACKING/small.$2" > /dev/null; }

# udev may be the last who has a device open.
until_all_free() {
	while compgen -G '/sys/block/*/loop/backing_file' > /dev/null; do
		sleep 0.01
	done
}
