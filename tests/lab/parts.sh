# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The parts in the cache: Debian roots to build in and to boot, and kernels.
#
# A part is a directory $CACHE/parts/NAME-KEY, where KEY is a digest of what it is made from: the recipes
# and the package lists. It is made under a temporary name and renamed when whole, so a part that exists is
# complete. Parts of other keys are dropped once a new one stands.

PARTS=$CACHE/parts
DEBS=$CACHE/debs
LOGS=$CACHE/log

# A setup of everything takes this much, downloads and temporary files included.
SPACE_NEEDED_MIB=6000

PART_KEY=$(cat "$LAB"/{recipes.sh,guest-stub} "$LAB"/packages/{build,host} | sha256sum | cut -c1-12)

# part NAME: where it is, made or not.
part() {
	local key=$PART_KEY
	case $1 in
	guest) key=$({ echo "$PART_KEY"; cat "$LAB/packages/guest"; } | sha256sum | cut -c1-12) ;;
	kernel-debug) key=$(debug_kernel_key) ;;
	packaging) key=$(packaging_key) ;;
	fuzzing) key=$(fuzzing_key) ;;
	arm64-*) key=$(arm64_key) ;;
	esac
	echo "$PARTS/$1-$key"
}

has_part() { [[ -d $(part "$1") ]]; }

build_root_name() {
	if is_arm64 "$1"; then
		echo arm64-build
	else
		echo "build-$(suite_of_kernel "$1")"
	fi
}

# The tool is built where the guest's libraries are.
tool_root_name() {
	if is_arm64 "$1"; then
		echo arm64-build
	else
		echo "build-$GUEST_SUITE"
	fi
}

guest_name() {
	if is_arm64 "$1"; then
		echo arm64-guest
	else
		echo guest
	fi
}

kernel_name() {
	case $1 in
	arm64) echo arm64-4k ;;
	arm64-16k) echo arm64-16k ;;
	*) echo "kernel-$1" ;;
	esac
}

# parts_of THING: what a kernel (or "checkpatch") needs, in the order in which to make it. The tool is
# always built in the guest's release, because it runs in the guest.
parts_of() {
	case $1 in
	checkpatch) printf '%s\n' build-bookworm checkpatch ;;
	*) printf '%s\n' "build-$GUEST_SUITE" guest "$(build_root_name "$1")" "$(guest_name "$1")" "$(kernel_name "$1")" ;;
	esac
}

