# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The limits of a loop device as /sys/block/DEVICE/queue shows them, and what an attached image makes of them.

readonly LO_FLAGS_READ_ONLY=1
readonly LO_FLAGS_DIRECT_IO=16
readonly BEHAVIOUR='write_cache fua rotational'

. "$JOB/tests/contract/system.sh"

# see_unattached_limits: of $DEV; what the others are compared with.
see_unattached_limits() {
	list_limits > unattached
	row limits/unattached "$(tr '\n' ' ' < unattached | sed 's/ $//')"
}

# see_limits CASE FILE [LOOPCTL ARGUMENT...]: one row of what tells file systems how the device behaves, and one of
# which of all other limits attaching the file has changed.
see_limits() {
	local name behaviour='' changed

	loopctl configure "$DEV" "${@:2}"
	for name in $BEHAVIOUR; do
		behaviour+="$name=$(queue_attribute "$DEV" "$name" | tr ' ' '-') "
	done
	row "behaviour/$1" "${behaviour% }"
	changed=$(list_limits | comm -13 unattached - | grep --invert-match --extended-regexp "^(${BEHAVIOUR// /|})=" |
		paste --serial --delimiters=' ') || true
	row "limits/$1" "${changed:-none}"
	loopctl clr-fd "$DEV"
}

# hw_sector_size is logical_block_size by another name.
list_limits() {
	local file value

	for file in "/sys/block/${DEV#/dev/}"/{alignment_offset,discard_alignment,queue/*}; do
		if [[ -f $file && $file != */hw_sector_size ]]; then
			value=unreadable
			read -r value 2> /dev/null < "$file" || true
			printf '%s=%s\n' "${file##*/}" "${value// /-}"
		fi
	done | sort
}

# see_file_limits FSTYPE DIRECTORY: of an image there, attached in each way that matters.
see_file_limits() {
	local image

	image=$(make_image 16M "$2")
	see_limits "$1" "$image"
	see_limits "$1-read-only" "$image" flags="$LO_FLAGS_READ_ONLY"
	see_limits "$1-direct" "$image" flags="$LO_FLAGS_DIRECT_IO"
	see_limits "$1-4096" "$image" block_size=4096
}
