# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of this group share. From the environment: TORTURE_SECONDS, how long one run of the
# program takes, and TORTURE_SEED, which run it is.

# begin_torture ARGUMENT...: the module's, if any. Backing files lie on ext4, which can be frozen, and in memory.
begin_torture() {
	# Files are cut short below their devices, and so are devices below devices.
	expect_log 'I/O error|critical space allocation error'
	SCRATCH=$(mount_scratch ext4)
	on_exit thaw
	insmod_reloop "$@"
	insmod_test_module
}

# torture [OPTION...]
torture() {
	"$JOB/torture" --seed "$TORTURE_SEED" --seconds "$TORTURE_SECONDS" --stall $((60 * PATIENCE)) "$@" \
		"$SCRATCH" "$WORK"
}

# Nothing of the module may be left, and no image may have been hit by what was meant for another.
end_torture() {
	wait_for rmmod reloop
	if kernel_log | grep 'EXT4-fs error'; then
		fail 'a file system was damaged'
	fi
	wait_for umount_scratch
}

# The program may have been ended between freezing and thawing.
thaw() {
	fsfreeze --unfreeze "$SCRATCH" 2> /dev/null || true
}
