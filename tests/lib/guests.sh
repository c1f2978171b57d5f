# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The host's side of the guest tests. A worker boots guests until every test of its share has a verdict, and writes
# what the guests print (lib/guest explains the protocol) to a file. The files are read in the order of the shares, so
# the report is the same however many workers run at once. A share is every other test of a kernel's plan, KERNEL@0 and
# KERNEL@1, so that any number of kernels keeps all guests busy to the end; or all of a short plan.

# Two guests with two emulated processors each make the best use of two host processors.
GUESTS_AT_ONCE=${GUESTS_AT_ONCE:-2}

readonly GUEST_TIMEOUT=3000
readonly GUEST_MIB=${GUEST_MIB:-2048}
readonly SCRATCH_SIZE=1G
# log_buf_len: the log has to reach back to where a test began.
readonly KERNEL_ARGUMENTS='log_buf_len=16M'
# Fewer tests than this are done before a second guest is up.
readonly WORTH_TWO_GUESTS=8
# An emulated machine on a busy host may fail to come up; if it fails again, there is a reason.
readonly BOOTS_IN_VAIN=2

# patience_of KERNEL: how many times longer than usual everything may take; PATIENCE in the guest.
patience_of() {
	if [[ $1 == debug ]]; then
		echo 8
	else
		echo 1
	fi
}

# start_guests RUN_DIR KERNEL...: starts running the tests that plan_of lists for each kernel.
start_guests() {
	local run=$1 kernel share

	SHARES=()
	for kernel in "${@:2}"; do
		if (($(plan_of "$kernel" | wc --lines) < WORTH_TWO_GUESTS)); then
			SHARES+=("$kernel")
		else
			SHARES+=("$kernel@0" "$kernel@1")
		fi
	done
	for share in "${SHARES[@]}"; do
		: > "$run/$share.events"
	done
	start_workers "$run" "${SHARES[@]}" &
	WORKERS=$!
}

# await_guests RUN_DIR: reports on what start_guests has started until it ends.
await_guests() {
	local run=$1 share

	for share in "${SHARES[@]}"; do
		report_guest "${share%@*}" "$ROWS" < <(tail --lines=+1 --follow --pid="$WORKERS" \
			--sleep-interval=0.2 "$run/$share.events")
	done
	wait "$WORKERS" || true
	WORKERS=
}

stop_guests() {
	[[ ! ${WORKERS:-} ]] || kill "$WORKERS" 2> /dev/null || true
}

# If killed, it kills its workers.
start_workers() {
	local run=$1 share running=0

	shift
	# shellcheck disable=SC2046 # a list of process numbers
	trap 'kill $(jobs -p) 2> /dev/null; exit 143' TERM
	for share; do
		if ((running == GUESTS_AT_ONCE)); then
			wait -n || true
			running=$((running - 1))
		fi
		work_through_plan "$run" "$share" > "$run/$share.events" &
		running=$((running + 1))
	done
	wait
}

# --- a worker: boots until nothing is left to do ------------------------------------------------

work_through_plan() {
	local run=$1 share=$2 job=$1/$2.job before in_vain=0

	trap 'kill ${BOOT:-} 2> /dev/null; exit 143' TERM
	make_job "$run" "${share%@*}" "$job"
	plan_of_share "$share" > "$job/plan"
	while [[ -s $job/plan ]]; do
		before=$(wc --lines < "$job/plan")
		echo "boot $before"
		boot_once "${share%@*}" "$job" "$run/$share"
		(($(wc --lines < "$job/plan") == before)) || continue
		in_vain=$((in_vain + 1))
		if ((in_vain == BOOTS_IN_VAIN)); then
			give_up "$run/$share" "$before"
			break
		fi
	done
	echo end
}

plan_of_share() {
	case $1 in
	*@*) plan_of "${1%@*}" | awk -v share="${1#*@}" 'NR % 2 == share' ;;
	*) plan_of "$1" ;;
	esac
}

