# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# 64-bit ARM: Debian's kernels of the release that the lab has as 6.12, with pages of 4 KiB (arm64) or of 16 KiB
# (arm64-16k). Module and programs are cross-compiled, so that only the guest is emulated. The parts have a key of
# their own, since they are needed by those who name these kernels alone.

# The cross compilers push out gcc-multilib; the 32-bit programs of this machine come from one of them.
ARM64_PACKAGES=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-arm-linux-gnueabihf libc6-dev-armhf-cross cpio)

# Debian's kernels for everybody have none of what the root is on built in; crc32c is what ext4 asks for as it mounts.
ARM64_INITRD_MODULES=(nvme crc32c ext4)

arm64_key() {
	{
		echo "$PART_KEY ${ARM64_PACKAGES[*]} ${ARM64_INITRD_MODULES[*]}"
		cat "$LAB"/{arm64.sh,guest-initrd,packages/guest} "$(part build-bookworm)/etc/kernel-6.12" 2>/dev/null || true
	} | sha256sum | cut -c1-12
}

# make_arm64_part {build|guest|4k|16k} DIR
make_arm64_part() {
	local build
	if [[ $1 == build ]]; then
		make_arm64_build "$2"
		return
	fi
	build=$(part arm64-build)
	keep "$build"
	case $1 in
	guest) make_arm64_guest "$2" ;;
	4k) make_arm64_kernel arm64 "$2" ;;
	16k) make_arm64_kernel arm64-16k "$2" ;;
	esac
}

# The root in which 6.12 is built for has the headers that all machines share, and the programs that go with them.
make_arm64_build() {
	local dir=$1 native release kernel names=()
	native=$(part build-bookworm)
	keep "$native"
	rm -rf --one-file-system "$dir"
	cp --archive --one-file-system "$native" "$dir"
	in_root "$dir" -- dpkg --add-architecture arm64
	root_apt_get "$dir" update
	root_apt_get "$dir" install "${ARM64_PACKAGES[@]}"
	root_apt_get "$dir" clean
	release=$(cat "$native/etc/kernel-6.12")
	for kernel in "${ARM64_KERNELS[@]}"; do
		echo "${release%-cloud-amd64}-$kernel" >"$dir/etc/kernel-$kernel"
		names+=("linux-headers-${release%-cloud-amd64}-$kernel:arm64")
	done
	download "$dir" "$dir/opt/headers" "${names[@]}"
	mv "$dir"/opt/headers/usr/src/* "$dir/usr/src"
	rm -r "$dir/opt/headers"
}

# The guest's root with the files of its packages replaced by those for this machine. Nothing of it has to run for that:
# what packages do as they are installed, such as to make users, they have done.
make_arm64_guest() {
	local dir=$1 names
	rm -rf --one-file-system "$dir"
	mkdir -p "$dir"/{root,debs/partial}
	keep "$(part guest)"
	debugfs -R "rdump / $dir/root" "$(part guest)/root.img?offset=1048576"
	rm -rf "$dir"/root/usr/lib/x86_64-linux-gnu "$dir"/root/usr/lib64/* "$dir"/root/etc/ld.so.cache
	mapfile -t names < <(packages guest)
	cp /etc/resolv.conf "$build/etc/resolv.conf"
	in_root "$build" -- apt-get update
	# As on a machine that has nothing installed.
	in_root "$build" --bind "$dir/debs" /var/cache/apt/archives -- apt-get --yes --no-install-recommends \
		-o APT::Sandbox::User=root -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
		-o Dir::State::Status=/dev/null install --download-only '?essential' '?priority(required)' "${names[@]}"
	# shellcheck disable=SC2016 # the inner shell expands these
	in_root "$build" --bind "$dir/root" /build --bind-ro "$dir/debs" /var/cache/apt/archives -- bash -euc '
		for deb in /var/cache/apt/archives/*.deb; do
			dpkg-deb --fsys-tarfile "$deb" | tar --extract --directory=/build --preserve-permissions \
				--numeric-owner --keep-directory-symlink --exclude="./usr/share/"{doc,man,locale}
		done'
	rm -r "$dir/debs"
	make_image "$dir/root" "$dir/root.img" 512
	rm -rf --one-file-system "$dir/root"
}

# make_arm64_kernel KERNEL DIR: what a stock kernel's part has, and an initrd that mounts the root.
make_arm64_kernel() {
	local kernel=$1 dir=$2 release
	release=$(cat "$build/etc/kernel-$kernel")
	rm -rf "$dir"
	in_root "$build" -- apt-get update
	download "$build" "$dir" "linux-image-$release:arm64" busybox-static:arm64
	install -D "$LAB/guest-initrd" "$dir/initrd/init"
	# shellcheck disable=SC2016 # the inner shell expands these
	in_root "$build" --bind "$dir" /build --cwd /build -- bash -euc '
		release=$1
		shift
		mv "boot/vmlinuz-$release" vmlinuz
		depmod --basedir /build "$release"
		mkdir -p initrd/{bin,dev,sys,root,modules}
		cp bin/busybox initrd/bin
		number=100
		for file in $(modprobe --dirname /build --set-version "$release" --show-depends --all "$@" |
				awk "\$1 == \"insmod\" && !seen[\$2]++ { print \$2 }"); do
			number=$((number + 1))
			name=${file##*/}
			xz --decompress --stdout "$file" >"initrd/modules/$number-${name%.xz}"
		done
		cd initrd
		find . | cpio --quiet --create --format=newc >../initrd.cpio
	' make_initrd "$release" "${ARM64_INITRD_MODULES[@]}"
	make_image "$dir/lib/modules" "$dir/modules.ext4" 16
	echo "$release" >"$dir/release"
	find "$dir" -mindepth 1 -maxdepth 1 ! -name release ! -name vmlinuz ! -name modules.ext4 ! -name initrd.cpio \
		-exec rm -r {} +
}
