# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Checks of the sources that do not run them. The working directory is the checkout. The checkers are
# those of the build root, the same on every machine; in_build_root is in programs.sh.

# What checkpatch does not check, and why:
#   LINUX_VERSION_CODE  check_version_tests is more precise
#   ENOSYS              in-tree loop returns it for an unknown ioctl of its control node
KERNEL_IGNORE=LINUX_VERSION_CODE,ENOSYS
# A compatibility layer consists of these: old names for new ones, parameters that an older kernel does not have.
COMPAT_IGNORE=$KERNEL_IGNORE,NEW_TYPEDEFS,MACRO_ARG_UNUSED,MACRO_ARG_REUSE,CONSTANT_COMPARISON
# Tracepoints have a layout of their own.
TRACE_IGNORE=$KERNEL_IGNORE,PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE
# A program does not have the kernel's types, macros and functions, its signal handlers need volatile, and
# its sentences are longer than a line. LINE_SPACING misreads _Atomic and arrays of function pointers.
PROGRAM_IGNORE=ENOSYS,PREFER_KERNEL_TYPES,CAMELCASE,ARRAY_SIZE,STRCPY,STRNCPY,PREFER_DEFINED_ATTRIBUTE_MACRO
PROGRAM_IGNORE+=,SPLIT_STRING,LONG_LINE_STRING,VOLATILE,MACRO_ARG_REUSE,LINE_SPACING

# static_checks KERNEL: a kernel that the checkout was built for with warnings as errors.
static_checks() {
	report_command 'checkpatch --strict' check_all_styles || true
	report_command 'shellcheck' check_shell || true
	report_command 'the recipes: shellcheck, and a test for each' check_recipes || true
	report_command 'version tests only in src/compat' check_version_tests || true
	report_command 'no gfp mask of a backing file is changed' check_gfp_masks || true
	report_command 'the rooms of src/ and tools/: arrows run downwards, the picture is true, no file is long' check_rooms "$1" || true
	report_command 'arm64 builds, warnings are errors' tests/lab/lab build arm64 "${STRICT[@]}" || true
	report_command 'docs/uapi.md is a contract' read_contract || true
	report_command 'reloop(8) has the commands and options of the help' check_manual || true
	report_command 'make demo takes the name of an image as it is' check_demo_image || true
	report_command 'make deb takes the name of a maintainer as it is' check_maintainer || true
	report_command 'every source begins with its licence' check_licences || true
}

# find_sources REGEX DIR...: files whose path ends in REGEX.
find_sources() {
	local regex=$1

	shift
	find "$@" -type f -regextype posix-extended -regex ".*$regex" ! -name '*.mod.c' | sort
}

check_all_styles() {
	local status=0

	find_sources '\.[ch]' src include tests/kmod | grep --invert-match --extended-regexp '/compat/|/trace\.h' |
		check_style "$KERNEL_IGNORE" || status=1
	find_sources '/trace\.h' src | check_style "$TRACE_IGNORE" || status=1
	find_sources '\.[ch]' src/compat | check_style "$COMPAT_IGNORE" || status=1
	find_sources '\.[ch]' tools tests | grep --invert-match '^tests/kmod/' |
		check_style "$PROGRAM_IGNORE" || status=1
	return "$status"
}

# check_style IGNORED-TYPES: standard input is a list of files. Any remark of checkpatch is a failure.
check_style() {
	local files remarks

	mapfile -t files
	remarks=$(in_build_root checkpatch.pl --strict --no-tree --quiet --no-summary --show-types \
		--ignore "$1" --max-line-length=100 --file "${files[@]}" 2>&1 |
		grep --invert-match --extended-regexp 'git: not found|checkpatch-camelcase') || true
	[[ ! $remarks ]] || {
		printf '%s\n' "$remarks"
		return 1
	}
}

check_shell() {
	local files

	mapfile -t files < <(shell_sources)
	# SC2034: the runner reads a test's header.
	in_build_root shellcheck --shell=bash --external-sources --source-path=SCRIPTDIR \
		--exclude=SC2034 "${files[@]}"
}

# Shell files by their name or first line.
shell_sources() {
	find_sources '(\.sh|\.bash|tests/[a-z]+/[0-9]{3})' tests tools
	grep --recursive --files-with-matches --max-count=1 --extended-regexp \
		'^#!.*\b(ba)?sh\b' tests tools .ci | sort
}

