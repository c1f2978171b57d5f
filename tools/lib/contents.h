/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is on a disk: its partition table and file systems. All of it comes from whoever made the
 * disk: names can hold any byte. Functions return -errno and print nothing.
 */
#ifndef RELOOP_CONTENTS_H
#define RELOOP_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A partition, or the whole disk. A field that it does not have is empty. */
struct volume {
	unsigned int number;		/* 0: the whole disk */
	uint64_t start;			/* in bytes */
	uint64_t size;
	char type[64];			/* as in the table: a UUID, or 0x83 */
	char name[256];
	char partition_uuid[64];
	char file_system[64];		/* or whatever else fills it: swap, crypto_LUKS */
	char label[512];
	char uuid[64];
	bool is_mountable;
};

struct contents {
	char table[32];			/* gpt, dos..., or empty */
	struct volume whole;
	struct volume *partitions;
	size_t count;
};

/*
 * Reads the file @fd of @size bytes; @sector_bytes: the sector size that its table counts in, or 0.
 * -ELIBACC: there is no libblkid; -ENOMEM. contents_free() frees the result.
 */
int contents_read(struct contents *contents, int fd, uint64_t size, uint64_t sector_bytes);

void contents_free(struct contents *contents);

#endif
