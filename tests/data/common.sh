# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# fio writes blocks that carry their own place and checksum, reads them all back and complains
# of the first that is not what it wrote.

# Sizes and their shares in percent: mostly small ones, for they are the most requests.
readonly BLOCK_SIZES=512/35:3584/5:4k/30:20k/15:128k/10:1M/5

# fio_verify TARGET [FIO OPTION...]: a part of it from its beginning on, if no option says otherwise.
fio_verify() {
	local target=$1 size

	shift
	size=$(($(few 80) + 20))%
	fio --name=verify --filename="$target" --size="$size" --rw=randwrite --bssplit="$BLOCK_SIZES" \
		--verify=crc32c --verify_fatal=1 --randrepeat=1 --randseed=5 \
		--ioengine=libaio --iodepth=32 --fallocate=none --minimal "$@" > fio.log
	grep --quiet --invert-match '^fio:' fio.log || fail "fio: $(< fio.log)"
}
