# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A view of a large image that can be written to, and leaves the image as it is: what it takes to have one, and to be rid of
# it again. The columns are ways to have one: an overlay, a copy, and two that other programs make.

readonly BASE_SIZE=100G
readonly BASE_WRITTEN_MIB=64
readonly COW_SIZE=1G
readonly WAYS='overlay copy nbd snapshot'

group_overlays() {
	local made ways=$WAYS

	null_disk bench 1024
	mkfs.ext4 -q "$DISK"
	mount "$DISK" "$BACKING"
	make_base
	prepare_ways
	# As with all that is attached, most of it would be udev's work.
	udevadm control --exit
	warm_up
	each_round measure_views
	/lib/systemd/systemd-udevd --daemon 2> /dev/null
	umount "$BACKING"
	drop_null_disk bench
}

# Sparse, as most large images are.
make_base() {
	dd if=/dev/urandom of="$BACKING/base" bs=1M count="$BASE_WRITTEN_MIB" conv=fsync status=none
	truncate --size="$BASE_SIZE" "$BACKING/base"
}

# What the kernel has no module for is not measured.
prepare_ways() {
	local module

	for module in nbd dm-snapshot; do
		modprobe "$module" || ways=${ways/ "${module#dm-}"/}
	done
}

# Programs are in the page cache then, and so is what is written of the base.
warm_up() {
	local way

	for way in $ways; do
		"attach_$way"
		"remove_$way"
	done
}

measure_views() {
	local way

	for way in $ways; do
		timed_view 'made and attached' "attach_$way"
		timed_view 'detached and removed' "remove_$way"
	done
	ways=$(tr ' ' '\n' <<< "$ways" | tac | paste --serial --delimiters=' ')
	measure_commands
}

timed_view() {
	timed overlays "$1" "$way" "$2"
}

# What of it is the start of a program, and what is which part.
measure_commands() {
	timed overlays 'a command that does nothing' overlay do_nothing
	timed overlays 'made: overlay create' overlay "$JOB/reloop" overlay create "$BACKING/view" "$BACKING/base"
	value overlays 'space of a new one' overlay bytes $(($(stat --format=%b "$BACKING/view") * 512))
	timed overlays 'attached: attach --overlay' overlay attach_overlay
	timed overlays 'detached: detach' overlay "$JOB/reloop" detach "$made"
	rm "$BACKING/view"
}

do_nothing() { "$JOB/reloop" --version > /dev/null; }

# attach_WAY: sets made to the device.

attach_overlay() {
	"$JOB/reloop" attach --overlay "$BACKING/view" "$BACKING/base" > made
	made=$(< made)
}

attach_copy() {
	cp --sparse=always "$BACKING/base" "$BACKING/view"
	losetup --find --show "$BACKING/view" > made
	made=$(< made)
}

attach_nbd() {
	made=/dev/nbd0
	qemu-img create -q -f qcow2 -b "$BACKING/base" -F raw "$BACKING/view"
	qemu-nbd --connect="$made" --format=qcow2 "$BACKING/view"
}

attach_snapshot() {
	local base cow

	truncate --size="$COW_SIZE" "$BACKING/view"
	losetup --find --show --read-only "$BACKING/base" > made
	base=$(< made)
	losetup --find --show "$BACKING/view" > made
	cow=$(< made)
	made="$base $cow"
	dmsetup create view --noudevsync --noudevrules \
		--table "0 $(blockdev --getsz "$base") snapshot $base $cow N 8"
}

# remove_WAY: of what was made.

remove_overlay() {
	"$JOB/reloop" detach "$made"
	rm "$BACKING/view"
}

remove_copy() {
	losetup --detach "$made"
	rm "$BACKING/view"
}

# The server ends a little later than the command that asks for that.
remove_nbd() {
	qemu-nbd --disconnect "$made" > /dev/null
	while [[ -e /sys/block/${made#/dev/}/pid ]] || fuser --silent "$BACKING/view"; do
		sleep 0.001
	done
	rm "$BACKING/view"
}

remove_snapshot() {
	dmsetup remove --noudevsync --noudevrules view
	# shellcheck disable=SC2086 # two of them
	losetup --detach $made
	rm "$BACKING/view"
}
