# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Power cuts below a file system that an image is on. What a test does is recorded by dm-log-writes:
#
#	make_disks MIB			/dev/mapper/recorded, which is all zeroes
#	...				mkfs, mount, work; acknowledged ROUND whenever something was
#	end_recording
#	cut_everywhere LOOK...		as after a cut here and there since acknowledged 0, on /dev/mapper/look
#
# POWERCUT_ROUNDS is how many rounds the work has, POWERCUT_CUTS how many cuts there are at most, and
# POWERCUT_SEED says what is written, and what of that a cut leaves.

NEEDS='module:dm-log-writes module:dm-snapshot module:null_blk'

# The disk has sectors of that many bytes: no less is torn.
TORN_UNIT=${TORN_UNIT:-512}

# make_disks MIB: the disk that is recorded, the one that the log is played to, and what is written on top of
# that. They take as much memory as is written to them.
make_disks() {
	local at=0 name

	# For nobody's eyes but the test's: without udev a cut takes half the time.
	quiet_udev
	modprobe dm-log-writes
	modprobe dm-snapshot
	DISK_SIZE=$(($1 << 11))
	null_disk $(($1 * 4)) 512 discard=1
	for name in disk replay cow log; do
		dmsetup create "$name" --table "0 $DISK_SIZE linear $NULL_DISK $at"
		on_exit dmsetup remove --retry "$name"
		at=$((at + DISK_SIZE))
	done
	mkdir -p below inside
	on_exit let_go_of_disks
	start_recording
}

# start_recording: again, after end_recording, on a disk that is all zeroes.
start_recording() {
	local name

	for name in disk replay log; do
		blkdiscard "/dev/mapper/$name"
	done
	dmsetup create recorded --table "0 $DISK_SIZE log-writes /dev/mapper/disk /dev/mapper/log"
}

let_go_of_disks() {
	! mountpoint --quiet inside || umount inside
	losetup --detach-all
	wait_for nothing_attached
	! mountpoint --quiet below || umount below
	remove_if_there look
	remove_if_there recorded
}

remove_if_there() {
	! dmsetup info "$1" > /dev/null 2>&1 || dmsetup remove --retry "$1"
}

readonly ACKNOWLEDGE='dmsetup message recorded 0 mark round-'

# acknowledged ROUND: what the round has written is durable.
acknowledged() {
	dmsetup message recorded 0 mark "round-$1"
}

# Nothing has it mounted or attached any more.
end_recording() {
	dmsetup remove --retry recorded
	"$JOB/powercut" list /dev/mapper/log > entries
}

# cut_everywhere LOOK...: at flushes and between them, as many as there is time for. Calls LOOK... with the last round that
# was acknowledged. Adds to CUTS.
cut_everywhere() {
	local cut flushed round at=0 cuts=0

	while read -r cut flushed round; do
		"$JOB/powercut" replay /dev/mapper/log /dev/mapper/replay "$at" "$flushed"
		at=$flushed
		look_at_cut "$cut" "$flushed" "$@" "$round"
		cuts=$((cuts + 1))
	done < <(cuts_of entries)
	((cuts >= POWERCUT_CUTS / 2)) || fail "only $cuts cuts"
	CUTS=$((${CUTS:-0} + cuts))
}

# cuts_of ENTRIES: before which entry, with what flushed that is before which entry, after which round. The target makes a mark
# of its own when it ends. Every other cut is at a flush, as that has ended.
cuts_of() {
	awk -v wanted="$POWERCUT_CUTS" '
		BEGIN { n = 0 }
		$2 == "flush" { flushed = $1 + 1 }
		$2 == "mark" && sub("round-", "", $3) { round = $3; is_on = 1 }
		is_on { at[n] = $1 + 1; of[n] = flushed; after[n] = round; n++ }
		END {
			step = n > wanted ? n / wanted : 1
			for (i = 0; int(i) < n; i += step) {
				j = int(i)
				if (++chosen % 2)
					while (j + 1 < i + step && j + 1 < n && of[j] != at[j])
						j++
				print at[j], of[j] + 0, after[j]
			}
		}' "$1"
}

# look_at_cut CUT FLUSHED LOOK...: the file systems may write, but not to what is replayed.
look_at_cut() {
	dmsetup create look --table "0 $DISK_SIZE snapshot /dev/mapper/replay /dev/mapper/cow N 16"
	"$JOB/powercut" scatter /dev/mapper/log /dev/mapper/look "$2" "$1" "$TORN_UNIT" "$POWERCUT_SEED"
	"${@:3}" || fail "cut at $1, seed $POWERCUT_SEED"
	dmsetup remove --retry look
}
