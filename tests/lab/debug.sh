# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The debug kernel: Debian's source, configured by debug.config to look for mistakes. It is a part like the stock
# kernels, with two differences: it has a key of its own, for no change elsewhere is worth compiling it again, and it
# is made under a lock of its own, for nobody else shall wait for that.

DEBUG_SOURCE=linux-source-6.12
DEBUG_SPACE_NEEDED_MIB=6000

# What making a kernel takes beside what the build root has: nobody else needs it there.
DEBUG_PACKAGES=(bc bison flex libelf-dev libssl-dev)

# Where a build root sees the tree that the debug kernel was made in.
DEBUG_TREE=/opt/debug-kernel

# The source is as new as the kernel headers of the build root.
debug_kernel_key() {
	{
		grep '^CONFIG_' "$LAB/debug.config"
		cat "$LAB/debug-make"
		cat "$(part build-bookworm)/etc/kernel-6.12" 2>/dev/null || true
	} | sha256sum | cut -c1-12
}

ensure_debug_kernel() {
	has_part kernel-debug || setpriv --pdeathsig TERM "$LAB/lab" make-debug-kernel
}

make_debug_kernel() {
	become_root make-debug-kernel
	umask 022
	ensure_parts build-bookworm
	hold_lock "$CACHE/debug.lock" "another lab is making the debug kernel; waiting for it"
	! has_part kernel-debug || return 0
	mkdir -p "$PARTS" "$LOGS"
	require_space "$DEBUG_SPACE_NEEDED_MIB"
	find_mirrors
	say "the debug kernel has to be compiled, once: a quarter of an hour on two processors"
	contained "$LAB/lab" make-part kernel-debug
}

# make_debug_kernel_part IGNORED DIR: what a stock kernel's part has, and build/ to build modules against.
make_debug_kernel_part() {
	local dir=$2 root tree=$2/tree
	root=$(part build-bookworm)
	keep "$root"
	rm -rf "$dir"
	fetch_debug_source "$root" "$dir"
	in_root "$root" --bind "$tree" "$DEBUG_TREE" --bind-ro "$LAB" /checkout --cwd "$DEBUG_TREE" -- \
		/checkout/debug-make /checkout/debug.config
	mv "$tree"/products/* "$dir"
	make_image "$dir/installed/lib/modules" "$dir/modules.ext4" 16
	rm -r "$dir/installed" "$tree"
}

fetch_debug_source() {
	local root=$1 dir=$2
	# One lab at a time changes a root.
	(
		hold_lock "$CACHE/setup.lock" "another lab is setting up; waiting for it"
		root_apt_get "$root" update
		root_apt_get "$root" install "${DEBUG_PACKAGES[@]}"
		rm -rf "$DEBS"
		download "$root" "$dir" "$DEBUG_SOURCE"
	)
	mkdir "$dir/tree"
	tar --extract --file="$dir/usr/src/$DEBUG_SOURCE.tar.xz" --directory="$dir/tree" --strip-components=1
	rm -r "${dir:?}/usr"
}
