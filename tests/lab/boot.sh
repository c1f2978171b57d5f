# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Booting a stock kernel with the guest's root, and running a job in it.
#
# The guest has one nvme controller, whose namespaces are, in this order: the root, the kernel's modules, the
# job, empty disks, images. It has three serial lines: the kernel's console, the job's input and output, and
# the job's exit status. The last two have the same names on all machines.

readonly STATUS_TIMEOUT=124 STATUS_NO_ANSWER=125
readonly CONSOLE_TAIL_LINES=60

# The command, its package, and its machine. Pointers are signed by something cheap: what processors do takes half of the
# time of an emulated one.
ARM64_QEMU=(qemu-system-aarch64 qemu-system-arm)
# shellcheck disable=SC2054 # commas separate QEMU's options
ARM64_MACHINE=(-M virt -cpu max,pauth-impdef=on)

# What the job may leave in /job beside what it came with.
readonly JOB_SPARE_MIB=1024

# boot KERNEL [OPTION]... JOBDIR
boot() {
	local kernel jobdir cpus=2 mem=2048 seconds=600 append='' icount='' interactive='' out='' plugin=''
	local -a parts=() disks=() images=() kept=()
	parse_boot_options "$@"
	mapfile -t parts < <(parts_of "$kernel")
	ensure_parts "${parts[@]}"
	keep "$(part "$(guest_name "$kernel")")"
	keep "$(part "$(kernel_name "$kernel")")"
	! is_arm64 "$kernel" || "$LAB/lab" require "${ARM64_QEMU[@]}"
	make_run_directory
	make_job_disk
	start_guest
	[[ -z $out ]] || copy_out
	report_end
}