# Checks the scripts of docs/recipes.md, which tests call "recipe NAME". SC2016: an inner shell expands it.
check_recipes() {
	# shellcheck disable=SC2016 # the inner shell expands these
	in_build_root sh -euc '
		mkdir /tmp/recipes
		awk -v DIRECTORY=/tmp/recipes -f tests/lib/recipes.awk docs/recipes.md
		shellcheck --exclude=SC2016 /tmp/recipes/*
		for script in /tmp/recipes/*; do
			grep --recursive --quiet "recipe ${script##*/}" tests || {
				echo "no test runs ${script##*/}"
				exit 1
			}
		done'
}

check_version_tests() {
	! grep --recursive --line-number --extended-regexp 'LINUX_VERSION_CODE|KERNEL_VERSION *\(' \
		--exclude-dir=compat src include
}

# No test could notice this.
check_gfp_masks() {
	! grep --recursive --line-number --extended-regexp 'mapping_set_gfp_mask|->gfp_mask *=[^=]' src include
}

# check_rooms KERNEL: checks the objects of the strict build for that kernel.
check_rooms() {
	# shellcheck disable=SC2016 # the inner shell expands these
	tar --create --directory="$(tests/lab/lab cache)/build/$1/strict" src tools |
		in_build_root sh -euc '
			mkdir /tmp/built
			tar --extract --directory=/tmp/built
			tests/lib/rooms /tmp/built'
}

# Compares both as lines "COMMAND" and "COMMAND -l, --long KIND". "run" has all options of "attach", and the manual says so.
check_manual() {
	diff --unified <(options_of_help | sort) <(options_of_manual docs/man/reloop.8 | sort)
}

options_of_help() {
	# shellcheck disable=SC2016 # the inner shell expands these
	in_build_root sh -euc '
		cp -r . /tmp/checkout
		make --silent -C /tmp/checkout/tools >&2
		reloop=/tmp/checkout/tools/reloop
		for command in $("$reloop" help | sed -nE "s/^  ([a-z]+) .*/\1/p"); do
			echo "$command"
			"$reloop" help "$command" |
				sed -nE "/--help/d; s/^ +((-., )?--[a-z-]+( [^ ]+)?) .*/$command \1/p"
		done' |
		awk '{ option = substr($0, length($1) + 2) }
		     $1 == "attach" { of_attach[option] }
		     $1 != "run" || !option || !(option in of_attach)'
}

# Below the heading "COMMANDS", each command has a heading and each option an .It Fl o , Fl -offset Ar SIZE.
options_of_manual() {
	awk '$1 == ".Sh" { is_commands = $2 == "COMMANDS" }
	     is_commands && $1 == ".Ss" { command = $2; print command }
	     is_commands && /^\.It Fl / { sub(/^\.It /, ""); sub(/ , /, ", "); gsub(/Fl /, "-"); sub(/Ar /, "")
					  print command, $0 }' "$1"
}

# Neither make nor a shell may evaluate the name.
check_demo_image() {
	# shellcheck disable=SC2016 # nothing expands this
	local name='no $$such "two words" $(file) `here`'

	{ make --silent demo IMAGE="$name" 2>&1 || true; } | grep --fixed-strings "demo: $name: no such file"
}

# The name is in the control file when only dpkg-buildpackage is left to run.
check_maintainer() {
	local work status=0

	work=$(mktemp --directory)
	printf '#!/bin/sh\ncp debian/control ..\n' > "$work/dpkg-buildpackage"
	chmod +x "$work/dpkg-buildpackage"
	PATH=$work:$PATH DEBFULLNAME='A/B & C\D' DEBEMAIL=e@f tools/packaging/make-deb "$work/out" &&
		grep --fixed-strings --line-regexp 'Maintainer: A/B & C\D <e@f>' "$work/out/control" || status=1
	rm -r "$work"
	return "$status"
}

check_licences() {
	local file status=0

	while read -r file; do
		if ! head -2 "$file" | grep --quiet 'SPDX-License-Identifier: GPL-2.0-only'; then
			echo "$file: no SPDX line"
			status=1
		fi
	done < <(find_sources '(\.[ch]|\.sh|\.awk|Makefile|Kbuild|tests/[a-z]+/[0-9]{3})' Makefile Kbuild src include tools tests
		 shell_sources)
	return "$status"
}
