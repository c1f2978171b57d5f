# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# An image on a file system that is recorded, and a file system in the image. What is in that, three functions of the
# test say, or those for files below:
#
#	CONTENT_base			what is there at first
#	CONTENT_write			POWERCUT_ROUNDS rounds, with ACKNOWLEDGE ROUND after each
#	CONTENT_check ROUND		all of it is in order, and what was acknowledged is there

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

# record_image CONTENT BELOW INSIDE CACHE SUBMIT [OPTION...]: CONTENT in a file system INSIDE in an image on one that is BELOW.
record_image() {
	format "$2" /dev/mapper/recorded
	mount -t "$2" -o "discard${BELOW_OPTIONS:-}" /dev/mapper/recorded below
	make_place_for_image
	SUBMITTED_BY=$5
	attach_image "$4" "${@:6}"
	format "$3" "$DEV"
	mount -t "$3" -o discard "$DEV" inside
	"$1_base"
	sync --file-system inside
	sync --file-system below
	acknowledged 0
	"$1_write"
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

# look_at_image CONTENT BELOW INSIDE CACHE ROUND: all of it recovers, and what was acknowledged is there.
look_at_image() {
	mount -t "$2" -o discard /dev/mapper/look below || return
	attach_image "$4"
	mount -t "$3" -o discard "$DEV" inside || return
	"$1_check" "$5" || return
	umount inside
	detach "$DEV"
	umount below
}

# try_image CONTENT BELOW INSIDE CACHE SUBMIT [REMARK]: all of the above, and cuts everywhere.
try_image() {
	local cache=$4

	[[ $cache != dontcache ]] || can_dontcache || cache=buffered
	[[ ${CUTS:-0} == 0 ]] || start_recording
	record_image "$1" "$2" "$3" "$cache" "$5"
	cut_everywhere look_at_image "$1" "$2" "$3" "$cache"
	echo "${*:2:2} $cache ${*:5}: $(wc --lines < entries) entries, $CUTS cuts"
}

files_base() {
	"$JOB/powercut" files-base inside "$POWERCUT_SEED"
}

files_write() {
	"$JOB/powercut" files-write inside "$POWERCUT_SEED" "$POWERCUT_ROUNDS" "$ACKNOWLEDGE"
}

files_check() {
	"$JOB/powercut" files-check inside "$POWERCUT_SEED" "$1"
}
