# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What both clocks do in the guest: drivers, disks in memory, images on them, devices.
#
# A column is what a measurement is made on: "file", the bare file, or a device on such a file: "loop", of the kernel's
# own driver, or "reloop". Each column has an image of its own. Overlays have two of their own, both of reloop: "raw" and
# "overlay".

set -euo pipefail
shopt -s inherit_errexit

JOB=${JOB:-/job}
RESULTS=$JOB/out/results
BACKING=/mnt/bench
mkdir -p "$JOB/out" "$BACKING"

# What was asked for: BENCH_ variables, which tests/bench/run explains.
# shellcheck source=/dev/null
. "$JOB/settings"

# shellcheck disable=SC2016 # jq's
jq --null-input --arg kernel "$(uname --kernel-release)" --arg fio "$(fio --version)" '$ARGS.named' > "$JOB/out/about"

# result JQ-OPTION...: a line of the results, with the options' variables in it.
result() {
	# shellcheck disable=SC2016 # jq's
	jq --null-input --compact-output '$ARGS.named' "$@" >> "$RESULTS"
}

. "$JOB/images.sh"
. "$JOB/programs.sh"

# --- drivers ---------------------------------------------------------------------------------------

# Both, the kernel's own first: reloop leaves its names alone then.
load_drivers() {
	load_driver loop
	load_driver reloop names=reloop
}

# load_driver COLUMN [PARAMETER...]
load_driver() {
	local extra

	read -ra extra <<< "$BENCH_ARGS"
	case $1 in
	loop) modprobe loop "${@:2}" ;;
	reloop) insmod "$JOB/reloop.ko" "${@:2}" "${extra[@]}" ;;
	esac
	udevadm settle
}

unload_drivers() {
	local driver

	udevadm settle
	for driver in reloop loop; do
		[[ ! -e /sys/module/$driver ]] || rmmod "$driver"
	done
}

# --- disks and images ------------------------------------------------------------------------------

# null_disk NAME MIB [PROPERTY=VALUE...]: sets DISK to a new disk, by default one that is kept in memory and answers in
# the caller's context.
null_disk() {
	local dir=/sys/kernel/config/nullb/$1 property

	modprobe null_blk nr_devices=0
	mkdir "$dir"
	for property in memory_backed=1 irqmode=0 submit_queues="$(nproc)" size="$2" "${@:3}" power=1; do
		echo "${property#*=}" > "$dir/${property%%=*}"
	done
	udevadm settle
	DISK=/dev/$1
	[[ -b $DISK ]] || DISK=/dev/nullb$(< "$dir/index")
}

drop_null_disk() {
	rmdir "/sys/kernel/config/nullb/$1"
}

# written_image FILE MIB: every block allocated and written, none of them in the page cache.
written_image() {
	[[ -b $1 ]] || fallocate --length "$2M" "$1"
	dd if=/dev/zero of="$1" bs=1M count="$2" conv=notrunc,fsync status=none
	drop_caches
}

drop_caches() {
	sync
	echo 1 > /proc/sys/vm/drop_caches
}

# --- devices ---------------------------------------------------------------------------------------

# attach COLUMN MODE IMAGE: prints what to do I/O on. MODE is how a device uses its image: direct,
# buffered, or as its command does when it is not told.
attach() {
	case $1-$2 in
	file-*) echo "$3" ;;
	loop-direct) losetup --find --show --direct-io=on "$3" ;;
	loop-buffered | loop-default) losetup --find --show "$3" ;;
	reloop-direct | raw-direct) "$JOB/reloop" attach --direct-io "$3" ;;
	overlay-direct) "$JOB/reloop" attach --direct-io --overlay "$3" "$BACKING/base" ;;
	reloop-buffered) "$JOB/reloop" attach --cache buffered "$3" ;;
	reloop-default) "$JOB/reloop" attach "$3" ;;
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