make_job() {
	local run=$1 kernel=$2 job=$3 products

	products=$(tests/lab/lab cache)/build/$kernel
	mkdir -p "$job/tests"
	cp "$products"/{reloop.ko,reloop_test.ko,reloop} "$job"
	cp "$run/$(machine_of "$kernel")"/{loopctl,ownctl,ownctl32,failnth,fusefile,fua,pollctl,model,ops,powercut,cutmodel,fileops,memory,torture,fuzz,fuzz32,contract,contract32} "$job"
	cp --parents docs/{uapi,recipes}.md tests/lab/guest-demo "$job"
	make --silent -C tools/system install DESTDIR="$job/system" PREFIX=/usr
	(cd tests && cp --recursive --parents lib ./*/[0-9][0-9][0-9] ./*/*.{sh,awk} "$job/tests")
	cat > "$job/run" <<-END
		#!/bin/bash
		export PATIENCE=$(patience_of "$kernel") ALL_KERNELS='$ALL_KERNELS'
		export TORTURE_SECONDS=${TORTURE_SECONDS:-10} TORTURE_SEED=${TORTURE_SEED:-1}
		export FILEOPS=${FILEOPS:-800} FILEOPS_SEED=${FILEOPS_SEED:-1}
		export MODEL_SECONDS=${MODEL_SECONDS:-4} MODEL_SEED=${MODEL_SEED:-1}
		export POWERCUT_ROUNDS=${POWERCUT_ROUNDS:-8} POWERCUT_CUTS=${POWERCUT_CUTS:-16} POWERCUT_SEED=${POWERCUT_SEED:-1}
		export FUZZ_SECONDS=${FUZZ_SECONDS:-9} FUZZ_SEED=${FUZZ_SEED:-1} FUZZ_TRACE=${FUZZ_TRACE:-}
		export MEMORY_SECONDS=${MEMORY_SECONDS:-1} AWAY_SECONDS=${AWAY_SECONDS:-3}
		export IN_TREE=${ALL:-${T:+1}}
		export SUBMIT=${SUBMIT:-} ALL=${ALL:-} CUT_OPS=${CUT_OPS:-}
		exec "\${0%/*}/tests/lib/guest"
	END
	chmod +x "$job/run"
}

# guest_seconds KERNEL: how long a guest may take, including tests that are asked to run for longer.
guest_seconds() {
	local longer=$((4 * ${MODEL_SECONDS:-0} + 4 * ${TORTURE_SECONDS:-0} + 40 * ${POWERCUT_CUTS:-0} + ${FILEOPS:-0} / 20 +
			8 * ${FUZZ_SECONDS:-0} + 40 * ${MEMORY_SECONDS:-0}))

	echo $(((GUEST_TIMEOUT + longer) * $(patience_of "$1")))
}

# One boot: passes on what the guest prints, and removes the tests that have a verdict from the plan.
# A test that was running when the guest ended has failed.
boot_once() {
	local kernel=$1 job=$2 prefix=$3 verb rest running='' status=0

	mkfifo "$prefix.said"
	tests/lab/lab boot "$kernel" --timeout "$(guest_seconds "$kernel")" --mem "$GUEST_MIB" \
		--disk "$SCRATCH_SIZE" --append "$KERNEL_ARGUMENTS" "$job" > "$prefix.said" 2> "$prefix.console" &
	BOOT=$!
	while read -r verb rest; do
		rest=${rest%$'\r'}
		echo "$verb $rest"
		case $verb in
		begin) running=${rest%% *} ;;
		pass | fail | skip) strike_out "${rest%% *}" "$job/plan"; running='' ;;
		esac
	done < "$prefix.said"
	wait "$BOOT" || status=$?
	rm "$prefix.said"
	if [[ $running ]]; then
		echo "# the guest ended in the middle of it (lab boot: status $status)"
		sed 's/^/# /' "$prefix.console"
		echo "fail $running 0"
		strike_out "$running" "$job/plan"
	fi
}

strike_out() {
	sed --in-place "\\|^$1\$|d" "$2"
}

give_up() {
	echo "begin boot the guest comes up and runs its $2 tests"
	sed 's/^/# /' "$1.console"
	echo 'fail boot'
}

# --- the report ------------------------------------------------------------------------------------

# report_guest KERNEL ROWS: reads from standard input what the worker writes; observations go to the file ROWS.
report_guest() {
	local kernel=$1 observed=$2 verb rest id description='' details=''

	while read -r verb rest; do
		id=${rest%% *}
		case $verb in
		boot) report_progress "$kernel: booting a guest for $rest tests" ;;
		begin) description=${rest#* } details='' ;;
		'#') details+=$rest$'\n' ;;
		remark) report_progress "$kernel: $rest" ;;
		observed) printf '%s\t%s\n' "$kernel" "$rest" >> "$observed" ;;
		pass) report_pass "$kernel $id $description$(remark_time "${rest#* }")" ;;
		fail) report_fail "$kernel $id $description" <<< "${details%$'\n'}" ;;
		skip) report_skip "$kernel $id $description" "${rest#* }" ;;
		end) return ;;
		*) report_progress "$kernel: $verb $rest" ;;
		esac
	done
	report_fail "$kernel the worker came to its end" <<< 'it did not'
}

# remark_time SECONDS: prints the time only if it is long.
remark_time() {
	(($1 < 10)) || echo " # $1 s"
}
