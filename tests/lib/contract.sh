# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The host's side of the contract: docs/uapi.md, and what the guests observed (in the file ROWS).

# Prints the contract in the form of lib/spec.awk; fails if it cannot be read.
read_contract() {
	awk -v KERNELS="$ALL_KERNELS" -f tests/lib/spec.awk docs/uapi.md
}

# contract_is_complete KERNEL...: if all contract tests ran on all kernels, every row must have been observed.
contract_is_complete() {
	if [[ $* == "$ALL_KERNELS" ]] &&
	   ! all_tests | grep '^contract/' | grep --quiet --invert-match --line-regexp --fixed-strings --file="$RUN/plan"; then
		report_command 'every row of docs/uapi.md was observed' no_row_unobserved || true
	fi
}

no_row_unobserved() {
	local missing

	missing=$(comm -23 <(read_contract | cut --fields=1 | sort --unique) <(cut --fields=3 "$ROWS" | sort --unique))
	[[ ! $missing ]] || {
		printf 'never observed:\n%s\n' "$missing"
		return 1
	}
}
