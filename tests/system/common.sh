# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What `make install` tells the rest of the system, put where that looks for it; all gone when the test ends.

# install_system_files: for this test.
install_system_files() {
	local file

	while read -r file; do
		on_exit rm -f "/$file"
	done < <(cd "$JOB/system" && find . -type f)
	cp --recursive "$JOB/system/." /
}

# install_module: where modprobe looks for it from now on, also when the kernel calls it. /lib/modules is read-only in the
# guest, and udev would keep a layer laid over it busy.
install_module() {
	local release old

	release=$(uname -r)
	old=$(< /proc/sys/kernel/modprobe)
	MODULES=$WORK/root/lib/modules/$release
	mkdir -p "$MODULES/updates"
	ln -s "/lib/modules/$release/kernel" "$MODULES"
	find "/lib/modules/$release/" -maxdepth 1 \( -name 'modules.builtin*' -o -name modules.order \) -exec cp {} "$MODULES" \;
	cp "$JOB/reloop.ko" "$MODULES/updates"
	depmod --basedir "$WORK/root"

	export MODPROBE_OPTIONS="--dirname=$WORK/root"
	printf '#!/bin/sh\nMODPROBE_OPTIONS="%s" exec /sbin/modprobe "$@"\n' "$MODPROBE_OPTIONS" > "$WORK/modprobe"
	chmod +x "$WORK/modprobe"
	on_exit write_to "$old" /proc/sys/kernel/modprobe
	write_to "$WORK/modprobe" /proc/sys/kernel/modprobe
}

# uninstall_module: reloop is not there any more.
uninstall_module() {
	rm "$MODULES/updates/reloop.ko"
	depmod --basedir "$WORK/root"
}
