# SPDX-License-Identifier: GPL-2.0-only
#
# Extracts the scripts from docs/recipes.md: each block that begins with the lines "#!/bin/bash" and "# NAME ..." becomes
# the file NAME.
#
#	-v DIRECTORY=...	where to write them

/^```/ { file = first = "" }
/^#!\/bin\/bash$/ { first = $0; next }
first { file = DIRECTORY "/" $2; print first > file; first = "" }
file { print > file }
