# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a test may use. An assertion that does not hold ends the test.
#
#   WORK       the test's own directory, an empty tmpfs; also the working directory
#   KERNEL     the kernel's name in the lab: 6.1, 6.12, 7.3, debug
#   SCRATCH0   an empty disk of the machine
#   PATIENCE   how many times longer than usual everything may take; from guests.sh

PATIENCE=${PATIENCE:-1}
WAIT_SECONDS=$((30 * PATIENCE))
readonly SYSTEM_SCRATCH=${SCRATCH0:-}

# --- assertions ------------------------------------------------------------------------------

fail() {
	printf 'FAILED: %s\n' "$*" >&2
	exit 1
}

# assert_eq ACTUAL EXPECTED [WHAT]
assert_eq() {
	[[ $1 == "$2" ]] || fail "${3:-value}: got '$1', expected '$2'"
}

# assert_match TEXT REGEX [WHAT]
assert_match() {
	[[ $1 =~ $2 ]] || fail "${3:-text}: '$1' does not match '$2'"
}

# assert_fails COMMAND...: the command must be refused; its output goes to the test's output and
# to the variable REFUSAL.
assert_fails() {
	if REFUSAL=$("$@" 2>&1); then
		fail "should have been refused: $*"
	fi
	printf 'refused, as it should be: %s: %s\n' "$*" "$REFUSAL"
}

# assert_ends_badly PROCESS: one in the background comes to its end, and fails. Not assert_fails: a shell can wait for its own
# children only, not for those of the shell that it was forked from.
assert_ends_badly() {
	if wait "$1"; then
		fail "should have failed: process $1"
	fi
}

# assert_same FILE FILE [BYTES]: the files have equal content.
assert_same() {
	cmp ${3:+--bytes="$3"} "$1" "$2" >&2 || fail "$1 and $2 differ"
}

# assert_zero FILE OFFSET LENGTH: there are only zeros there.
assert_zero() {
	cmp --ignore-initial="$2:0" --bytes="$3" "$1" /dev/zero >&2 ||
		fail "$1 is not zero in $3 bytes at $2"
}

# wait_for COMMAND...: polls until the command succeeds; use it instead of sleeping.
wait_for() {
	local deadline=$((SECONDS + WAIT_SECONDS))

	until "$@"; do
		((SECONDS < deadline)) || fail "waited $WAIT_SECONDS s in vain for: $*"
		sleep 0.05
	done
}

# waits_in PROCESS REGEX: of the kernel's functions that it is in.
waits_in() {
	grep --quiet --extended-regexp "$2" "/proc/$1/stack"
}

# few NUMBER: how often to do something that would be done NUMBER times; less if everything is slower, or without ALL.
few() {
	local share=$PATIENCE

	[[ $ALL ]] || share=$((2 * PATIENCE))
	echo $((($1 + share - 1) / share))
}

# one_in NUMBER: prints the first of every NUMBER lines of standard input, or all of them with ALL.
one_in() {
	if [[ $ALL ]]; then
		cat
	else
		awk -v number="$1" 'NR % number == 1'
	fi
}

not() {
	! "$@"
}

# write_to TEXT FILE: for on_exit and others that take no redirection.
write_to() {
	echo "$1" > "$2"
}

# --- what the test leaves to the end -----------------------------------------------------------

EXIT_HANDLERS=()

# on_exit COMMAND...: runs it when the test ends, however it ends; the last command given runs first.
on_exit() {
	EXIT_HANDLERS+=("$(printf '%q ' "$@")")
}

# kill_quietly [OPTION] PROCESS: for on_exit; the process may have ended.
kill_quietly() {
	kill "$@" 2> /dev/null || true
}

