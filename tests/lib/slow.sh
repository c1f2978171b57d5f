# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A disk whose writes can be slowed down.

readonly SLOW_DISK=/dev/mapper/reloop-slow

# make_slow_disk DISK: makes SLOW_DISK on it, fast at first; removed when the test ends.
make_slow_disk() {
	BELOW_SLOW=$1
	dmsetup create "${SLOW_DISK##*/}" --table "$(slow_table linear)"
	on_exit remove_slow_disk
}

remove_slow_disk() {
	[[ ! -e $SLOW_DISK ]] || dmsetup remove --retry "${SLOW_DISK##*/}"
}

# From now on, a write takes 0.7 seconds; reads stay fast.
slow_down() {
	slow_switch "$(slow_table delay "$BELOW_SLOW 0 0") 700"
}

speed_up() {
	slow_switch "$(slow_table linear)"
}

# slow_table TARGET [ARGUMENT...]
slow_table() {
	echo "0 $(blockdev --getsz "$BELOW_SLOW") $* $BELOW_SLOW 0"
}

slow_switch() {
	switch_table "${SLOW_DISK##*/}" "$1"
}
