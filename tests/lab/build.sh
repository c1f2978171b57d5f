# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Building the checkout for a kernel, in a root that has its headers.

chroot_command() {
	local kernel=${1:-} root checkpatch
	(($# > 1)) || usage_error "chroot takes a kernel and a command"
	require_kernel "$kernel"
	become_root chroot "$@"
	ensure_parts "$(build_root_name "$kernel")"
	root=$(part "$(build_root_name "$kernel")")
	checkpatch=$(part checkpatch)
	keep "$root"
	[[ -d $checkpatch ]] || checkpatch=$root/opt/checkpatch
	in_root "$root" --bind-ro "$CHECKOUT" /checkout --bind-ro "$checkpatch" /opt/checkpatch \
		--cwd /checkout -- KDIR="$(headers_of "$kernel" "$root")" "${@:2}"
}

headers_of() { echo "/usr/src/linux-headers-$(cat "$2/etc/kernel-$1")"; }

# build KERNEL [VARIABLE=VALUE]...
build() {
	local kernel=${1:-} dir root tool_root
	(($#)) || usage_error "build takes a kernel"
	require_kernel "$kernel"
	become_root build "$@"
	shift
	ensure_parts "$(build_root_name "$kernel")" "build-$GUEST_SUITE"
	root=$(part "$(build_root_name "$kernel")")
	tool_root=$(part "build-$GUEST_SUITE")
	keep "$root"
	keep "$tool_root"
	dir=$CACHE/build/$kernel
	mkdir -p "$dir"
	hold_lock "$dir/lock" "another lab is building for $kernel; waiting for it"

	# Checks asked for by variables (W=1, C=1) speak only about files that are compiled: compile all of them.
	local src=src
	if (($#)); then
		src=strict
		rm -rf "$dir/strict"
	fi
	mkdir -p "$dir/$src"
	if ! make_in "$root" "$dir/$src" module KDIR="$(headers_of "$kernel" "$root")" "$@" >&2 ||
	   ! make_in "$tool_root" "$dir/$src" tools "$@" >&2; then
		# Nobody shall take the products of an earlier build for those of this one.
		rm -f "$dir"/{reloop.ko,reloop}
		exit 1
	fi
	install -m 644 "$dir/$src/reloop.ko" "$dir/reloop.ko"
	install -m 755 "$dir/$src/tools/reloop" "$dir/reloop"
}

# make_in ROOT SRC TARGET [VARIABLE=VALUE]...: bring SRC up to date with the checkout and make TARGET there.
# What git ignores is a product: neither copied nor deleted. Only what differs is touched, and gets the
# present time, so that make sees it whatever the dates in the checkout are.
make_in() {
	local root=$1 src=$2
	shift 2
	# shellcheck disable=SC2016 # the inner shell expands these
	in_root "$root" --bind-ro "$CHECKOUT" /checkout --bind "$src" /build --cwd /build -- bash -euc '
		rsync --recursive --links --perms --checksum --delete \
			--exclude=.git --filter=":- .gitignore" /checkout/ ./
		exec make --no-print-directory -j"$(nproc)" "$@"
	' make "$@"
}

clean() {
	become_root clean
	hold_lock "$CACHE/setup.lock" "another lab is setting up; waiting for it"
	rm -rf --one-file-system "$CACHE"
}
