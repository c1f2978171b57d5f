# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The output of `make check`: numbered lines like those of TAP, and the counts at the end.

PASSED=0 FAILED=0 SKIPPED=0

report_number() {
	echo $((PASSED + FAILED + SKIPPED))
}

report_pass() {
	PASSED=$((PASSED + 1))
	echo "ok $(report_number) - $1"
}

# report_fail NAME: shows standard input below it.
report_fail() {
	FAILED=$((FAILED + 1))
	echo "not ok $(report_number) - $1"
	sed 's/^/# /'
}

report_skip() {
	SKIPPED=$((SKIPPED + 1))
	echo "ok $(report_number) - $1 # SKIP $2"
}

report_progress() {
	echo "# $*"
}

# report_command NAME COMMAND...: passes if the command succeeds; otherwise shows its output.
report_command() {
	local name=$1 output

	shift
	if output=$("$@" 2>&1); then
		report_pass "$name"
	else
		report_fail "$name" <<< "$output"
		return 1
	fi
}

# Prints the last line. A run without a passed test is no success.
report_summary() {
	echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
	((FAILED == 0 && PASSED > 0))
}
