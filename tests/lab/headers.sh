# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Roots in which to compile for all kernels that a release of Debian has: those with the headers of our kernels, in a
# layer. The lab has no root of sid: in the layer, the newest one that it has takes its packages from sid and experimental.

# headers SUITE COMMAND...: run it in there; the checkout is read-only, what is in /headers stays in the cache.
headers() {
	local suite=${1:-} root
	(($# > 1)) || usage_error "headers takes a suite and a command"
	case $suite in
	bookworm | trixie) root=build-$suite ;;
	sid) root=build-trixie ;;
	*) usage_error "unknown suite '$suite'; known are: bookworm trixie sid" ;;
	esac
	become_root headers "$@"
	shift
	ensure_parts "$root"
	mkdir -p "$CACHE/headers"
	# shellcheck disable=SC2016 # the inner shell expands these
	contained "$LAB/lab" in-layer "$root" --bind "$CACHE/headers" /headers -- bash -euc '
		if [[ $1 == sid ]]; then
			sed --in-place "s/ trixie / sid /; s/ trixie-backports / experimental /" /etc/apt/sources.list
		fi
		apt-get --quiet --quiet update
		shift
		exec "$@"
	' headers "$suite" "$@"
}
