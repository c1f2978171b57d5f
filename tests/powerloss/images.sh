# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# An image on a file system that is recorded, and a file system in the image.

. "$JOB/tests/cache/common.sh"

# A superblock or a block of a tree that is torn is more than a file system can stand.
TORN_UNIT=4096
DISK_MIB=400
IMAGE_MIB=160

# format FSTYPE DEVICE: small, and without a look at what is there.
format() {
	case $1 in
	ext4) mkfs.ext4 -q -F -E nodiscard "$2" ;;
	xfs) mkfs.xfs -q -f -K --unsupported "$2" ;;
	btrfs) mkfs.btrfs -q -f -K "$2" ;;
	esac
}

# record_files BELOW INSIDE CACHE SUBMIT [OPTION...]: rounds of files in a file system INSIDE in an image on one that is BELOW.
record_files() {
	format "$1" /dev/mapper/recorded
	mount -t "$1" -o "discard${BELOW_OPTIONS:-}" /dev/mapper/recorded below
	make_place_for_image
	SUBMITTED_BY=$4
	attach_image "$3" "${@:5}"
	format "$2" "$DEV"
	mount -t "$2" -o discard "$DEV" inside
	"$JOB/powercut" files-base inside "$POWERCUT_SEED"
	sync --file-system inside
	sync --file-system below
	acknowledged 0
	"$JOB/powercut" files-write inside "$POWERCUT_SEED" "$POWERCUT_ROUNDS" "$ACKNOWLEDGE"
	umount inside
	detach "$DEV"
	umount below
	end_recording
}

# Every other one has its space allocated.
make_place_for_image() {
	truncate --size="${IMAGE_MIB}M" below/image
	((POWERCUT_SEED % 2)) || fallocate --length="${IMAGE_MIB}M" below/image
}

# attach_image CACHE [OPTION...]: sets DEV.
attach_image() {
	run_reloop attach --cache "$1" "${@:2}" below/image
	assert_eq "$STATUS" 0 'attach'
	DEV=$OUT
	run_reloop set "$DEV" --submit "$SUBMITTED_BY"
	assert_eq "$STATUS" 0 'set --submit'
}

# look_at_files BELOW INSIDE CACHE ROUND: all of them recover, and what was acknowledged is there.
look_at_files() {
	mount -t "$1" -o discard /dev/mapper/look below || return
	attach_image "$3"
	mount -t "$2" -o discard "$DEV" inside || return
	"$JOB/powercut" files-check inside "$POWERCUT_SEED" "$4" || return
	umount inside
	detach "$DEV"
	umount below
}
