# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Who issues requests, as the kernel's trace of the disk below shows it.

# watch_disk DISK [EVENT]: remember who submits what to it, with the stack he does it from, until the test ends. Or
# another event of the kernel's block layer.
watch_disk() {
	local event=$TRACING/events/block/${2:-block_bio_queue}

	mount_tracing
	echo 0 > "$TRACING/tracing_on"
	on_exit stop_watching "$event"
	echo 1 > "$TRACING/options/stacktrace"
	echo 1 > "$TRACING/options/sym-offset"
	echo "dev == $(device_number "$1")" > "$event/filter"
	echo 1 > "$event/enable"
}

# stop_watching EVENT
stop_watching() {
	echo 0 > "$1/enable"
	echo 0 > "$1/filter"
	echo 0 > "$TRACING/options/stacktrace"
	echo 0 > "$TRACING/options/sym-offset"
	echo > "$TRACING/trace"
	echo 1 > "$TRACING/tracing_on"
}

# As the kernel keeps it: the major in all bits above the lowest twenty.
device_number() {
	local major minor

	IFS=: read -r major minor < "/sys/block/${1#/dev/}/dev"
	echo $((major << 20 | minor))
}

# record COMMAND...: leaves what the disk sees meanwhile in the file "trace", one processor after the other: where those
# are mixed, an event may be followed by the stack of another.
record() {
	echo > "$TRACING/trace"
	echo 1 > "$TRACING/tracing_on"
	"$@" >&2
	echo 0 > "$TRACING/tracing_on"
	cat "$TRACING"/per_cpu/cpu*/trace > trace
}

# issuers R|W COMMAND...: who issued the reads or writes that the loop device passed on to the watched disk meanwhile:
# "worker", or the name of the program whose task they were submitted by. A line for each.
issuers() {
	record "${@:2}"
	awk -v direction="$1" "$ISSUERS" trace | sort --unique
}

# What calls the module tells: a workqueue, or the block layer in the context of the submitter. The stack has the
# innermost function first. Who uses the disk past the module is not looked at.
# shellcheck disable=SC2016 # the program is awk
readonly ISSUERS='
	function finish() {
		if (caller && index(operation, direction) == 1)
			print caller ~ /^process_one_work/ ? "worker" : program
		caller = ""
	}
	/block_bio_queue:/ {
		finish()
		sub(/.*block_bio_queue: /, "")
		operation = $2
		program = $0
		gsub(/.*\[|\]$/, "", program)
		is_inside = 0
	}
	/^ => / {
		if (is_inside && !/\[reloop\]/)
			caller = $2
		is_inside = /\[reloop\]/
	}
	END { finish() }'

# watched_device MIB [...]: a loop device on a disk in memory, DEV, with that disk watched; arguments as of null_disk.
watched_device() {
	null_disk "$@"
	DEV=$(attach --direct-io=on "$NULL_DISK")
	udevadm settle
	set_policy "$DEV" auto
	watch_disk "$NULL_DISK"
}

# Until the test ends, or all are to be used.
use_one_processor() {
	on_exit use_all_processors
	write_to_processors 0
}

use_all_processors() {
	write_to_processors 1
}

write_to_processors() {
	local online

	for online in /sys/devices/system/cpu/cpu[1-9]*/online; do
		echo "$1" > "$online"
	done
}

# set_policy DEVICE POLICY: the device keeps it when it is detached.
set_policy() {
	echo "$2" > "/sys/block/${1#/dev/}/reloop/submit"
}

# set_sysctl NAME VALUE: until the test ends.
set_sysctl() {
	on_exit write_to "$(< "/proc/sys/$1")" "/proc/sys/$1"
	write_to "$2" "/proc/sys/$1"
}

# read_directly DEVICE, write_directly DEVICE: 1 MiB, a page at a time. More than twice as many requests as are issued
# by a worker after one that would have blocked, so if the submitter may issue them, then some are issued by him.
read_directly() {
	dd if="$1" of=/dev/null bs=4K count=256 iflag=direct
}

write_directly() {
	dd if=/dev/zero of="$1" bs=4K count=256 oflag=direct conv=notrunc
}

# write_without_waiting DEVICE: the same. On 6.1 a write to a device that its task waits for is submitted when the task goes
# to sleep, and then by a worker of the block layer.
write_without_waiting() {
	fio --name=write --filename="$1" --ioengine=libaio --rw=write --bs=4K --size=1M --direct=1 --minimal
}

# make_cgroup CONTROLLER...: of one's own, CGROUP; gone when the test ends.
make_cgroup() {
	local controller

	CGROUP=/sys/fs/cgroup/reloop-test
	for controller; do
		write_to "+$controller" /sys/fs/cgroup/cgroup.subtree_control
		on_exit write_to "-$controller" /sys/fs/cgroup/cgroup.subtree_control
	done
	mkdir "$CGROUP"
	on_exit rmdir "$CGROUP"
}

in_cgroup() {
	(
		echo "$BASHPID" > "$CGROUP/cgroup.procs"
		"$@"
	)
}

# remember_pages NUMBER: touches so many pages, then looks whether all are what they were.
remember_pages() {
	# shellcheck disable=SC2016 # the program is perl
	perl -e '
		my @pages = map { pack("N", $_) x 1024 } 1 .. $ARGV[0];
		for my $i (1 .. @pages) {
			$pages[$i - 1] eq pack("N", $i) x 1024 or die "page $i is not what it was\n";
		}' "$1"
}

# How many pages have been swapped since the kernel began.
swapped_out() {
	awk '$1 == "pswpout" { print $2 }' /proc/vmstat
}

# take_memory MIB: all that is free but that much, for what cannot be swapped.
take_memory() {
	local available

	available=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
	mkdir ballast
	mount -t ramfs ramfs ballast
	on_exit give_memory_back
	head --bytes=$(((available >> 10) - $1))M /dev/zero > ballast/file
}

give_memory_back() {
	! mountpoint --quiet ballast || umount ballast
	rm --dir --force ballast
}

# is_running PROCESS: a child of the caller's.
is_running() {
	kill -0 "$1" 2> /dev/null
}
