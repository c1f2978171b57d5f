# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Tables of cases. The same is done to an overlay and to a model of it, a raw file MODEL: by the device, by QEMU, by the device
# again. After each turn the device was the same as the model, QEMU finds the overlay sound and sees in it what the model has.

. "$JOB/tests/overlay/common.sh"
. "$JOB/tests/overlay/model.sh"

# A case has so much of a disk that it shares with others; see ops.c.
AREA=$((512 << 10))

# bytes_of SIZE: BYTES is as much as "128k+512", say. No process is started, which takes long where all is emulated.
bytes_of() {
	local sum=${1//k/ * 1024}

	sum=${sum//M/ * 1048576}
	BYTES=$((${sum//G/ * 1073741824}))
}

# make_case BASE-SIZE OVERLAY-SIZE: base, over and MODEL. The base is small, or a hole with data at its ends and some places.
make_case() {
	MODEL=$WORK/model
	rm -f base over model
	bytes_of "$1"
	make_content base "$BYTES"
	bytes_of "${2:-$1}"
	overlay_well create --size "$BYTES" over base
	cp --sparse=always base model
	truncate --size="$BYTES" model
}

# make_content FILE SIZE
make_content() {
	local at

	if (($2 <= 256 << 20)); then
		random_bytes "$2" > "$1"
		return
	fi
	truncate --size="$2" "$1"
	for at in 0 $(((1 << 30) - (1 << 20))) $(((2 << 30) - (1 << 20))) $(((4 << 30) - (1 << 20))) $(($2 - (2 << 20))); do
		random_bytes 2M | dd of="$1" bs=1M seek="$at" oflag=seek_bytes conv=notrunc iflag=fullblock status=none
	done
}

# run_cases AREA: a table of them from standard input, see ops.c. CASES counts them.
run_cases() {
	local phase last lines

	grep -v '^$' > table
	last=$(awk -F'|' 'NF > most { most = NF } END { print most - 1 }' table)
	for ((phase = 0; phase <= last; phase++)); do
		if ((phase % 2)); then
			turn_of_qemu "$phase" "$1"
		else
			turn_of_device "$phase" "$1"
		fi
		assert_sound over
		assert_shows over model
	done
	turn_of_device "$phase" "$1"
	mapfile -t lines < table
	CASES=$((${CASES:-0} + ${#lines[@]}))
}

turn_of_device() {
	local dev

	dev=$(attach_overlay over base)
	"$JOB/ops" table "$1" "$dev" model "$2" || fail "phase $1"
	detach "$dev"
}

turn_of_qemu() {
	"$JOB/ops" table "$1" - model "$2" > commands || fail "phase $1"
	qemu-io -f qcow2 over < commands > said
	not grep -E 'failed|error' said >&2 || fail "qemu-io: $(< commands)"
}

# run_shared BASE-SIZE OVERLAY-SIZE: a table of cases that are done side by side to one overlay.
run_shared() {
	make_case "$1" "$2"
	run_cases "$AREA"
}

# run_disks: a table of cases, each with a disk for itself: "NAME; BASE-SIZE OVERLAY-SIZE; OPERATIONS". As the overlay is -, the
# size is its base's.
run_disks() {
	local name sizes operations

	while IFS=$'\t' read -r name sizes operations; do
		[[ $name ]] || continue
		echo "$name"
		make_case "${sizes% *}" "$([[ $sizes == *' -' ]] || echo "${sizes#* }")"
		run_cases 0 <<< "$name"$'\t'"$operations"
		is_committed
	done
}

# After a commit, and another one, the base has what the disk had, and behind that what it had before.
is_committed() {
	local size base

	size=$(stat --format=%s model)
	base=$(stat --format=%s base)
	tail --bytes=+$((size + 1)) base > rest
	overlay_well commit over
	overlay_well commit over
	assert_eq "$(stat --format=%s base)" $((base > size ? base : size)) 'size of the base'
	cat model rest | assert_same base -
	echo 'committed'$'\t''r0+512 w0+512' > table
	turn_of_device 0 0
	assert_shows over model
}

# is_attached_as EXPECTED: over, which shows what is in MODEL, is attached as that says: "rw", and then it is changed; "ro", and
# then it can only be read; or a part of the sentence that refuses it, and then it is not changed.
is_attached_as() {
	local dev

	case $1 in
	rw | ro)
		run_reloop attach --overlay over base
		assert_eq "$STATUS" 0 'attach'
		dev=$OUT
		assert_eq "$(blockdev --getro "$dev")" "$([[ $1 == ro ]] && echo 1 || echo 0)" 'read-only'
		if [[ $1 == rw ]]; then
			"$JOB/ops" changes 0 "$dev" model 0 || fail 'the device'
		else
			assert_same "$dev" model
			assert_fails dd if=/dev/zero of="$dev" bs=512 count=1 conv=notrunc,fsync
		fi
		detach "$dev"
		assert_sound over
		assert_shows over model
		;;
	*)
		cp --sparse=always over before
		run_reloop attach --overlay over base
		assert_refused "$STATUS" 'over: not attached' "$1"
		assert_same over before
		;;
	esac
}

# What is done to what can be written to.
CHANGES=$'changes\tw1k+512 w127k+2k z5k+512 z124k+8k w126k+512 d4k+64k d1k+512 f w0+4k w-512+512 z-2k+1k'
