# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # variables are used by the files that source this one
# What all parts of the lab share: the cache, locks, messages, becoming root.

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CHECKOUT=$(cd "$LAB/../.." && pwd)
CACHE=${XDG_CACHE_HOME:-~/.cache}/reloop

# Where mkfs and the like are; not in everybody's PATH.
PATH=$PATH:/usr/sbin:/sbin

# Stock kernels. There is also "debug", which is compiled here: debug.sh. Those of another machine are only for those who
# name them: arm64.sh.
KERNELS=(6.1 6.12 7.3)
ARM64_KERNELS=(arm64 arm64-16k)
GUEST_SUITE=bookworm

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
	say "$*"
	exit 1
}

# usage_error MESSAGE: the caller typed something wrong.
usage_error() {
	say "$*; see: lab help"
	exit 2
}

require_kernel() {
	local known
	for known in "${KERNELS[@]}" debug "${ARM64_KERNELS[@]}"; do
		[[ $1 == "$known" ]] && return
	done
	usage_error "unknown kernel '$1'; known are: ${KERNELS[*]} debug ${ARM64_KERNELS[*]}"
}

is_arm64() { [[ $1 == arm64* ]]; }

# The Debian release whose archive has this kernel, and whose libc its build tools need.
suite_of_kernel() {
	case $1 in
	7.*) echo trixie ;;
	*) echo bookworm ;;
	esac
}

# become_root ARGS...: run this lab again as root with these arguments, unless root already.
become_root() {
	((EUID == 0)) && return
	command -v sudo >/dev/null || die "this step ($1) needs root: run it as root or install sudo"
	exec sudo -- env XDG_CACHE_HOME="$(dirname "$CACHE")" "$LAB/lab" "$@"
}

# hold_lock FILE [WAITING]: keep FILE locked until this process ends; while another has it, say WAITING and wait.
hold_lock() {
	local fd
	exec {fd}>>"$1"
	flock --nonblock "$fd" && return
	say "${2:-waiting for another lab}"
	flock "$fd"
}

# keep DIR: mark a directory of the cache as in use, so that nobody prunes it under us.
keep() {
	local fd
	exec {fd}<"$1"
	flock --shared "$fd"
}

# prune DIR...: remove those that nobody keeps.
prune() {
	local dir fd
	for dir; do
		[[ -d $dir ]] || continue
		exec {fd}<"$dir"
		if flock --nonblock "$fd"; then
			rm -rf --one-file-system "$dir"
		fi
		exec {fd}<&-
	done
}
