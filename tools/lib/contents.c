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

/* To libblkid, a size of 0 would mean all of the file. */
static struct blkid_probe *begin(const struct search *search, uint64_t start, uint64_t size)
{
	const struct blkid *blkid = search->blkid;
	struct blkid_probe *probe = blkid->new_probe();

	if (!probe)
		return NULL;
	if (size && !blkid->probe_set_device(probe, search->fd, start, size)) {
		if (search->sector_bytes)
			blkid->probe_set_sectorsize(probe, search->sector_bytes);
		return probe;
	}
	blkid->free_probe(probe);
	return NULL;
}

/* If it could be one of several file systems, none is taken. */
static void find_file_system(const struct search *search, struct volume *volume)
{
	const struct blkid *blkid = search->blkid;
	struct blkid_probe *probe;
	char usage[32] = "";

	if (volume->start >= search->size)
		return;
	probe = begin(search, volume->start, MIN(volume->size, search->size - volume->start));
	if (!probe)
		return;
	blkid->probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL |
					   BLKID_SUBLKS_UUID | BLKID_SUBLKS_USAGE);
	if (!blkid->do_safeprobe(probe)) {
		keep_value(blkid, probe, "TYPE", volume->file_system, sizeof(volume->file_system));
		keep_value(blkid, probe, "LABEL", volume->label, sizeof(volume->label));
		keep_value(blkid, probe, "UUID", volume->uuid, sizeof(volume->uuid));
		keep_value(blkid, probe, "USAGE", usage, sizeof(usage));
		volume->is_mountable = !strcmp(usage, "filesystem");
	}
	blkid->free_probe(probe);
}

static void read_partition(const struct search *search, struct blkid_partition *partition,
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
	/* A partition that holds others has no content of its own. */
	if (!blkid->partition_is_extended(partition))
		find_file_system(search, volume);
}

static int read_list(const struct search *search, struct blkid_partlist *list,
		     struct contents *contents)
{
	const struct blkid *blkid = search->blkid;
	struct blkid_parttable *table = blkid->partlist_get_table(list);
	int count = blkid->partlist_numof_partitions(list);
	struct blkid_partition *partition;

	if (table)
		keep(contents->table, sizeof(contents->table), blkid->parttable_get_type(table));
	if (count < 1)
		return 0;
	count = MIN(count, PARTITIONS_MAX);
	contents->partitions = calloc(count, sizeof(*contents->partitions));
	if (!contents->partitions)
		return -ENOMEM;
	for (int i = 0; i < count; i++) {
		partition = blkid->partlist_get_partition(list, i);
		if (partition)
			read_partition(search, partition,
				       &contents->partitions[contents->count++]);
	}
	return 0;
}

static int find_partitions(const struct search *search, struct contents *contents)
{
	const struct blkid *blkid = search->blkid;
	struct blkid_probe *probe = begin(search, 0, search->size);
	struct blkid_partlist *list;
	int err = 0;

	if (!probe)
		return 0;
	blkid->probe_enable_partitions(probe, true);
	list = blkid->probe_get_partitions(probe);
	if (list)
		err = read_list(search, list, contents);
	blkid->free_probe(probe);
	return err;
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
	find_file_system(&search, &contents->whole);
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
