/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of libblkid that is used. The library is loaded on demand, so that neither building the
 * command nor running it without a look at a disk's contents requires it.
 */
#ifndef RELOOP_BLKID_H
#define RELOOP_BLKID_H

#include <stddef.h>
#include <stdint.h>

/* libblkid's values for what to probe a file system for. */
#define BLKID_SUBLKS_LABEL 0x02
#define BLKID_SUBLKS_UUID 0x08
#define BLKID_SUBLKS_TYPE 0x20
#define BLKID_SUBLKS_USAGE 0x80

/* As do_safeprobe() answers; or -errno. */
#define BLKID_PROBE_NONE 1
#define BLKID_PROBE_ERROR (-1)
#define BLKID_PROBE_AMBIGUOUS (-2)

struct blkid_probe;
struct blkid_partlist;
struct blkid_parttable;
struct blkid_partition;

/* Its functions, by their names without "blkid_". */
struct blkid {
	struct blkid_probe *(*new_probe)(void);
	void (*free_probe)(struct blkid_probe *probe);
	int (*probe_set_device)(struct blkid_probe *probe, int fd, int64_t offset, int64_t size);
	int (*probe_set_sectorsize)(struct blkid_probe *probe, unsigned int bytes);
	int (*probe_set_superblocks_flags)(struct blkid_probe *probe, int flags);
	int (*probe_enable_superblocks)(struct blkid_probe *probe, int is_enabled);
	int (*probe_enable_partitions)(struct blkid_probe *probe, int is_enabled);
	int (*do_safeprobe)(struct blkid_probe *probe);
	int (*probe_lookup_value)(struct blkid_probe *probe, const char *name, const char **data,
				  size_t *length);
	struct blkid_partlist *(*probe_get_partitions)(struct blkid_probe *probe);
	struct blkid_parttable *(*partlist_get_table)(struct blkid_partlist *list);
	const char *(*parttable_get_type)(struct blkid_parttable *table);
	int (*partlist_numof_partitions)(struct blkid_partlist *list);
	struct blkid_partition *(*partlist_get_partition)(struct blkid_partlist *list, int index);
	int (*partition_get_partno)(struct blkid_partition *partition);
	int64_t (*partition_get_start)(struct blkid_partition *partition);	/* 512-byte units */
	int64_t (*partition_get_size)(struct blkid_partition *partition);
	int (*partition_get_type)(struct blkid_partition *partition);
	const char *(*partition_get_type_string)(struct blkid_partition *partition);
	const char *(*partition_get_name)(struct blkid_partition *partition);
	const char *(*partition_get_uuid)(struct blkid_partition *partition);
	int (*partition_is_extended)(struct blkid_partition *partition);
};

/* Returns NULL if there is no libblkid, or one that is too old. */
const struct blkid *blkid_load(void);

#endif
