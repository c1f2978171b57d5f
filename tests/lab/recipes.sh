# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# How each part is made. A recipe gets what follows the first dash of the part's name, and the directory to make.
# A change in this file makes all parts anew.

# The guest's root is found by this number in its partition table.
ROOT_DISK_ID=4c6f6f70

# --- roots

# packages LIST: the names in packages/LIST.
packages() { grep -vE '^(#|$)' "$LAB/packages/$1"; }

# bootstrap SUITE DIR: a minimal Debian that can install more.
bootstrap() {
	local suite=$1 dir=$2 options=()
	[[ $DEBIAN_SITE == https:* ]] && options+=(--include=ca-certificates)
	rm -rf --one-file-system "$dir"
	debootstrap --variant=minbase --cache-dir="$DEBS" "${options[@]}" "$suite" "$dir" "$DEBIAN_SITE"
	mkdir -p "$dir"/{checkout,build,opt/checkpatch}
	apt_config_of_host >"$dir/etc/apt/apt.conf.d/80host"
	# Nothing is started in a root, nothing in it need survive a crash of the host, nobody reads its manuals.
	printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d"
	chmod +x "$dir/usr/sbin/policy-rc.d"
	cat >"$dir/etc/dpkg/dpkg.cfg.d/lab" <<-'END'
		force-unsafe-io
		path-exclude /usr/share/doc/*
		path-exclude /usr/share/man/*
		path-exclude /usr/share/locale/*
	END
	sources_of "$suite" >"$dir/etc/apt/sources.list"
	root_apt_get "$dir" update
}

sources_of() {
	echo "deb $DEBIAN_SITE $1 main"
	case $1 in
	bookworm) echo "deb $SECURITY_SITE $1-security main" ;;
	*) echo "deb $DEBIAN_SITE $1-backports main" ;;
	esac
}

# Proxies and the like, which the roots' apt needs as much as the machine's.
apt_config_of_host() {
	apt-config dump | grep -E '^Acquire::(http|https|Check-|Retries|ForceIP)' || true
}

root_apt_get() {
	local dir=$1
	shift
	cp /etc/resolv.conf "$dir/etc/resolv.conf"
	mkdir -p "$dir/var/cache/apt/archives" "$DEBS"
	in_root "$dir" --bind "$DEBS" /var/cache/apt/archives -- \
		apt-get --yes --no-install-recommends -o Binary::apt-get::APT::Keep-Downloaded-Packages=1 "$@"
}

# make_build_part SUITE DIR: compiler, checkers, and headers of each of our kernels that the suite has.
make_build_part() {
	local suite=$1 dir=$2 kernel release names=()
	bootstrap "$suite" "$dir"
	for kernel in "${KERNELS[@]}"; do
		[[ $(suite_of_kernel "$kernel") == "$suite" ]] || continue
		release=$(newest_release "$dir" "$kernel")
		echo "$release" >"$dir/etc/kernel-$kernel"
		names+=("linux-headers-$release")
	done
	mapfile -t -O "${#names[@]}" names < <(packages build)
	root_apt_get "$dir" install "${names[@]}"
	root_apt_get "$dir" clean
}

# newest_release ROOT KERNEL: such as 6.12.3+deb12-cloud-amd64, the newest with both headers and an image.
newest_release() {
	local release
	release=$(comm -12 <(releases "$1" headers "$2") <(releases "$1" image "$2") | sort -V | tail -n 1)
	[[ -n $release ]] || {
		echo "no package linux-headers-$2*-cloud-amd64 in the archive" >&2
		return 1
	}
	echo "$release"
}

releases() {
	in_root "$1" -- apt-cache pkgnames "linux-$2-" |
		grep -oE "${3//./\\.}\.[0-9.]+[-+~.a-z0-9]*-cloud-amd64$" | sort
}

# --- kernels

# make_kernel_part KERNEL DIR: a stock kernel to boot: its release, vmlinuz, and an image for /lib/modules.
make_kernel_part() {
	local kernel=$1 dir=$2 root release names
	root=$(part "$(build_root_name "$kernel")")
	keep "$root"
	release=$(cat "$root/etc/kernel-$kernel")
	root_apt_get "$root" update
	# Newer kernels come in several packages; an image package with everything in it is the old way.
	mapfile -t names < <(in_root "$root" -- apt-cache pkgnames linux- |
		grep -xE "linux-(image|binary|modules)-${release//+/\\+}")
	download "$root" "$dir" "${names[@]}"
	# shellcheck disable=SC2016 # the inner shell expands these
	in_root "$root" --bind "$dir" /build --cwd /build -- bash -euc '
		[[ -d lib ]] || ln -s usr/lib lib
		mv "boot/vmlinuz-$1" vmlinuz 2>/dev/null || mv "lib/modules/$1/vmlinuz" vmlinuz
		depmod --basedir /build "$1"
	' depmod "$release"
	make_image "$dir/lib/modules" "$dir/modules.ext4" 16
	echo "$release" >"$dir/release"
	find "$dir" -mindepth 1 -maxdepth 1 ! -name release ! -name vmlinuz ! -name modules.ext4 -exec rm -r {} +
}

# download ROOT DIR PACKAGE...: unpack packages into DIR without installing them anywhere.
download() {
	local root=$1 dir=$2
	shift 2
	mkdir -p "$dir"
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	# shellcheck disable=SC2016 # the inner shell expands these
	in_root "$root" --bind "$dir" /build --cwd /build -- bash -euc '
		apt-get -o APT::Sandbox::User=root download "$@"
		for deb in *.deb; do
			dpkg-deb --extract "$deb" .
		done
		rm ./*.deb
	' download "$@"
}

# make_image DIR FILE SPARE_MIB [MKFS_OPTION...]: a file system with a copy of DIR and some room.
make_image() {
	local used_mib
	used_mib=$(du --summarize --block-size=1M "$1" | cut -f1)
	mkfs.ext4 -q -F -d "$1" -m 0 -O ^has_journal "${@:4}" "$2" $((used_mib * 5 / 4 + $3))M
}

# --- the guest

# make_guest_part IGNORED DIR: the root file system that the guest boots.
make_guest_part() {
	local dir=$2 root=$2/root names
	mkdir -p "$dir"
	bootstrap "$GUEST_SUITE" "$root"
	mapfile -t names < <(packages guest)
	root_apt_get "$root" install "${names[@]}"
	root_apt_get "$root" clean
	rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
	mkdir -p "$root/job"
	install -m 755 "$LAB/guest-stub" "$root/sbin/lab-init"
	ln -sf /proc/self/mounts "$root/etc/mtab"
	echo guest >"$root/etc/hostname"
	printf '127.0.0.1 localhost guest\n' >"$root/etc/hosts"
	make_bootable_image "$root" "$dir/root.img" 512
	rm -rf --one-file-system "$root"
}

# make_bootable_image ROOT FILE SPARE_MIB: ROOT's copy in a partition, because the kernel finds that by the number
# in its partition table, whatever order disks come in.
make_bootable_image() {
	make_image "$1" "$2" "$3" -E offset=1048576
	truncate --size=+1M "$2"
	printf 'label: dos\nlabel-id: 0x%s\nstart=2048\n' "$ROOT_DISK_ID" |
		in_root "$1" --bind "${2%/*}" /build -- sfdisk --quiet "/build/${2##*/}"
}

# --- checkpatch

# make_checkpatch_part IGNORED DIR: the kernel's own style checker, which comes only with the whole source.
make_checkpatch_part() {
	local dir=$2 root
	root=$(part build-bookworm)
	keep "$root"
	root_apt_get "$root" update
	download "$root" "$dir" linux-source-6.12
	in_root "$root" --bind "$dir" /build --cwd /build -- bash -euc '
		tar --extract --file=usr/src/linux-source-6.12.tar.xz --strip-components=2 --occurrence=1 \
			"linux-source-6.12/scripts/"{checkpatch.pl,spelling.txt,const_structs.checkpatch}
	'
	rm -r "${dir:?}/usr"
}