# ensure_parts NAME...: make those that are missing.
ensure_parts() {
	local name missing=()
	for name; do
		[[ $name == kernel-debug ]] || has_part "$name" || missing+=("$name")
	done
	# A process of its own, so that its locks end with it, and only this step goes through sudo.
	((${#missing[@]} == 0)) || setpriv --pdeathsig TERM "$LAB/lab" make-parts "${missing[@]}"
	[[ " $* " != *' kernel-debug '* ]] || ensure_debug_kernel
}

make_parts() {
	local name
	become_root make-parts "$@"
	umask 022
	hold_lock "$CACHE/setup.lock" "another lab is setting up; waiting for it"
	mkdir -p "$PARTS" "$DEBS" "$LOGS"
	require_space "$SPACE_NEEDED_MIB"
	install_host_packages
	find_mirrors
	# Of labs that were killed. The debug kernel's may be in the making.
	find "$PARTS" -maxdepth 1 -name '*.new' ! -name 'kernel-debug-*' -exec rm -rf --one-file-system {} +
	for name; do
		has_part "$name" || contained "$LAB/lab" make-part "$name"
	done
	rm -rf "$DEBS"
}

# contained COMMAND...: run it with mounts and processes of its own, which all end with it, and it with us.
contained() {
	setpriv --pdeathsig KILL unshare --mount --pid --fork --mount-proc --kill-child "$@"
}

# require_space MIB
require_space() {
	local free_mib
	free_mib=$(($(df --output=avail -k "$CACHE" | tail -n 1) / 1024))
	((free_mib >= $1)) && return
	die "$CACHE: $free_mib MiB free, and setting up needs $1; make room or set XDG_CACHE_HOME to a directory on another disk"
}

make_part() {
	local name=$1 log dir recipe progress status old started=$SECONDS
	log=$LOGS/$name.log
	dir=$(part "$name")
	recipe=make_${name%%-*}_part
	[[ $name != kernel-debug ]] || recipe=make_debug_kernel_part
	say "making $name ..."
	show_progress "$name" "$log" &
	progress=$!
	# Not "if ! recipe": set -e would be off in all of it.
	set +e
	(
		set -e
		"$recipe" "${name#*-}" "$dir.new"
	) >"$log" 2>&1
	status=$?
	set -e
	kill "$progress"
	if ((status)); then
		explain_failure "$name" "$log"
		rm -rf --one-file-system "$dir.new"
		exit 1
	fi
	mv "$dir.new" "$dir"
	for old in "$PARTS/$name"-*; do
		[[ $old == "$dir" ]] || prune "$old"
	done
	say "made $name in $((SECONDS - started)) s"
}

# show_progress NAME LOG: what takes minutes looks dead without it.
show_progress() {
	while sleep 60; do
		say "$1: $(tail -n 1 "$2" | cut -c1-80)"
	done
}

# explain_failure NAME LOG: the usual reasons in a sentence, the log's end for all others.
explain_failure() {
	if grep -qi 'no space left on device' "$2"; then
		say "$1: the disk that holds $CACHE is full; make room or set XDG_CACHE_HOME"
	elif grep -qE 'Temporary failure resolving|Could not resolve|Could not connect|Unable to connect|Failed getting release file|Network is unreachable' "$2"; then
		say "$1: cannot reach the Debian archive at $DEBIAN_SITE; check the network and apt's proxy settings"
	else
		tail -n 15 "$2" >&2
		say "$1: could not be made; the whole log is $2"
	fi
}

# --- the machine itself

install_host_packages() {
	local command package missing=()
	while read -r command package; do
		command -v "$command" >/dev/null || missing+=("$package")
	done < <(grep -v '^#' "$LAB/packages/host")
	((${#missing[@]})) || return 0
	install_on_host "${missing[@]}"
}

# require_command COMMAND PACKAGE: what not everybody needs.
require_command() {
	(($# == 2)) || usage_error "require takes a command and the package it is in"
	command -v "$1" >/dev/null && return
	become_root require "$@"
	mkdir -p "$LOGS"
	install_on_host "$2"
}

install_on_host() {
	say "installing on this machine: $*"
	if ! host_apt_get install "$@" >"$LOGS/host.log" 2>&1 &&
	   ! { host_apt_get update && host_apt_get install "$@"; } >"$LOGS/host.log" 2>&1; then
		DEBIAN_SITE='its mirrors' explain_failure "the machine's packages" "$LOGS/host.log"
		exit 1
	fi
}

host_apt_get() {
	DEBIAN_FRONTEND=noninteractive apt-get --yes --no-install-recommends "$@" </dev/null
}

# Where this machine itself gets Debian from: sets DEBIAN_SITE and SECURITY_SITE, also for make-part.
find_mirrors() {
	DEBIAN_SITE=$(site_labelled Debian)
	if [[ -z $DEBIAN_SITE ]]; then
		say "reading apt's package lists"
		host_apt_get update >"$LOGS/host.log" 2>&1 || true
		DEBIAN_SITE=$(site_labelled Debian)
	fi
	[[ -n $DEBIAN_SITE ]] ||
		die "apt on this machine has no package list of a Debian archive; check the network and /etc/apt/sources.list, then run: apt-get update"
	SECURITY_SITE=$(site_labelled Debian-Security)
	SECURITY_SITE=${SECURITY_SITE:-$DEBIAN_SITE-security}
	export DEBIAN_SITE SECURITY_SITE
}

site_labelled() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format '$(LABEL) $(SITE)' 'Created-By: Packages' |
		awk -v label="$1" '$1 == label { print $2; exit }'
}

# --- using a root

# in_root DIR [--bind FROM TO | --bind-ro FROM TO]... [--cwd DIR] -- COMMAND...: run it as root in there.
in_root() {
	local dir=$1 cwd=/
	local -a binds=()
	shift
	while [[ $1 != -- ]]; do
		case $1 in
		--cwd) cwd=$2 && shift 2 ;;
		*) binds+=("${1#--}" "$2" "$3") && shift 3 ;;
		esac
	done
	shift
	# shellcheck disable=SC2016 # the inner shell expands these
	contained bash -euc '
		root=$1 cwd=$2 binds=$3
		shift 3
		mount -t proc proc "$root/proc"
		mount -t tmpfs tmpfs "$root/tmp"
		while ((binds--)); do
			mkdir -p "$root$3"
			mount --bind "$2" "$root$3"
			[[ $1 == bind ]] || mount -o remount,bind,ro "$root$3"
			shift 3
		done
		exec chroot "$root" /usr/bin/env -i --chdir="$cwd" "$@"
	' in_root "$dir" "$cwd" $((${#binds[@]} / 3)) "${binds[@]}" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/checkpatch \
		HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" DEBIAN_FRONTEND=noninteractive \
		INITRD=No \
		http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" no_proxy="${no_proxy:-}" \
		"$@"
}

# in_layer PART [--bind FROM TO | --bind-ro FROM TO]... -- COMMAND...: the same in a layer over a part, which is gone
# afterwards. Wants to be contained.
in_layer() {
	local root layer
	root=$(part "$1")
	shift
	keep "$root"
	# Mounted on a directory of everybody's, but in a mount namespace of our own.
	layer=/mnt
	mount -t tmpfs tmpfs "$layer"
	mkdir "$layer"/{upper,work,root}
	mount -t overlay -o "lowerdir=$root,upperdir=$layer/upper,workdir=$layer/work" overlay "$layer/root"
	cp /etc/resolv.conf "$layer/root/etc/resolv.conf"
	in_root "$layer/root" --bind-ro "$CHECKOUT" /checkout --cwd /checkout "$@"
}