run_exit_handlers() {
	local i

	set +e
	trap - ERR
	for ((i = ${#EXIT_HANDLERS[@]} - 1; i >= 0; i--)); do
		eval "${EXIT_HANDLERS[i]}"
	done
}

# expect_log REGEX: kernel-log lines that match do not fail this test.
expect_log() {
	printf '%s\n' "$1" >> "$EXPECTED_LOG"
}

# syscall_number NAME: what perl's syscall() takes on this machine.
syscall_number() {
	case $(uname --machine)/$1 in
	x86_64/read) echo 0 ;;
	x86_64/mmap) echo 9 ;;
	x86_64/ioctl) echo 16 ;;
	x86_64/prctl) echo 157 ;;
	x86_64/memfd_create) echo 319 ;;
	aarch64/read) echo 63 ;;
	aarch64/mmap) echo 222 ;;
	aarch64/ioctl) echo 29 ;;
	aarch64/prctl) echo 167 ;;
	aarch64/memfd_create) echo 279 ;;
	*) fail "which number has the system call $1 on $(uname --machine)?" ;;
	esac
}

# kernel_log: the kernel log since the test began, without time stamps.
kernel_log() {
	dmesg --notime | awk '/^reloop-test: begin / { log_text = ""; next }
			      { log_text = log_text $0 "\n" }
			      END { printf "%s", log_text }'
}

# --- the module ----------------------------------------------------------------------------------

# insmod_reloop [ARGUMENT...]: by default with the submit policy of SUBMIT.
insmod_reloop() {
	insmod "$JOB/reloop.ko" ${SUBMIT:+submit="$SUBMIT"} "$@"
	udevadm settle
}

rmmod_reloop() {
	udevadm settle
	rmmod reloop
}

is_module_loaded() {
	[[ -d /sys/module/$1 ]]
}

# --- devices -------------------------------------------------------------------------------------

# make_image SIZE [DIRECTORY]: makes a sparse file of that size; prints its path.
make_image() {
	local file

	file=$(mktemp "${2:-$WORK}/image.XXXXXX")
	truncate --size="$1" "$file"
	printf '%s\n' "$file"
}

# make_random_image SIZE [DIRECTORY]: the same, filled with random bytes, so that all places differ.
make_random_image() {
	local file

	file=$(make_image 0 "${2:-$WORK}")
	random_bytes "$1" > "$file"
	printf '%s\n' "$file"
}

random_bytes() {
	local count

	count=$(numfmt --from=iec "$1")
	head --bytes="$count" /dev/urandom
}

# attach [LOSETUP OPTION...] FILE: prints the device.
attach() {
	losetup --find --show "$@"
}

# detach DEVICE...: also waits until they are free, which losetup does not.
detach() {
	local dev

	for dev; do
		losetup --detach "$dev"
	done
	for dev; do
		wait_for not is_attached "$dev"
	done
}

