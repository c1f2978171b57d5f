# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A test of this group observes a driver that has the loop names, whichever that is, and is run for reloop, and with
# ALL or T for the kernel's own as well. What it observes are rows of docs/uapi.md, and they must be as it says.
#
# Such a test sources this file and defines observe(), which prints lines "ROW <tab> RESULT" (see row()); DRIVER is
# loop or reloop there, and $WORK a directory for this driver alone. MODULE_ARGS are given to both.

MODULE=none
NEEDS='module:loop'
TIMEOUT=900

test_run() {
	local rows

	# Of both drivers, all that is waited for is the kernel's, most often for a grace period.
	on_exit write_to 0 /sys/kernel/rcu_expedited
	write_to 1 /sys/kernel/rcu_expedited
	for DRIVER in $(drivers); do
		load_driver
		rows=$WORK/rows.$DRIVER
		observe_driver > "$rows"
		unload_driver
		sed "s/^/$DRIVER\t/" "$rows" >> "$OBSERVED_ROWS"
	done
	compare_with_contract
}

# What the kernel's own driver does changes with the kernel, not with reloop, so it is observed when somebody asks for
# it; but not on the debug kernel, which is there to find mistakes of reloop.
drivers() {
	if [[ $IN_TREE && $KERNEL != debug ]]; then
		echo loop reloop
	else
		echo reloop
	fi
}

# row NAME RESULT: one observation.
row() {
	printf '%s\t%s\n' "$1" "$2"
}

# outcome COMMAND...: how a command ended, "ok" or "failed", for a row.
outcome() {
	if "$@" >&2; then
		echo ok
	else
		echo failed
	fi
}

# contract GROUP...: rows of the ioctls, see contract.c. PROGRAM=contract32 for those of a 32-bit program.
contract() {
	local dir

	null_disk 64 4096 >&2
	mkfs.ext4 -q -F "$NULL_DISK"
	mkdir on-disk
	mount "$NULL_DISK" on-disk
	on_exit umount "$WORK/on-disk"
	dir=$(mount_scratch ext4)
	on_exit umount_scratch
	quiet_udev
	"$JOB/${PROGRAM:-contract}" "$dir" "$WORK" "$NULL_DISK" "$WORK/on-disk" "$@"
	wake_udev
}

# --- what makes a test of observe() ----------------------------------------------------------------

# In a shell of its own, so that what it leaves to its end is done before the driver is unloaded.
observe_driver() (
	EXIT_HANDLERS=()
	trap run_exit_handlers EXIT
	enter_work_of_driver
	observe
)

enter_work_of_driver() {
	WORK=$WORK/$DRIVER
	mkdir "$WORK"
	cd "$WORK" || exit
}

load_driver() {
	local file

	case $DRIVER in
	loop) file=$(modinfo --field filename loop) ;;
	reloop) file=$JOB/reloop.ko ;;
	esac
	# shellcheck disable=SC2086 # the arguments are words
	insmod "$file" ${MODULE_ARGS:-}
	udevadm settle
}

# A reference that the driver forgot to drop keeps it loaded.
unload_driver() {
	udevadm settle
	wait_for nothing_attached
	wait_for rmmod "$DRIVER"
}

compare_with_contract() {
	local release observations=()

	[[ $(uname --kernel-release) =~ ^[0-9]+\.[0-9]+ ]]
	release=${BASH_REMATCH[0]}
	awk -v KERNELS="$release $ALL_KERNELS" -f "$JOB/tests/lib/spec.awk" "$JOB/docs/uapi.md" > "$WORK/spec"
	for DRIVER in $(drivers); do
		observations+=("is=$DRIVER" "$WORK/rows.$DRIVER")
	done
	awk -v KERNEL="$release" -v DRIVERS="$(drivers)" -f "$JOB/tests/lib/judge.awk" \
		"$WORK/spec" "${observations[@]}"
}
