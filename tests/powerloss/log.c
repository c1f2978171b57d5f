// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of dm-log-writes: a sector that says how many entries there are; then entries, a sector
 * each, and behind it what was written. Before the entry of a flush are all writes that had ended
 * when it was issued; a write with FUA has its entry when it has ended.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "powercut.h"

#define LOG_MAGIC	0x6a736677736872ULL
#define LOG_FLUSH	1
#define LOG_FUA		2
#define LOG_DISCARD	4
#define LOG_MARK	8

/* File systems count on it that a disk does not tear this block, where they have a superblock. */
#define FIRST_BLOCK	4096

struct log_super {
	uint64_t magic, version, entries;
	uint32_t sector_size;
};

struct log_entry {
	uint64_t sector, sectors, flags, data_length;
};

struct log {
	int fd;
	uint64_t entries;
	uint64_t at;
	/* Of the entry read last: where its data is, the name if it is a mark. */
	struct log_entry entry;
	uint64_t data;
	char mark[SECTOR];
};

static void log_open(struct log *log, const char *name)
{
	struct log_super super;

	log->fd = open_or_die(name, O_RDONLY);
	log->at = SECTOR;
	/* It was not written through the page cache, where udev may have left what was there. */
	if (ioctl(log->fd, BLKFLSBUF))
		die(name);
	if (pread(log->fd, &super, sizeof(super), 0) != sizeof(super))
		die(name);
	if (le64toh(super.magic) != LOG_MAGIC || le32toh(super.sector_size) != SECTOR) {
		fprintf(stderr, "%s is no log of sectors of 512 bytes\n", name);
		exit(2);
	}
	log->entries = le64toh(super.entries);
}

static bool has_data(const struct log_entry *entry)
{
	return !(entry->flags & (LOG_DISCARD | LOG_MARK));
}

static void log_next(struct log *log)
{
	struct log_entry *entry = &log->entry;
	unsigned char sector[SECTOR];

	if (pread(log->fd, sector, SECTOR, log->at) != SECTOR)
		die("log");
	memcpy(entry, sector, sizeof(*entry));
	entry->sector = le64toh(entry->sector);
	entry->sectors = le64toh(entry->sectors);
	entry->flags = le64toh(entry->flags);
	entry->data_length = le64toh(entry->data_length);
	snprintf(log->mark, SECTOR, "%.*s", entry->flags & LOG_MARK ? (int)entry->data_length : 0,
		 (char *)sector + sizeof(*entry));
	log->data = log->at + SECTOR;
	log->at = log->data;
	if (has_data(entry))
		log->at += entry->sectors * SECTOR;
}

static const char *kind_of(const struct log_entry *entry)
{
	if (entry->flags & LOG_MARK)
		return "mark";
	if (entry->flags & LOG_FLUSH)
		return "flush";
	if (entry->flags & LOG_DISCARD)
		return "discard";
	return entry->flags & LOG_FUA ? "fua" : "write";
}

int log_list(const char *name)
{
	struct log log;
	uint64_t i;

	log_open(&log, name);
	for (i = 0; i < log.entries; i++) {
		log_next(&log);
		printf("%llu %s %s\n", (unsigned long long)i, kind_of(&log.entry), log.mark);
	}
	return 0;
}

/* Does @length bytes from @from of the entry again. */
static void do_part(const struct log *log, int disk, uint64_t from, uint64_t length)
{
	uint64_t range[2] = { log->entry.sector * SECTOR + from, length };
	char *buffer;

	if (log->entry.flags & LOG_DISCARD) {
		if (ioctl(disk, BLKDISCARD, range) && ioctl(disk, BLKZEROOUT, range))
			die("discard again");
		return;
	}
	buffer = malloc(length);
	if (!buffer || pread(log->fd, buffer, length, log->data + from) != (ssize_t)length ||
	    pwrite(disk, buffer, length, range[0]) != (ssize_t)length)
		die("write again");
	free(buffer);
}

static void do_all(const struct log *log, int disk)
{
	if (!(log->entry.flags & LOG_MARK) && log->entry.sectors)
		do_part(log, disk, 0, log->entry.sectors * SECTOR);
}

int log_replay(const char *name, const char *disk_name, uint64_t from, uint64_t to)
{
	int disk = open_or_die(disk_name, O_RDWR);
	struct log log;
	uint64_t i;

	log_open(&log, name);
	for (i = 0; i < to && i < log.entries; i++) {
		log_next(&log);
		if (i >= from)
			do_all(&log, disk);
	}
	return fsync(disk) ? 2 : 0;
}

/* Each unit of the entry or not, as the dice fall. */
static void do_some(const struct log *log, int disk, unsigned int unit, uint64_t *random)
{
	uint64_t end = (log->entry.sector + log->entry.sectors) * SECTOR;
	uint64_t at = log->entry.sector * SECTOR, next;

	if (log->entry.flags & LOG_MARK)
		return;
	for (; at < end; at = next) {
		next = at < FIRST_BLOCK ? FIRST_BLOCK : (at / unit + 1) * unit;
		if (next > end)
			next = end;
		*random = mix(*random + 1);
		if (*random & 1)
			do_part(log, disk, at - log->entry.sector * SECTOR, next - at);
	}
}

enum fate {
	ALL_OF_THEM,	/* the cache of the disk was written, up to the last one */
	SOME_OF_THEM,	/* each was, or not, as a whole */
	SOME_OF_EACH,
	FATES
};

/*
 * The entry at @to was under way: some of it is on the disk, unless it is none of a write. What is
 * in front of it and has FUA is there; the rest was in the cache of the disk.
 */
int log_scatter(const char *name, const char *disk_name, uint64_t from, uint64_t to,
		unsigned int unit, uint64_t seed)
{
	uint64_t random = mix(mix(seed) + to), i;
	enum fate fate = random % FATES;
	int disk = open_or_die(disk_name, O_RDWR);
	struct log log;

	log_open(&log, name);
	for (i = 0; i <= to && i < log.entries; i++) {
		log_next(&log);
		if (i < from)
			continue;
		random = mix(random + 1);
		if (i == to || (fate == SOME_OF_EACH && !(log.entry.flags & LOG_FUA)))
			do_some(&log, disk, unit, &random);
		else if (fate == ALL_OF_THEM || log.entry.flags & LOG_FUA || random & 1)
			do_all(&log, disk);
	}
	return fsync(disk) ? 2 : 0;
}
