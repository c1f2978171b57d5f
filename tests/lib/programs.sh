# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Programs for the guest, built in a root of the same release as the guest, for the machine PROGRAMS_FOR.

readonly -A PROGRAMS_ROOTS=([amd64]=6.12 [arm64]=arm64)
readonly -A COMPILERS=([amd64]=gcc [arm64]=aarch64-linux-gnu-gcc)
readonly -A COMPILERS32=([amd64]='gcc -m32' [arm64]=arm-linux-gnueabihf-gcc)
PROGRAMS_FOR=amd64

# machine_of KERNEL
machine_of() {
	case $1 in
	arm64*) echo arm64 ;;
	*) echo amd64 ;;
	esac
}

in_build_root() {
	tests/lab/lab chroot "${PROGRAMS_ROOTS[amd64]}" "$@"
}

# build_program NAME ARGUMENT...: builds RUN/PROGRAMS_FOR/NAME; the arguments are for gcc.
build_program() {
	compile_program "${COMPILERS[$PROGRAMS_FOR]}" "$@"
}

# The same for a 32-bit program. It is static, since the guest has no libraries for those.
build_program32() {
	compile_program "${COMPILERS32[$PROGRAMS_FOR]}" "$@" -static -D_FILE_OFFSET_BITS=64
}

# compile_program COMPILER NAME ARGUMENT...: the program comes out of the root through standard output, since the root's
# view of the checkout is read-only.
compile_program() {
	mkdir -p "$RUN/$PROGRAMS_FOR"
	# shellcheck disable=SC2016 # the inner shell expands these
	tests/lab/lab chroot "${PROGRAMS_ROOTS[$PROGRAMS_FOR]}" sh -c \
		'compiler=$1; shift; $compiler -O2 -Wall -Wextra -Werror -o /tmp/program "$@" >&2 && cat /tmp/program' \
		sh "$1" "${@:3}" > "$RUN/$PROGRAMS_FOR/$2"
	chmod +x "$RUN/$PROGRAMS_FOR/$2"
}
