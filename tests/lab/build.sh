# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Building the checkout for a kernel, in a root that has its headers.

# The kernel's own asm/percpu.h for this machine has casts that truncate.
ARM64_MAKE=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- CHECK='sparse -Wno-cast-truncate' CC=aarch64-linux-gnu-gcc)

chroot_command() {
	local kernel=${1:-} root headers checkpatch
	local -a header_binds=()
	(($# > 1)) || usage_error "chroot takes a kernel and a command"
	require_kernel "$kernel"
	become_root chroot "$@"
	ensure_headers "$kernel"
	checkpatch=$(part checkpatch)
	[[ -d $checkpatch ]] || checkpatch=$root/opt/checkpatch
	in_root "$root" --bind-ro "$CHECKOUT" /checkout --bind-ro "$checkpatch" /opt/checkpatch \
		"${header_binds[@]}" --cwd /checkout -- KDIR="$headers" "${@:2}"
}

# ensure_headers KERNEL: have a root with its headers. Sets the caller's root, headers (where they are in there) and
# header_binds (what to bind for that).
ensure_headers() {
	local kernel=$1 tree
	ensure_parts "build-$GUEST_SUITE" "$(build_root_name "$kernel")"
	root=$(part "$(build_root_name "$kernel")")
	keep "$root"
	if [[ $kernel != debug ]]; then
		headers=/usr/src/linux-headers-$(cat "$root/etc/kernel-$kernel")
		return
	fi
	ensure_debug_kernel
	tree=$(part kernel-debug)
	keep "$tree"
	headers=$DEBUG_TREE
	header_binds=(--bind-ro "$tree/build" "$DEBUG_TREE")
}

# build KERNEL [VARIABLE=VALUE]...
build() {
	local kernel=${1:-} dir root headers tool_root
	local -a header_binds=() cross=()
	(($#)) || usage_error "build takes a kernel"
	require_kernel "$kernel"
	become_root build "$@"
	shift
	ensure_headers "$kernel"
	tool_root=$(part "$(tool_root_name "$kernel")")
	keep "$tool_root"
	! is_arm64 "$kernel" || cross=("${ARM64_MAKE[@]}")
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
	if ! make_in "$root" "$dir/$src" module KDIR="$headers" TEST_MODULE=tests/kmod/ "${cross[@]}" "$@" >&2 ||
	   ! make_in "$tool_root" "$dir/$src" tools "${cross[@]}" "$@" >&2; then
		# Nobody shall take the products of an earlier build for those of this one.
		rm -f "$dir"/{reloop.ko,reloop_test.ko,reloop}
		exit 1
	fi
	install -m 644 "$dir/$src/reloop.ko" "$dir/reloop.ko"
	install -m 644 "$dir/$src/tests/kmod/reloop_test.ko" "$dir/reloop_test.ko"
	install -m 755 "$dir/$src/tools/reloop" "$dir/reloop"
}

# make_in ROOT SRC TARGET [VARIABLE=VALUE]...: bring SRC up to date with the checkout and make TARGET there.
# What git ignores is a product: neither copied nor deleted. Only what differs is touched, and gets the
# present time, so that make sees it whatever the dates in the checkout are. Sees the caller's header_binds.
make_in() {
	local root=$1 src=$2
	shift 2
	# shellcheck disable=SC2016 # the inner shell expands these
	in_root "$root" --bind-ro "$CHECKOUT" /checkout --bind "$src" /build "${header_binds[@]}" --cwd /build -- bash -euc '
		rsync --recursive --links --perms --checksum --delete \
			--exclude=.git --filter=":- .gitignore" /checkout/ ./
		exec make --no-print-directory -j"$(nproc)" "$@"
	' make "$@"
}

clean() {
	become_root clean
	hold_lock "$CACHE/setup.lock" "another lab is setting up; waiting for it"
	hold_lock "$CACHE/debug.lock" "another lab is making the debug kernel; waiting for it"
	rm -rf --one-file-system "$CACHE"
}
