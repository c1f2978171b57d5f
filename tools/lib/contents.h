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

/*
 * A partition, or the whole disk. A field that it does not have is empty. One whose start and size
 * no disk could have is left out; but it may end behind the end of this one.
 */
struct volume {
	unsigned int number;		/* 0: the whole disk */
	uint64_t start;			/* in bytes */
	uint64_t size;
	char type[64];			/* as in the table: a UUID, or 0x83 */
	char name[256];
	char partition_uuid[64];
	char file_system[64];		/* or what fills it: swap, crypto_LUKS, ambivalent */
	char label[512];
	char uuid[64];
	bool is_mountable;		/* or ambivalent: it may be */
};

struct contents {
	char table[32];			/* gpt, dos..., or empty */
	struct volume whole;
	struct volume *partitions;
	size_t count;
};

/*
 * Of the file @fd, which is @size large; @sector_bytes: those that its table counts in, or 0.
 * -ELIBACC: there is no libblkid; -ENOMEM; -EIO, or what else the reads say. What it finds is for
 * contents_free().
 */
int contents_read(struct contents *contents, int fd, uint64_t size, uint64_t sector_bytes);

void contents_free(struct contents *contents);

#endif
