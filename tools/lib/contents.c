// SPDX-License-Identifier: GPL-2.0-only
#include "lib/contents.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "lib/blkid.h"

/* The kernel supports no more partitions of a disk. */
#define PARTITIONS_MAX 255
#define TABLE_SECTOR 512

/* The file to look at, and what to do it with. */
struct search {
	const struct blkid *blkid;
	int fd;
	uint64_t size;
	unsigned int sector_bytes;
};

static void keep(char *field, size_t room, const char *text)
{
	snprintf(field, room, "%s", text ? text : "");
}

/* @length includes the terminating zero, if there is one. */
static void keep_value(const struct blkid *blkid, struct blkid_probe *probe, const char *name,
		       char *field, size_t room)
{
	const char *text;
	size_t length;

	if (!blkid->probe_lookup_value(probe, name, &text, &length))
		snprintf(field, room, "%.*s", (int)length, text);
}

static int begin(const struct search *search, uint64_t start, uint64_t size,
		 struct blkid_probe **probe)
{
	const struct blkid *blkid = search->blkid;

	*probe = blkid->new_probe();
	if (!*probe)
		return -ENOMEM;
	if (blkid->probe_set_device(*probe, search->fd, start, size)) {
		blkid->free_probe(*probe);
		return -EIO;
	}
	if (search->sector_bytes)
		blkid->probe_set_sectorsize(*probe, search->sector_bytes);
	return 0;
}

/* 0, BLKID_PROBE_NONE, BLKID_PROBE_AMBIGUOUS, or -errno. */
static int probe_safely(const struct blkid *blkid, struct blkid_probe *probe)
{
	int answer = blkid->do_safeprobe(probe);

	return answer == BLKID_PROBE_ERROR ? -EIO : answer;
}

static void keep_file_system(const struct blkid *blkid, struct blkid_probe *probe,
			     struct volume *volume)
{
	char usage[32] = "";

	keep_value(blkid, probe, "TYPE", volume->file_system, sizeof(volume->file_system));
	keep_value(blkid, probe, "LABEL", volume->label, sizeof(volume->label));
	keep_value(blkid, probe, "UUID", volume->uuid, sizeof(volume->uuid));
	keep_value(blkid, probe, "USAGE", usage, sizeof(usage));
	volume->is_mountable = !strcmp(usage, "filesystem");
}

/* Of what can be several of them none is taken; but one of them may be what is to be mounted. */
static int find_file_system(const struct search *search, struct volume *volume)
{
	uint64_t rest = search->size - MIN(volume->start, search->size);
	uint64_t size = MIN(volume->size, rest);
	const struct blkid *blkid = search->blkid;
	struct blkid_probe *probe;
	int err;

	/* A size of 0 would be all of it. */
	if (!size)
		return 0;
	err = begin(search, volume->start, size, &probe);
	if (err)
		return err;
	blkid->probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL |
					   BLKID_SUBLKS_UUID | BLKID_SUBLKS_USAGE);
	err = probe_safely(blkid, probe);
	if (!err)
		keep_file_system(blkid, probe, volume);
	if (err == BLKID_PROBE_AMBIGUOUS) {
		keep(volume->file_system, sizeof(volume->file_system), "ambivalent");
		volume->is_mountable = true;
		err = 0;
	}
	blkid->free_probe(probe);
	return MIN(err, 0);
}

static int read_partition(const struct search *search, struct blkid_partition *partition,
			  struct volume *volume)
{
	const struct blkid *blkid = search->blkid;
	const char *type = blkid->partition_get_type_string(partition);

	volume->number = blkid->partition_get_partno(partition);
	volume->start = (uint64_t)blkid->partition_get_start(partition) * TABLE_SECTOR;
	volume->size = (uint64_t)blkid->partition_get_size(partition) * TABLE_SECTOR;
	keep(volume->name, sizeof(volume->name), blkid->partition_get_name(partition));
	keep(volume->partition_uuid, sizeof(volume->partition_uuid),
	     blkid->partition_get_uuid(partition));
	if (type && *type)
		keep(volume->type, sizeof(volume->type), type);
	else
		snprintf(volume->type, sizeof(volume->type), "%#x",
			 blkid->partition_get_type(partition));
	/* One that holds others has nothing of its own. */
	return blkid->partition_is_extended(partition) ? 0 : find_file_system(search, volume);
}

/*
 * In a table that somebody has written it may begin behind its end, or anywhere. libblkid passes
 * that on, and what is computed from it would be some other place on the disk.
 */
static bool has_range(const struct blkid *blkid, struct blkid_partition *partition)
{
	int64_t start = blkid->partition_get_start(partition);
	int64_t size = blkid->partition_get_size(partition);
	const int64_t most = INT64_MAX / TABLE_SECTOR;

	return start >= 0 && start <= most && size >= 0 && size <= most - start;
}

static int read_list(const struct search *search, struct blkid_partlist *list,
		     struct contents *contents)
{
	const struct blkid *blkid = search->blkid;
	struct blkid_parttable *table = blkid->partlist_get_table(list);
	int count = blkid->partlist_numof_partitions(list);
	struct blkid_partition *partition;
	int err = 0;

	if (table)
		keep(contents->table, sizeof(contents->table), blkid->parttable_get_type(table));
	if (count < 1)
		return 0;
	count = MIN(count, PARTITIONS_MAX);
	contents->partitions = calloc(count, sizeof(*contents->partitions));
	if (!contents->partitions)
		return -ENOMEM;
	for (int i = 0; i < count && !err; i++) {
		partition = blkid->partlist_get_partition(list, i);
		if (partition && has_range(blkid, partition))
			err = read_partition(search, partition,
					     &contents->partitions[contents->count++]);
	}
	return err;
}

static int find_partitions(const struct search *search, struct contents *contents)
{
	const struct blkid *blkid = search->blkid;
	struct blkid_partlist *list = NULL;
	struct blkid_probe *probe;
	int err;

	if (!search->size)
		return 0;
	err = begin(search, 0, search->size, &probe);
	if (err)
		return err;
	blkid->probe_enable_superblocks(probe, false);
	blkid->probe_enable_partitions(probe, true);
	/* The list alone does not tell whether there is no table, or none that can be read. */
	err = probe_safely(blkid, probe);
	if (!err)
		list = blkid->probe_get_partitions(probe);
	if (list)
		err = read_list(search, list, contents);
	else if (!err)
		err = -EIO;
	blkid->free_probe(probe);
	return MIN(err, 0);
}

int contents_read(struct contents *contents, int fd, uint64_t size, uint64_t sector_bytes)
{
	struct search search = {
		.blkid = blkid_load(), .fd = fd, .size = size, .sector_bytes = sector_bytes,
	};
	int err;

	*contents = (struct contents) { .whole.size = size };
	if (!search.blkid)
		return -ELIBACC;
	err = find_file_system(&search, &contents->whole);
	if (!err)
		err = find_partitions(&search, contents);
	if (err)
		contents_free(contents);
	return err;
}

void contents_free(struct contents *contents)
{
	free(contents->partitions);
	contents->partitions = NULL;
	contents->count = 0;
}
