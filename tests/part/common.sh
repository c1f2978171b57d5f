# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash

# make_gpt TARGET: partition 1 of 8 MiB at 1 MiB, partition 2 of 4 MiB after it.
make_gpt() {
	sgdisk --clear --new=1:1M:+8M --new=2:0:+4M --typecode=1:8300 "$1"
	udevadm settle
}

# make_mbr TARGET: the same places.
make_mbr() {
	printf '%s\n' 'label: dos' 'start=2048, size=16384, type=83' 'size=8192, type=83' |
		sfdisk --no-reread --no-tell-kernel "$1"
}

# assert_two_partitions DEVICE
assert_two_partitions() {
	wait_for has_partition "$1" 1
	wait_for has_partition "$1" 2
	assert_eq "$(partition_attribute "$1" 1 start)" 2048 'start of partition 1'
	assert_eq "$(partition_attribute "$1" 1 size)" 16384 'size of partition 1'
	assert_eq "$(partition_attribute "$1" 2 start)" 18432 'start of partition 2'
	assert_eq "$(device_bytes "${1}p2")" $((4 << 20)) 'size of partition 2'
}

# A node and what sysfs has of its partition go one after the other.
assert_no_partition() {
	wait_for has_none_left "$1"
}

has_none_left() {
	local left

	left=$(compgen -G "/sys/block/${1#/dev/}/${1#/dev/}p*"; compgen -G "${1}p*")
	[[ ! $left ]]
}

# take_device: a free device in DEV, held.
take_device() {
	DEV=/dev/loop$(loopctl get-free)
	hold_device "$DEV"
}
