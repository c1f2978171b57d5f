# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# System calls drawn from a grammar, by the program that fuzz.h describes. From the environment: FUZZ_SECONDS, how long,
# and FUZZ_SEED, what they are drawn from; with FUZZ_TRACE each is told in the kernel log before it is made.

# fuzz PROGRAM SECONDS ARGUMENT...
fuzz() {
	local status=0

	if [[ ${FUZZ_TRACE:-} ]]; then
		write_to on /proc/sys/kernel/printk_devkmsg
		set -- "$@" --trace
	fi
	"$JOB/$1" --seed "$FUZZ_SEED" --seconds "$2" --stall "$STALL_SECONDS" "${@:3}" > .fuzz || status=$?
	cat .fuzz
	((status == 0)) || fail "$1: status $status"
	echo "remark: seed $FUZZ_SEED, $2 s of $1: $(tail --lines=1 .fuzz)"
	# How often each has come to something.
	[[ ! $ALL ]] || sed --quiet 's/.* done .* refused$/remark: &/p; s/^longest/remark: &/p' .fuzz
}

STALL_SECONDS=60
((PATIENCE == 1)) || STALL_SECONDS=300