# Sets the variables of boot().
parse_boot_options() {
	(($#)) || usage_error "boot takes a kernel and a job directory"
	kernel=$1
	require_kernel "$kernel"
	shift
	while [[ ${1:-} == --* ]]; do
		case $1 in
		--icount) icount=yes && shift && continue ;;
		--interactive) interactive=yes && shift && continue ;;
		esac
		(($# > 1)) || usage_error "$1 takes a value"
		case $1 in
		--cpus) cpus=$2 ;;
		--mem) mem=$2 ;;
		--timeout) seconds=$2 ;;
		--append) append=$2 ;;
		--out) out=$2 ;;
		--plugin) plugin=$2 ;;
		--disk) disks+=("$2") ;;
		--image) images+=("$2") ;;
		--keep) kept+=("$2") ;;
		*) usage_error "boot has no option $1" ;;
		esac
		shift 2
	done
	(($# == 1)) || usage_error "boot takes one job directory"
	jobdir=$1
	[[ -x $jobdir/run ]] || die "$jobdir/run: no such program; a job is a directory with an executable 'run' in it"
}

# A directory for this run, dropped at the end; those of labs that were killed are dropped by the next one.
make_run_directory() {
	local runs=$CACHE/run lock
	mkdir -p "$runs"
	exec {lock}<"$runs"
	flock "$lock"
	prune "$runs"/*
	run=$(mktemp --directory "$runs/XXXXXX")
	keep "$run"
	exec {lock}<&-
	trap end_run EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

end_run() {
	if [[ -n ${qemu_pid:-} ]]; then
		kill "$qemu_pid" 2>/dev/null || true
		wait "$qemu_pid" 2>/dev/null || true
	fi
	rm -rf "$run"
}

# The job's directory, with the guest's init and the job's environment, as a file system.
make_job_disk() {
	local used_mib
	job_environment >"$run/environment"
	used_mib=$(du --summarize --block-size=1M "$jobdir" | cut -f1)
	mkfs.ext4 -q -d "$jobdir" -O ^has_journal "$run/job.ext4" $((used_mib * 5 / 4 + JOB_SPARE_MIB))M >"$run/mkfs.log"
	debugfs -w -f - "$run/job.ext4" >"$run/debugfs.log" 2>&1 <<-END
		mkdir .lab
		write "$LAB/guest-init" .lab/init
		sif .lab/init mode 0100755
		write "$run/environment" .lab/environment
	END
}

# Disks are told by their namespace number here; the guest's init turns that into the name they got.
job_environment() {
	local i nsid=4
	printf 'export %s=%q\n' KERNEL "$kernel" TERM "${TERM:-dumb}"
	printf '%s=%q\n' interactive "$interactive"
	for i in "${!disks[@]}"; do
		echo "export SCRATCH$i=\$(namespace $((nsid++)))"
	done
	for i in "${!images[@]}"; do
		echo "export IMAGE$i=\$(read_only_namespace $((nsid++)))"
	done
	for i in "${!kept[@]}"; do
		echo "export KEPT$i=\$(namespace $((nsid++)))"
	done
	if [[ -n $interactive ]]; then
		printf 'window="%s"\n' "$(stty size | sed 's/\(.*\) \(.*\)/rows \1 columns \2/')"
	fi
}

# add_disk FILE OPTIONS [FORMAT]: the next namespace. Sets qemu_args and nsid of the caller.
add_disk() {
	nsid=$((nsid + 1))
	qemu_args+=(
		-drive "if=none,id=disk$nsid,format=${3:-raw},file=${1//,/,,},$2"
		-device "nvme-ns,drive=disk$nsid,nsid=$nsid"
	)
}

# The arguments of QEMU; sets qemu_args of the caller.
# shellcheck disable=SC2054 # commas separate QEMU's options
compose_qemu_args() {
	local i nsid=0 kernel_dir mux=${interactive:+on}
	mux=${mux:-off}
	kernel_dir=$(part "$(kernel_name "$kernel")")
	compose_machine_args
	[[ ! -e $kernel_dir/initrd.cpio ]] || qemu_args+=(-initrd "$kernel_dir/initrd.cpio")
	[[ -z $plugin ]] || qemu_args+=(-plugin "$plugin")
	qemu_args+=(
		-kernel "$kernel_dir/vmlinuz"
		-append "root=PARTUUID=$ROOT_DISK_ID-01 init=/sbin/lab-init $(kernel_arguments) $append"
	)
	add_disk "$(part "$(guest_name "$kernel")")/root.img" snapshot=on
	add_disk "$kernel_dir/modules.ext4" readonly=on
	add_disk "$run/job.ext4" cache=unsafe
	for i in "${!disks[@]}"; do
		truncate --size="${disks[i]}" "$run/scratch$i"
		add_disk "$run/scratch$i" cache=unsafe,discard=unmap
	done
	for i in "${!images[@]}"; do
		add_disk "$(realpath "${images[i]}")" readonly=on
	done
	for i in "${!kept[@]}"; do
		add_disk "$(realpath "${kept[i]}")" cache=unsafe,discard=unmap
	done
	# Ctrl-] x ends a guest that hangs at the prompt; Ctrl-C and all others go to the guest.
	qemu_args+=(
		-chardev "stdio,id=job,signal=off,mux=$mux"
		-chardev "file,id=status,path=$run/status"
		-echr 0x1d
	)
	if is_arm64 "$kernel"; then
		# Its own line is no ttyS, so there is an idle one to be ttyS0.
		qemu_args+=(-chardev null,id=idle)
		for i in idle job status; do
			qemu_args+=(-device "pci-serial,chardev=$i")
		done
	else
		qemu_args+=(-serial chardev:job -serial chardev:status)
	fi
}

# Those of a machine with no disk yet, whose first serial line is the kernel's console. Sets qemu of the caller as well.
# shellcheck disable=SC2054
compose_machine_args() {
	qemu='qemu-system-x86_64'
	qemu_args=(-M q35 -cpu max)
	if is_arm64 "$kernel"; then
		qemu=${ARM64_QEMU[0]}
		qemu_args=("${ARM64_MACHINE[@]}")
	fi
	if [[ -n $icount ]]; then
		qemu_args+=(-accel tcg,thread=single -smp 1 -icount shift=0,sleep=off)
	else
		qemu_args+=(-accel tcg,thread=multi -smp "$cpus")
	fi
	qemu_args+=(
		-m "$mem" -nodefaults -no-user-config -display none -no-reboot
		-device nvme,serial=lab
		-chardev "file,id=console,path=$run/console" -serial chardev:console
	)
}

# Addresses are not shuffled (norandmaps), because that makes starting a program three times as fast here.
# An oops is a panic, and a panic ends the guest. A busy host is late with the ticks that the kernel counts at boot,
# which must not make it panic (no_timer_check).
kernel_arguments() {
	local console=ttyS0
	! is_arm64 "$kernel" || console=ttyAMA0
	echo "console=$console rootwait rw rootfstype=ext4" \
		"devtmpfs.mount=1 norandmaps no_timer_check oops=panic panic=-1 loglevel=7"
}

# Runs the guest to its end; sets qemu_status of the caller.
start_guest() {
	local qemu
	local -a qemu_args=()
	compose_qemu_args
	if [[ -n $interactive ]]; then
		qemu_status=0
		"$qemu" "${qemu_args[@]}" 2>"$run/qemu.log" || qemu_status=$?
		return
	fi
	run_qemu
}

# To its end, with qemu and qemu_args of the caller; sets qemu_status.
run_qemu() {
	# QEMU makes its output non-blocking, for all who share it: so it gets a pipe of its own.
	mkfifo "$run/output"
	cat "$run/output" &
	# Each dies with its parent, should that be killed outright.
	setpriv --pdeathsig TERM timeout --kill-after=10 "$seconds" \
		setpriv --pdeathsig KILL "$qemu" "${qemu_args[@]}" \
		</dev/null >"$run/output" 2>"$run/qemu.log" &
	qemu_pid=$!
	qemu_status=0
	wait "$qemu_pid" || qemu_status=$?
	qemu_pid=
	wait
}

# What the job left in /job/out, if anything.
copy_out() {
	debugfs -R "rdump /out \"$run\"" "$run/job.ext4" >"$run/debugfs.log" 2>&1
	mkdir -p "$out"
	[[ ! -d $run/out ]] || cp -a "$run/out/." "$out/"
}

# Exit with the job's status, or tell why there is none.
report_end() {
	local status=''
	[[ ! -s $run/status ]] || read -r status <"$run/status" || true
	status=${status%$'\r'}
	[[ -z $status ]] || exit "$status"
	if [[ -s $run/console ]]; then
		say "the end of the kernel's console:"
		tail -n "$CONSOLE_TAIL_LINES" "$run/console" | tr -d '\r' >&2
	else
		cat "$run/qemu.log" >&2
	fi
	if ((qemu_status == STATUS_TIMEOUT)); then
		say "the guest ($kernel) was not done after $seconds s, and was ended"
		exit "$STATUS_TIMEOUT"
	fi
	say "the guest ($kernel) ended before its job did"
	exit "$STATUS_NO_ANSWER"
}

# machine [--overlay] {KERNEL | --firmware FILE} DISK: boots what is on DISK, a Debian that is the whole of it or, with firmware, whatever
# boots; it keeps what that writes. Prints the console. The machine ends when it is switched off.
machine() {
	local kernel='' cpus=2 mem=2048 seconds=600 icount='' nsid=0 qemu qemu_args=() format=raw
	if [[ ${1:-} == --overlay ]]; then
		format=qcow2
		shift
	fi
	(($# == 2 || $# == 3)) || usage_error "machine takes a kernel or --firmware FILE, and a disk"
	make_run_directory
	compose_machine_args
	if [[ $1 == --firmware ]]; then
		qemu_args+=(-bios "$2")
	else
		kernel=$1
		require_kernel "$kernel"
		! is_arm64 "$kernel" || usage_error "machine boots none of ${ARM64_KERNELS[*]}"
		ensure_parts "kernel-$kernel"
		keep "$(part "kernel-$kernel")"
		qemu_args+=(
			-kernel "$(part "kernel-$kernel")/vmlinuz"
			-append "root=/dev/nvme0n1 init=/lib/systemd/systemd $(kernel_arguments)"
		)
	fi
	add_disk "${!#}" cache=unsafe "$format"
	run_qemu
	tr -d '\r' <"$run/console"
	((qemu_status == 0)) || die "the machine was not done after $seconds s, and was ended"
}

# shell [KERNEL]
shell() {
	local kernel=${1:-6.12} job
	require_kernel "$kernel"
	[[ -t 0 && -t 1 ]] || die "shell needs a terminal"
	"$LAB/lab" build "$kernel"
	job=$(mktemp --directory)
	# shellcheck disable=SC2064 # the name of now
	trap "rm -rf '$job'" EXIT
	install "$CACHE/build/$kernel/"{reloop.ko,reloop} "$job"
	install "$LAB/guest-shell" "$job/run"
	"$LAB/lab" boot "$kernel" --interactive "$job"
}
