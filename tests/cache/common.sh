# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The attribute of how data goes through the page cache of the backing file.

# cache_of DEVICE
cache_of() {
	cat "/sys/block/${1#/dev/}/reloop/cache"
}

# set_cache DEVICE MODE: by a program, so that its failure can be expected.
set_cache() {
	echo "$2" | dd status=none of="/sys/block/${1#/dev/}/reloop/cache"
}

# Since 6.14, on file systems that know of it; ext4 does.
can_dontcache() {
	local major minor

	IFS=. read -r major minor _ < <(uname -r)
	((major > 6 || (major == 6 && minor >= 14)))
}