is_attached() {
	[[ -e /sys/block/${1#/dev/}/loop/backing_file ]]
}

# promptly COMMAND...: succeeds, and comes to its end though something else hangs; what it says is in "said".
promptly() {
	local process

	"$@" > said 2>&1 &
	process=$!
	wait_for not test -e "/proc/$process"
	wait "$process" || fail "$*: $(< said)"
}

# attached_devices: all loop devices that have a backing file, whatever their driver and name.
attached_devices() {
	local file

	for file in /sys/block/*/loop/backing_file; do
		[[ -e $file ]] || continue
		file=${file%/loop/backing_file}
		printf '/dev/%s\n' "${file##*/}"
	done
}

# switch_table NAME TABLE [SUSPEND-OPTION...]: gives a device-mapper device another table.
switch_table() {
	dmsetup suspend --nolockfs "${@:3}" "$1"
	dmsetup load "$1" --table "$2"
	dmsetup resume "$1"
}

nothing_attached() {
	[[ ! $(attached_devices) ]]
}

# loop_attribute DEVICE NAME: reads /sys/block/DEVICE/loop/NAME.
loop_attribute() {
	cat "/sys/block/${1#/dev/}/loop/$2"
}

# queue_attribute DEVICE NAME: reads /sys/block/DEVICE/queue/NAME.
queue_attribute() {
	cat "/sys/block/${1#/dev/}/queue/$2"
}

# partition_attribute DEVICE NUMBER NAME: start and size are always in sectors of 512 bytes.
partition_attribute() {
	local name=${1#/dev/}

	cat "/sys/block/$name/${name}p$2/$3"
}

# hold_device DEVICE: keeps it open and locked until release_device. Otherwise, whenever somebody closes a device that was
# open for writing, udev may have the kernel read the partitions again, and they are gone for a moment.
hold_device() {
	exec {HELD_FD}< "$1"
	flock --shared "$HELD_FD"
}

release_device() {
	exec {HELD_FD}<&-
}

# quiet_udev: stops udev, which would open devices, until wake_udev; udev never hears of what happened meanwhile.
quiet_udev() {
	udevadm settle
	kill_udev
}

# The same at once, whatever udev is doing.
kill_udev() {
	on_exit wake_udev
	# Asked to exit, it would never do so if it has put off an event because the device was locked.
	pkill --signal KILL 'udevd|udev-work'
	wait_for not pgrep 'udevd|udev-work' >&2
	# dmsetup then makes nodes itself, and without that file does not assume that udev runs.
	export DM_DISABLE_UDEV=1
	rm --force /run/udev/control
}

# It stays in the directory it is started from, hence "/".
wake_udev() {
	unset DM_DISABLE_UDEV
	pidof -q systemd-udevd || (cd / && exec /lib/systemd/systemd-udevd --daemon < /dev/null &> /dev/null)
}

# mount_tracing: mounts tracefs on TRACING.
TRACING=/sys/kernel/tracing
mount_tracing() {
	if ! mountpoint --quiet "$TRACING"; then
		mount -t tracefs tracefs "$TRACING"
		on_exit umount "$TRACING"
	fi
	# Recording task names changes the code of the scheduler while it runs: an emulated machine may stop there
	# for good.
	write_to 0 "$TRACING/options/record-cmd"
}

has_partition() {
	[[ -e /sys/block/${1#/dev/}/${1#/dev/}p$2 && -b ${1}p$2 ]]
}

has_writes_in_flight() {
	local writes

	read -r _ writes < "/sys/block/${1#/dev/}/inflight"
	((writes > 0))
}

device_bytes() {
	blockdev --getsize64 "$1"
}

# --- places to put images ------------------------------------------------------------------------

# mount_scratch FSTYPE [MKFS OPTION...]: makes and mounts a file system on the scratch disk, or on SCRATCH_DISK; prints the
# mount point. The caller unmounts it with umount_scratch before the test ends.
mount_scratch() {
	local fstype=$1 force=-f disk=${SCRATCH_DISK:-$SYSTEM_SCRATCH}

	shift
	[[ $fstype == ext4 ]] && force=-F
	wipefs --quiet --all "$disk" >&2
	"mkfs.$fstype" -q "$force" "$@" "$disk" >&2
	mkdir -p "$WORK/scratch"
	mount -t "$fstype" "$disk" "$WORK/scratch"
	printf '%s\n' "$WORK/scratch"
}

umount_scratch() {
	umount "$WORK/scratch"
}

# null_disk MIB [SECTOR BYTES [NAME=VALUE...]]: makes NULL_DISK, a disk in memory that goes when the test ends. NAME=VALUE are
# properties of null_blk.
null_disk() {
	local dir=/sys/kernel/config/nullb/nullb-reloop property

	modprobe null_blk nr_devices=0
	mkdir "$dir"
	on_exit rmdir "$dir"
	for property in memory_backed=1 size="$1" blocksize="${2:-512}" "${@:3}"; do
		echo "${property#*=}" > "$dir/${property%%=*}"
	done
	echo 1 > "$dir/power"
	udevadm settle
	NULL_DISK=/dev/nullb-reloop
	[[ -b $NULL_DISK ]] || NULL_DISK=/dev/nullb$(cat "$dir/index")
}

# --- misaligned memory ---------------------------------------------------------------------------

# insmod_test_module: loads tests/kmod/reloop_test.c until the test ends.
insmod_test_module() {
	insmod "$JOB/reloop_test.ko"
	on_exit rmmod reloop_test
	wait_for test -c /dev/reloop-test
}

# send_misaligned DEVICE SECTOR: writes standard input, in requests of up to 512 KiB, from kernel memory that is aligned to
# only 4 bytes.
send_misaligned() (
	open_misaligned "$1"
	dd bs=512K seek=$(($2 * 512)) iflag=fullblock oflag=seek_bytes conv=notrunc status=none >&"$MISALIGNED_FD"
)

# receive_misaligned DEVICE SECTOR COUNT: reads up to 1024 sectors into such memory, and prints them.
receive_misaligned() (
	open_misaligned "$1"
	dd bs=$(($3 * 512)) count=1 skip=$(($2 * 512)) iflag=skip_bytes status=none <&"$MISALIGNED_FD"
)

# open_misaligned DEVICE: makes reads and writes of MISALIGNED_FD go to the device.
open_misaligned() {
	local target

	exec {target}<>"$1" {MISALIGNED_FD}<>/dev/reloop-test
	echo "$target" >&"$MISALIGNED_FD"
}

# --- the reloop command --------------------------------------------------------------------------

# run_reloop ARGUMENT...: never ends the test; sets OUT and ERR (what it printed) and STATUS.
run_reloop() {
	run_captured "$JOB/reloop" "$@"
}

# run_captured COMMAND...: the same for any command.
run_captured() {
	STATUS=0
	"$@" > "$WORK/.out" 2> "$WORK/.err" || STATUS=$?
	OUT=$(< "$WORK/.out")
	ERR=$(< "$WORK/.err")
	printf '%s: status %s\n%s\n%s\n' "$*" "$STATUS" "$OUT" "$ERR"
}

# halt CALL[:N] PATH ARGUMENT...: starts reloop and stops it as soon as it has made that system call on PATH for the Nth time
# (the first without N). It is process $HALTED, under strace, which records those calls.
halt() {
	local call=${1%:*} n=${1#*:} tracer

	[[ $n != "$1" ]] || n=1
	rm -f "$WORK/.halted"
	strace --quiet=all --output="$WORK/.halted" --trace="$call" --trace-path="$2" --inject="$call:signal=STOP:when=$n" \
		"$JOB/reloop" "${@:3}" > "$WORK/.halted-out" 2> "$WORK/.halted-err" &
	tracer=$!
	on_exit kill_quietly "$tracer"
	wait_for grep --quiet --no-messages 'stopped by SIGSTOP' "$WORK/.halted"
	HALTED=$(pgrep --parent "$tracer")
	HALT_TRACER=$tracer
}

# go_on [SIGNAL]: sends it that signal and lets it run to its end. Sets OUT, ERR and STATUS as run_reloop does.
go_on() {
	STATUS=0
	[[ ! ${1-} ]] || kill -"$1" "$HALTED"
	kill -CONT "$HALTED"
	wait "$HALT_TRACER" || STATUS=$?
	cp "$WORK/.halted-err" "$WORK/.err"
	OUT=$(< "$WORK/.halted-out")
	ERR=$(< "$WORK/.err")
	printf 'halted: status %s\n%s\n%s\n' "$STATUS" "$OUT" "$ERR"
}

# assert_refused STATUS WORD...: the last run_reloop failed as the contract says: nothing on standard
# output, and one line on standard error that begins with "reloop: " and contains each WORD.
assert_refused() {
	local word

	assert_eq "$STATUS" "$1" 'exit status'
	shift
	assert_eq "$OUT" '' 'standard output'
	assert_eq "$(wc --lines < "$WORK/.err")" 1 'lines on standard error'
	assert_match "$ERR" '^reloop: ' 'standard error'
	for word; do
		[[ $ERR == *"$word"* ]] || fail "'$word' is not in: $ERR"
	done
}

# loopctl ARGUMENT...: raw ioctls; see tests/uapi/loopctl.c.
loopctl() {
	"$JOB/loopctl" "$@"
}

# assert_errno ERRNO LOOPCTL-ARGUMENT...: the ioctl is refused with exactly that error.
assert_errno() {
	assert_fails loopctl "${@:2}"
	assert_eq "$REFUSAL" "$1" "${*:2}"
}
