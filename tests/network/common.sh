# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Images on servers that go away. From the environment: AWAY_SECONDS, for how long (3).

. "$JOB/tests/lib/nfs.sh"

# --- a server of NFS -------------------------------------------------------------------------------

# begin_serving: SERVED, a directory of ext4.
begin_serving() {
	SERVED=$(mount_scratch ext4)
	on_exit umount_scratch
	serve_nfs "$SERVED"
	mkdir nfs
}

go_away() {
	rpc.nfsd 0
}

come_back() {
	rpc.nfsd 2
}

# mount_nfs VERSION OPTION...
mount_nfs() {
	local options="vers=$1,nolock,tcp,$2"

	[[ $1 == 3 ]] || options="vers=$1,tcp,$2"
	mount -t nfs -o "$options" 127.0.0.1:"$SERVED" nfs
	on_exit umount --quiet --force nfs
}

# --- a program that writes -------------------------------------------------------------------------

# start_writing SEED: 1 MiB to DEV, with an fsync; WRITER, what it says is in writer.err.
start_writing() {
	random_bytes 1M > "content.$1"
	dd if="content.$1" of="$DEV" bs=64K conv=notrunc,fsync status=none 2> writer.err &
	WRITER=$!
	on_exit kill_quietly "$WRITER"
}

# waits SECONDS: it is not done by then.
waits() {
	sleep "$1"
	kill -0 "$WRITER" || fail 'it did not wait'
}

# assert_served SEED: the server has what was written.
assert_served() {
	cmp --bytes=$((1 << 20)) "content.$1" "$SERVED/image" || fail "the server has not what was written ($1)"
}
