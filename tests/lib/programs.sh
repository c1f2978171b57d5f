# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Programs for the guest, built in a root of the same release as the guest.

readonly PROGRAMS_ROOT=6.12

in_build_root() {
	tests/lab/lab chroot "$PROGRAMS_ROOT" "$@"
}

# build_program NAME ARGUMENT...: builds RUN/NAME; the arguments are for gcc. The program comes out of the root through
# standard output, since the root's view of the checkout is read-only.
build_program() {
	# shellcheck disable=SC2016 # the inner shell expands these
	in_build_root sh -c 'gcc -O2 -Wall -Wextra -Werror -o /tmp/program "$@" >&2 && cat /tmp/program' \
		gcc "${@:2}" > "$RUN/$1"
	chmod +x "$RUN/$1"
}
