# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A device whose write cache is volatile, and whose power is cut.

. "$JOB/tests/own/common.sh"

# What is said of a device whose power is cut.
readonly CUT_LOG='dev loop[0-9]|lost (async|sync) page write|EXT4-fs|JBD2|Aborting journal|previous I/O error|logical block|EXT4-fs error'

# attach_volatile IMAGE [OPTION...]: DEV, which nobody but the test looks at: no udev.
attach_volatile() {
	[[ ${IS_QUIET:-} ]] || quiet_udev
	IS_QUIET=1
	expect_log "$CUT_LOG"
	run_reloop attach --volatile "${@:2}" "$1"
	assert_eq "$STATUS" 0 'status of the attach'
	DEV=$OUT
}

# cut_power HOW: and KEPT and DROPPED, of blocks.
cut_power() {
	run_reloop powercut --keep "$1" "$DEV"
	assert_eq "$STATUS" 0 'status of the power cut'
	[[ $OUT =~ kept\ ([0-9]+),\ dropped\ ([0-9]+) ]]
	KEPT=${BASH_REMATCH[1]}
	DROPPED=${BASH_REMATCH[2]}
}

# text TEXT COUNT: lines of it that fill so many sectors.
text() {
	perl -e 'print substr("$ARGV[0]\n" x (256 * $ARGV[1]), 0, 512 * $ARGV[1])' "$@"
}

# put TEXT SECTOR COUNT: writes that to so many sectors past the page cache, without a flush.
put() {
	text "$1" "$3" | dd of="$DEV" bs=$(($3 * 512)) count=1 seek=$(($2 * 512)) iflag=fullblock \
		oflag=direct,seek_bytes conv=notrunc status=none
}

# has FILE TEXT SECTOR COUNT: that is there.
has() {
	cmp --ignore-initial=$(($3 * 512)):0 --bytes=$(($4 * 512)) "$1" <(text "$2" "$4")
}

# has_zero FILE SECTOR COUNT
has_zero() {
	assert_zero "$1" $(($2 * 512)) $(($3 * 512))
}

unflushed() {
	own_attribute "$DEV" unflushed
}
