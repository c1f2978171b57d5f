# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A root with a compiler that has libFuzzer. It is a part like others, with a key of its own, since it is needed by
# tests/parse/fuzz alone.

FUZZING_PACKAGES=(clang libclang-rt-14-dev libc6-dev make)

fuzzing_key() {
	echo "$PART_KEY ${FUZZING_PACKAGES[*]}" | sha256sum | cut -c1-12
}

make_fuzzing_part() {
	bootstrap bookworm "$2"
	root_apt_get "$2" install "${FUZZING_PACKAGES[@]}"
	root_apt_get "$2" clean
}

# fuzzing COMMAND...: run it in the root; the checkout is read-only, what is in /corpus stays in the cache.
fuzzing() {
	local root
	(($#)) || usage_error "fuzzing takes a command"
	become_root fuzzing "$@"
	ensure_parts fuzzing
	root=$(part fuzzing)
	keep "$root"
	mkdir -p "$CACHE/corpus"
	in_root "$root" --bind-ro "$CHECKOUT" /checkout --bind "$CACHE/corpus" /corpus --cwd /checkout -- "$@"
}
