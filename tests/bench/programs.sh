# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What programs do with a file system on a device: with several threads or processes, many fsyncs, many small files. For
# both clocks. The bare file's column is the same in a directory of the file system that the images are on.

readonly PROGRAMS_GROUP='programs on a file system'
readonly PROGRAMS_IMAGE_MIB=256
readonly SYNCING_THREADS=8
readonly SYNCED_WRITES=250
readonly PROCESSES=4
readonly TRANSACTIONS=50
readonly CLONED_FILES=2000
readonly COMPILED_DIRS=10
readonly COMPILED_FILES=50

# NAME|TIMES|PROGRAM: there are functions prepare_PROGRAM and run_PROGRAM, both with a directory before their other
# arguments; what is measured is the second one, which does TIMES writes, transactions or files.
readonly PROGRAMS="fio, $SYNCING_THREADS threads, each write with fsync|$((SYNCING_THREADS * SYNCED_WRITES))|fio
SQLite, $PROCESSES processes, journal_mode=delete|$((PROCESSES * TRANSACTIONS))|sqlite delete
SQLite, $PROCESSES processes, journal_mode=wal|$((PROCESSES * TRANSACTIONS))|sqlite wal
git clone|$CLONED_FILES|clone
make -j$PROCESSES, make clean|$((COMPILED_DIRS * COMPILED_FILES))|make"

# A directory in memory with what they work on, between begin_programs and end_programs.
INPUT=''

# Makes what they work on, and a disk on $BACKING, all of which is written once: or who comes first would pay for its memory.
begin_programs() {
	INPUT=$(mktemp --directory)
	make_statements > "$INPUT/statements"
	make_repository "$INPUT/repository"
	make_sources "$INPUT/sources"
	null_disk bench-programs $((2 * PROGRAMS_IMAGE_MIB))
	dd if=/dev/zero of="$DISK" bs=1M count=$((2 * PROGRAMS_IMAGE_MIB)) oflag=direct status=none
	mount_new "$DISK" "$BACKING"
}

end_programs() {
	udevadm settle
	umount "$BACKING"
	drop_null_disk bench-programs
	rm -r "$INPUT"
	INPUT=''
}

# warm_up_program PROGRAM: once in memory, so that no column has to read programs from the disk.
warm_up_program() {
	local program

	read -ra program <<< "$1"
	mkdir "$INPUT/warm"
	"prepare_${program[0]}" "$INPUT/warm" "${program[@]:1}"
	"run_${program[0]}" "$INPUT/warm" "${program[@]:1}"
	rm -r "$INPUT/warm"
}

# measure_program COLUMN PROGRAM MEASURE...: in $BACKING. MEASURE is a command, and gets one to run.
measure_program() {
	local column=$1 program dir=$BACKING/$1.programs image=$BACKING/$1.image target

	read -ra program <<< "$2"
	mkdir "$dir"
	[[ $column == file ]] || truncate --size="${PROGRAMS_IMAGE_MIB}M" "$image"
	target=$(attach "$column" default "$image")
	[[ $column == file ]] || mount_new "$target" "$dir"
	"prepare_${program[0]}" "$dir" "${program[@]:1}"
	sync
	udevadm settle
	"${@:3}" run_and_sync "$dir" "${program[@]}"
	[[ $column == file ]] || umount "$dir"
	detach "$column" "$target"
	rm -rf "$dir" "$image"
	sync
}

# mount_new DEVICE DIR: nothing is to go on in the background.
mount_new() {
	mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$1"
	mount "$1" "$2"
}

# run_and_sync DIR PROGRAM [ARGUMENT]
run_and_sync() {
	"run_$2" "$1" "${@:3}"
	sync --file-system "$1"
}

# --- fio -------------------------------------------------------------------------------------------

# The blocks are there already, as in a database.
prepare_fio() {
	write_synced "$1" --overwrite=1 --create_only=1
}

run_fio() {
	write_synced "$1"
}

write_synced() {
	fio --name=synced --output=/dev/null --directory="$1" --thread --numjobs="$SYNCING_THREADS" --rw=randwrite \
		--bs=4k --size=1M --number_ios="$SYNCED_WRITES" --fsync=1 --fallocate=none --randrepeat=1 "${@:2}"
}

# --- SQLite ----------------------------------------------------------------------------------------

# Each is a transaction of its own.
make_statements() {
	local i

	for ((i = 0; i < TRANSACTIONS; i++)); do
		echo "INSERT INTO things VALUES ($i, hex(zeroblob(100)));"
	done
}

prepare_sqlite() {
	local i mode

	for ((i = 0; i < PROCESSES; i++)); do
		mode=$(sqlite3 "$1/$i.db" "PRAGMA journal_mode=$2; CREATE TABLE things (id INTEGER PRIMARY KEY, what TEXT);")
		[[ $mode == "$2" ]]
	done
}

run_sqlite() {
	local i processes=()

	for ((i = 0; i < PROCESSES; i++)); do
		sqlite3 -bail "$1/$i.db" < "$INPUT/statements" &
		processes+=($!)
	done
	for i in "${processes[@]}"; do
		wait "$i"
	done
}

# --- git -------------------------------------------------------------------------------------------

# make_repository DIR: the first small files of this Debian, packed as what others have to be cloned is.
make_repository() {
	git init --quiet "$1"
	(cd / && find usr/share usr/lib -xdev -type f -size -16k) | LC_ALL=C sort |
		sed --quiet "1,${CLONED_FILES}p" > "$INPUT/files"
	tar --create --directory=/ --files-from="$INPUT/files" | tar --extract --directory="$1"
	git -C "$1" add --force .
	git -C "$1" -c user.name=bench -c user.email=bench@localhost commit --quiet --message=bench
	git -C "$1" repack -adq --window=0
}

prepare_clone() { :; }

run_clone() {
	git clone --quiet --no-hardlinks "$INPUT/repository" "$1/clone"
}

# --- make ------------------------------------------------------------------------------------------

# make_sources DIR: as a kernel has them: many directories, in each of which objects become an archive.
make_sources() {
	local i j

	mkdir "$1"
	echo 'int sum(const int *values, int count);' > "$1/sum.h"
	cat > "$1/Makefile" <<-'END'
		archives := $(addsuffix built-in.a,$(wildcard */))
		all: $(archives)
		.SECONDEXPANSION:
		$(archives): %/built-in.a: $$(subst .c,.o,$$(wildcard $$*/*.c)) ; tcc -ar rcs $@ $^
		%.o: %.c sum.h ; tcc -c -o $@ $<
		clean: ; rm -f */*.o */*.a
	END
	for ((i = 0; i < COMPILED_DIRS; i++)); do
		mkdir "$1/$i"
		for ((j = 0; j < COMPILED_FILES; j++)); do
			make_source "${i}_$j" > "$1/$i/$j.c"
		done
	done
}

make_source() {
	cat <<-END
		#include "../sum.h"

		static const int values[] = { 1, 2, 3, 5, 7, 11, 13, 17, 19, 23 };

		int sum_of_$1(int count)
		{
			if (count < 0 || count > (int)(sizeof(values) / sizeof(*values)))
				return 0;
			return sum(values, count);
		}
	END
}

prepare_make() {
	cp --recursive "$INPUT/sources" "$1/sources"
}

run_make() {
	make --silent --directory="$1/sources" --jobs="$PROCESSES"
	make --silent --directory="$1/sources" clean
}
