# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# I/O on images: direct and buffered, of several kinds, on several file systems.
#
# A race is one run of fio with a job for each case and column, one job after the other, the columns of a case side by
# side: so what else the host does meets them alike.

readonly IMAGE_MIB=128

# NAME|FIO OPTIONS
readonly DIRECT_CASES='random read, depth 1|rw=randread iodepth=1
random read, depth 32|rw=randread iodepth=32
random read, psync|rw=randread ioengine=psync
random read, two jobs, depth 1|rw=randread iodepth=1 numjobs=2
random read, two jobs, depth 16|rw=randread iodepth=16 numjobs=2
random read, two jobs, depth 32|rw=randread iodepth=32 numjobs=2
random read, two jobs, psync|rw=randread ioengine=psync numjobs=2
random write, depth 1|rw=randwrite iodepth=1
random write, depth 32|rw=randwrite iodepth=32
random write, psync|rw=randwrite ioengine=psync
random write, two jobs, depth 1|rw=randwrite iodepth=1 numjobs=2
random write, two jobs, depth 16|rw=randwrite iodepth=16 numjobs=2
random write, two jobs, depth 32|rw=randwrite iodepth=32 numjobs=2
random write, two jobs, psync|rw=randwrite ioengine=psync numjobs=2
one sequential writer, 4 KiB|rw=write iodepth=32
sequential read, 128 KiB|rw=read bs=128k iodepth=8
sequential write, 128 KiB|rw=write bs=128k iodepth=8'

readonly CACHED_CASES='random read, depth 1|rw=randread iodepth=1
random read, depth 32|rw=randread iodepth=32
random read, two jobs, depth 16|rw=randread iodepth=16 numjobs=2
sequential read, 128 KiB|rw=read bs=128k iodepth=8
random write, depth 1|rw=randwrite iodepth=1
random write, depth 32|rw=randwrite iodepth=32
sequential write, 128 KiB|rw=write bs=128k iodepth=8'

readonly UNCACHED_CASES='random read, depth 1|rw=randread iodepth=1
random read, depth 32|rw=randread iodepth=32
sequential read, 4 KiB|rw=read iodepth=1
sequential read, 128 KiB|rw=read bs=128k iodepth=8'

readonly FEW_CASES='random read, depth 1|rw=randread iodepth=1
random read, depth 32|rw=randread iodepth=32
random write, depth 1|rw=randwrite iodepth=1
random write, depth 32|rw=randwrite iodepth=32'

# Each block at most once, since it is new only once.
readonly FIRST_WRITE_CASES='random write, depth 1|rw=randwrite iodepth=1 norandommap=0 time_based=0 size=50%
random write, depth 32|rw=randwrite iodepth=32 norandommap=0 time_based=0 size=50% offset=50%'

readonly LATENCY_CASES='random read, depth 1|rw=randread iodepth=1
random read, depth 32|rw=randread iodepth=32
random read, two jobs, depth 32|rw=randread iodepth=32 numjobs=2
random write, depth 1|rw=randwrite iodepth=1
random write, depth 32|rw=randwrite iodepth=32
random write, two jobs, depth 32|rw=randwrite iodepth=32 numjobs=2'

group_direct() {
	with_backing ext4 written_image
	race_on 'direct' direct "$DIRECT_CASES"
	drop_backing
}

group_cached() {
	with_backing ext4 written_image
	race_on 'buffered, image in the cache' buffered "$CACHED_CASES" fill_cache
	drop_backing
}

group_uncached() {
	with_backing ext4 written_image
	race_on 'buffered, image not in the cache' buffered "$UNCACHED_CASES"
	drop_backing
}

group_sparse() {
	race_on_new_images 'sparse image' ext4 sparse_image
}

group_first_writes() {
	race_on_new_images 'preallocated image' ext4 preallocated_image
	race_on_new_images 'reflinked image on xfs' xfs reflinked_image
	race_on_new_images 'reflinked image on btrfs' btrfs reflinked_image
}

group_file_systems() {
	local kind

	for kind in xfs btrfs disk; do
		with_backing "$kind" written_image
		race_on "direct, on $kind" direct "$FEW_CASES"
		drop_backing
	done
	# It is the page cache, whatever the flags of an open file say.
	with_backing tmpfs written_image
	race_on 'buffered, on tmpfs' buffered "$FEW_CASES"
	drop_backing
}

# Disks that take time, but none of a processor's.
group_latency() {
	local microseconds

	for microseconds in 10 20 80; do
		with_backing "slow-$microseconds" written_image
		race_on "direct, on a disk of $microseconds µs$BENCH_CLOCK" direct "$LATENCY_CASES"
		drop_backing
	done
}

race_on_new_images() {
	each_round race_once_on_new_images "$@"
}

# race_once_on_new_images GROUP FSTYPE MAKE-IMAGE
race_once_on_new_images() {
	with_backing "$2" "$3"
	attach_all direct
	race "$1" direct "$FIRST_WRITE_CASES" true
	detach_all
	drop_backing
}

# race_on GROUP MODE CASES [PREPARE]: on the images there are.
race_on() {
	drop_caches
	attach_all "$2"
	each_round race "$1" "$2" "$3" "${4:-true}"
	detach_all
}

# --- images ----------------------------------------------------------------------------------------

