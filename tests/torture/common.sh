# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of this group share. From the environment: TORTURE_SECONDS, how long one run of the
# program takes, and TORTURE_SEED, which run it is.

# Four that are shared, and one for each of the program's threads.
OVERLAYS=12

# begin_torture ARGUMENT...: the module's, if any. Backing files lie on ext4, which can be frozen, and in memory.
begin_torture() {
	# Files are cut short below their devices, and so are devices below devices.
	expect_log 'I/O error|critical space allocation error'
	# Two writes through the page cache of a device that becomes smaller meanwhile: fs/iomap lets each set the size of the
	# device's inode, as that of a file which it makes longer, and one may find that of the other. Any other warning has a
	# line of its own.
	expect_log 'WARNING: .* pagecache_isize_extended|cut here|Call Trace'
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

# make_overlays: those that the program's random operations attach, and their bases. Both lie on ext4 or in memory, in all four
# ways. Every third has been written to by another program, behind what threads look at, so that it is not laid out as
# ours are.
make_overlays() {
	local i dir base

	random_bytes 1M > part
	for i in 0 1; do
		dir=$(torture_dir "$i")
		# Smaller than the overlays, and it ends within a piece.
		for ((base = 0; base < 11; base++)); do cat part; done > "$dir/base-$i"
		truncate --size=$((10 * 1024 * 1024 + 1536)) "$dir/base-$i"
		parted --script "$dir/base-$i" mklabel msdos mkpart primary 1MiB 5MiB mkpart primary 5MiB 9MiB
		cp "$dir/base-$i" "base-copy-$i"
	done
	for ((i = 0; i < OVERLAYS; i++)); do
		"$JOB/reloop" overlay create "$(overlay_path "$i")" "$(torture_dir $((i % 2)))/base-$((i % 2))" \
			--size "$(overlay_size "$i")"
		((i % 3)) || qemu-io -f qcow2 -c 'write -P 171 9M 300k' -c 'write -z 9700k 70k' "$(overlay_path "$i")" >&2
	done
}

# The shared ones come first. Of those of one thread most is only in the way of others.
overlay_size() {
	if (($1 < 4)); then echo 48M; else echo 12M; fi
}

overlay_path() {
	printf '%s/overlay-%u\n' "$(torture_dir $(($1 / 2)))" "$1"
}

torture_dir() {
	if (($1 % 2)); then echo "$WORK"; else echo "$SCRATCH"; fi
}

# check_overlays: another program finds nothing wrong with them, and nobody has written to a base; one can do so now.
check_overlays() {
	local i

	for ((i = 0; i < OVERLAYS; i++)); do
		qemu-img check "$(overlay_path "$i")" >&2 || fail "overlay $i: qemu-img check"
	done
	for i in 0 1; do
		assert_same "$(torture_dir "$i")/base-$i" "base-copy-$i"
		: >> "$(torture_dir "$i")/base-$i"
	done
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
