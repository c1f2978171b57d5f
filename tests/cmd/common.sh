# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash

# serve_image SOURCE [STORAGE [writeback|locks|flocks]]: fuse/image, mounted from that, of a server that is $SERVER: stopped by a signal, it
# does not answer. STORAGE is a file that has what the image has; see fusefile.c.
serve_image() {
	local bytes=1048576

	(($# == 1)) || bytes=$(stat --format=%s "$2")
	mkdir -p fuse
	modprobe --quiet fuse || true
	"$JOB/fusefile" fuse image "$bytes" "$1" "${@:2}" &
	SERVER=$!
	on_exit umount --quiet fuse
	on_exit kill_quietly -CONT "$SERVER"
	wait_for serves_fuse "$1"
}

serves_fuse() {
	grep --quiet " $WORK/fuse .* - fuse $1 " /proc/self/mountinfo
}

# tell_server WORD: a name that is not there; see fusefile.c.
tell_server() {
	not test -e "fuse/$1"
}

# answers STATUS ARGUMENT...: as run_reloop, which comes back and ends with that.
answers() {
	run_captured timeout --signal=KILL $((60 * PATIENCE)) "$JOB/reloop" "${@:2}"
	assert_eq "$STATUS" "$1" "exit status of $2"
}

# has_device_open PROCESS DEVICE: a tail that reads it.
has_device_open() {
	[[ $(readlink "/proc/$1/fd/0") == "$2" && $(< "/proc/$1/comm") == tail ]]
}

# lengthen DIRECTORY: moves it down to where its path is longer than a page.
lengthen() {
	perl -e 'for (1 .. 25) { mkdir("d" x 200) or die; chdir("d" x 200) or die }
		 rename("$ENV{WORK}/$ARGV[0]", $ARGV[0]) or die' "$1"
}

# without_nodes COMMAND...: as run_captured, with a /dev that has none but the control node.
without_nodes() {
	# shellcheck disable=SC2016 # expanded inside
	run_captured unshare --mount sh -euc '
		mount -t tmpfs none /mnt
		cp -a /dev/loop-control /dev/null /mnt
		mount --move /mnt /dev
		exec "$@"' sh "$@"
}

# lock_image FILE read|write [COMMAND...]: another program, started by COMMAND, locks what whoever makes, attaches or changes
# the image locks. A program that locks it for reading locks all of it besides, with flock.
lock_image() {
	# shellcheck disable=SC2016 # it is perl's
	"${@:3}" perl -e '
		my $writes = $ARGV[1] eq "write";
		open(my $file, $writes ? "+<" : "<", $ARGV[0]) or die "$ARGV[0]: $!\n";
		fcntl($file, 37, pack("s s x4 q q l x4", $writes, 0, 300, 1, 0)) or die "fcntl: $!\n";
		$writes or flock($file, 2 | 4) or die "flock: $!\n";
		$| = 1;
		print "locked\n";
		sleep 1000' "$1" "$2" > locked &
	LOCKER=$!
	on_exit kill_quietly "$LOCKER"
	wait_for test -s locked
}

unlock_image() {
	kill "$LOCKER"
	wait "$LOCKER" || true
	rm locked
}
