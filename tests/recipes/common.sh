# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# docs/recipes.md as its reader has it.

# take_recipes: the scripts, in recipes; and reloop where the shell finds it.
take_recipes() {
	mkdir recipes bin
	awk -v DIRECTORY=recipes -f "$JOB/tests/lib/recipes.awk" "$JOB/docs/recipes.md"
	cp "$JOB/reloop" bin
	PATH=$WORK/bin:$PATH
}

# recipe NAME ARGUMENT...: runs the script.
recipe() {
	bash "$WORK/recipes/$1" "${@:2}"
}

# recipe_fails NAME ARGUMENT...: and what it made is as gone as after a success, which is what the harness looks for.
recipe_fails() {
	assert_fails recipe "$@"
	nothing_left
}

nothing_left() {
	wait_for nothing_attached
	not grep " /mnt" /proc/self/mounts || fail 'mounted'
}

# make_tree DIRECTORY: with what a copy may lose.
make_tree() {
	mkdir -p "$1"/{bin,etc,empty,boot}
	cp -a /bin/bash /bin/sh /bin/su "$1/bin"
	cp -a /etc/security "$1/etc"
	mkfifo "$1/etc/fifo"
	ln "$1/bin/bash" "$1/bin/hardlink"
	truncate --size=1M "$1/hole"
	printf 'two\nlines' > "$1/a name with blanks"
	chown 1000:1001 "$1/a name with blanks"
	chmod 1777 "$1/empty"
}

# listing DIRECTORY [FIND EXPRESSION...]: everything below it with its attributes and a sum of its content. How many links a
# directory has is the file system's own business.
listing() (
	cd "$1" || return
	find . -mindepth 1 "${@:2}" -printf '%p %M %U:%G %l\n' | sort
	find . "${@:2}" -not -type d -printf '%p %n\n' | sort
	find . "${@:2}" -type f -exec sha256sum {} + | sort
)

# attach_partitions [LOSETUP OPTION...] FILE: prints the device when udev has looked at it, which may have the kernel read the
# partitions once more.
attach_partitions() {
	local dev

	dev=$(attach --partscan "$@")
	udevadm settle
	wait_for has_partition "$dev" 1
	echo "$dev"
}

# assert_clean DEVICE: its file system has nothing to repair.
assert_clean() {
	local type

	type=$(blkid --probe --match-tag TYPE --output value "$1")
	case $type in
	ext4) e2fsck -f -n "$1" ;;
	vfat) fsck.vfat -n "$1" ;;
	xfs) xfs_repair -n "$1" ;;
	btrfs) btrfs check "$1" ;;
	*) fail "$1: no file system that was to be there: '$type'" ;;
	esac
}

# assert_partitions IMAGE SFDISK-EXPRESSION...: jq's expressions that hold for its table.
assert_partitions() {
	local image=$1 table expression

	sfdisk --verify "$image"
	table=$(sfdisk --json "$image")
	printf '%s\n' "$table"
	shift
	for expression; do
		assert_eq "$(jq ".partitiontable | $expression" <<< "$table")" true "$expression"
	done
}

# partuuid DEVICE
partuuid() {
	blkid --probe --match-tag PART_ENTRY_UUID --output value "$1"
}