# with_backing KIND MAKE-IMAGE: makes an image for each column, and sets IMAGE[column]. KIND is a file system's type;
# "disk": then the images are disks; or "slow-MICROSECONDS".
with_backing() {
	local kind=$1 make_image=$2 column

	declare -gA IMAGE=()
	case $kind in
	disk) ;;
	slow-*) make_slow_file_system "${kind#slow-}" ;;
	tmpfs) mount -t tmpfs -o size=80% bench "$BACKING" ;;
	*) make_file_system "$kind" ;;
	esac
	for column in $BENCH_COLUMNS; do
		IMAGE[$column]=$BACKING/$column
		if [[ $kind == disk ]]; then
			null_disk "bench-$column" "$IMAGE_MIB"
			IMAGE[$column]=$DISK
		fi
		"$make_image" "${IMAGE[$column]}" "$IMAGE_MIB"
	done
}

make_file_system() {
	modprobe "$1"
	null_disk bench $((5 * IMAGE_MIB))
	"mkfs.$1" -q "$DISK" &> mkfs.log
	mount "$DISK" "$BACKING"
}

# make_slow_file_system MICROSECONDS: the content of its files is on a disk that forgets it and answers by a timer, and
# what must not be forgotten on another one, which is asked for nothing once an image is written.
make_slow_file_system() {
	local slow

	null_disk bench-slow $((5 * IMAGE_MIB)) memory_backed=0 irqmode=2 completion_nsec=$(($1 * 1000))
	slow=$DISK
	null_disk bench $((5 * IMAGE_MIB))
	mkfs.xfs -q -d rtinherit=1 -r rtdev="$slow" "$DISK" &> mkfs.log
	mount -o rtdev="$slow" "$DISK" "$BACKING"
}

drop_backing() {
	local dir

	udevadm settle
	! mountpoint --quiet "$BACKING" || umount "$BACKING"
	for dir in /sys/kernel/config/nullb/bench*; do
		[[ ! -d $dir ]] || drop_null_disk "${dir##*/}"
	done
}

preallocated_image() {
	fallocate --length "$2M" "$1"
}

sparse_image() {
	truncate --size="$2M" "$1"
}

# A copy that shares all its blocks with the file that all are copies of.
reflinked_image() {
	[[ -e $BACKING/original ]] || written_image "$BACKING/original" "$2"
	cp --reflink=always "$BACKING/original" "$1"
	drop_caches
}

fill_cache() {
	cat "${IMAGE[@]}" > /dev/null
}

# attach_all MODE: sets TARGET[column].
attach_all() {
	local column

	declare -gA TARGET=()
	for column in $BENCH_COLUMNS; do
		TARGET[$column]=$(attach "$column" "$1" "${IMAGE[$column]}")
	done
}

detach_all() {
	local column

	for column in $BENCH_COLUMNS; do
		detach "$column" "${TARGET[$column]}"
	done
}

# --- races -----------------------------------------------------------------------------------------

# race GROUP MODE CASES PREPARE
race() {
	local group=$1

	echo "$group, round $((ROUND + 1))"
	rm --force ./*.txt
	"$4"
	fio_jobs "$2" "$3" > race.fio
	fio --output-format=json --output=fio.json race.fio
	processor_time > processor_time.json
	jq --compact-output --arg group "$group" --argjson round "$ROUND" --arg cases "$3" \
		--slurpfile ticks processor_time.json '
		($cases | split("\n") | map(split("|")[0])) as $names | .jobs[] | {
			$group, case: $names[.jobname | split(".")[0] | tonumber],
			column: .jobname | split(".")[1], $round, unit: "IOPS", value: (.read.iops + .write.iops),
			cpu: ($ticks[0][.jobname] * 10000 / (.read.total_ios + .write.total_ios))
		}' fio.json >> "$RESULTS"
}

# fio_jobs MODE CASES: a job is called NUMBER.COLUMN. Around each, it notes the processors' time; to fio a semicolon
# is the end of a line.
fio_jobs() {
	local mode=$1 number=0 options column direct

	cat <<-END
		[global]
		bs=4k
		ioengine=io_uring
		size=${IMAGE_MIB}M
		runtime=${BENCH_RUNTIME}ms
		time_based=1
		norandommap=1
		fallocate=none
		invalidate=0
		group_reporting=1
		exec_prerun=sync && read -r line < /proc/stat && echo \$line
		exec_postrun=read -r line < /proc/stat && echo \$line
	END
	while IFS='|' read -r _ options; do
		for column in $BENCH_COLUMNS; do
			direct=1
			[[ $column-$mode != file-buffered ]] || direct=0
			printf '[%s.%s]\nstonewall\nfilename=%s\ndirect=%s\n' \
				"$number" "$column" "${TARGET[$column]}" "$direct"
			tr ' ' '\n' <<< "$options"
		done
		number=$((number + 1))
	done <<< "$2"
}

# Prints {JOB: ticks that all processors together were busy}, from what fio's jobs noted.
processor_time() {
	awk '
		{
			split(FILENAME, part, "[./]+")
			busy = $2 + $3 + $4 + $7 + $8
			ticks[part[2] "." part[3]] += FILENAME ~ /prerun/ ? -busy : busy
		}
		END {
			for (job in ticks)
				print job, ticks[job]
		}
	' ./*.prerun.txt ./*.postrun.txt |
		jq --raw-input --slurp 'split("\n") | map(select(. != "") | split(" ") | {(.[0]): .[1] | tonumber}) | add'
}
