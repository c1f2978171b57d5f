# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A root in which packages are built, checked and installed: a Debian with the kernel 6.1, and with the packages of 6.12 at
# hand. It is a part like others, with a key of its own, since it is needed by `make check-packages` alone.

PACKAGING_PACKAGES=(build-essential debhelper dh-dkms dkms lintian mandoc man-db systemd bash-completion zsh)
# What it takes as a machine that makes disks to boot; the last one is the firmware of another.
PACKAGING_PACKAGES+=(dosfstools fdisk systemd-boot-efi ovmf)

packaging_key() {
	echo "$PART_KEY ${PACKAGING_PACKAGES[*]} $(cat "$(part build-bookworm)"/etc/kernel-6.*)" | sha256sum | cut -c1-12
}

make_packaging_part() {
	local dir=$2 build
	build=$(part build-bookworm)
	bootstrap bookworm "$dir"
	cp "$build"/etc/kernel-6.{1,12} "$dir/etc"
	mkdir "$dir/opt/next-kernel"
	root_apt_get "$dir" install "${PACKAGING_PACKAGES[@]}"
	root_apt_get "$dir" install linux-{image,headers}-"$(cat "$build/etc/kernel-6.1")"
	root_apt_get "$dir" clean
	root_apt_get "$dir" install --download-only linux-{image,headers}-"$(cat "$build/etc/kernel-6.12")"
	mv "$DEBS"/*.deb "$dir/opt/next-kernel"
}

# packaging COMMAND...: run it in a layer over the root, which is gone afterwards; the checkout is there, read-only.
packaging() {
	(($#)) || usage_error "packaging takes a command"
	become_root packaging "$@"
	ensure_parts build-bookworm packaging
	contained "$LAB/lab" in-layer packaging -- "$@"
}
