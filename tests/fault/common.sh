# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Faults on order. failnth.c walks through what can be refused; here is chosen what that is.

readonly FAULTS=/sys/kernel/debug

# set_fault KIND KNOB VALUE: until the test ends.
set_fault() {
	local file=$FAULTS/$1/$2

	on_exit write_to "$(< "$file")" "$file"
	write_to "$3" "$file"
}

# Every allocation can be refused, however hard it tries. The kernel remarks on what it could not make of its own,
# some of it with a trace; a real report has a line of its own beside that.
can_refuse_memory() {
	local kind

	expect_log 'kobject_add|vmalloc error: .* allocation failed|Call Trace:'
	mark_caches
	set_fault failslab cache-filter 1
	for kind in failslab fail_page_alloc; do
		set_fault "$kind" ignore-gfp-wait 0
		set_fault "$kind" verbose 0
	done
	set_fault fail_page_alloc ignore-gfp-highmem 0
	set_fault fail_page_alloc min-order 0
	cannot_refuse fail_usercopy
}

# All caches but those of the checkers, which turn themselves off when they get no memory.
mark_caches() {
	local mark

	for mark in /sys/kernel/slab/*/failslab; do
		case $mark in
		*/kmemleak_* | */debug_objects_cache/*) ;;
		*) echo 1 > "$mark" ;;
		esac
	done
}

# Every copy from or to user memory can.
can_refuse_user_copies() {
	set_fault fail_usercopy verbose 0
	cannot_refuse failslab
	cannot_refuse fail_page_alloc
}

# The filter for callers lets nobody through when it looks at none.
cannot_refuse() {
	set_fault "$1" stacktrace-depth 0
	set_fault "$1" require-start 1
}

# walk VERB...: refuse each in turn, or one in EVERY unless all is asked for; there is something to refuse.
walk() {
	run_captured "$JOB/failnth" --every "$([[ $ALL ]] && echo 1 || echo "${EVERY:-1}")" "$@"
	assert_eq "$STATUS" 0 'status of the walk'
	assert_match "$OUT" ': [1-9][0-9]* refusals' 'the walk'
}
