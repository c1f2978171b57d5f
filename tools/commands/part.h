/* SPDX-License-Identifier: GPL-2.0-only */
/* Chooses one of the file systems on a disk. */
#ifndef RELOOP_PART_H
#define RELOOP_PART_H

#include "lib/contents.h"

struct part {
	const char *text;	/* as given; NULL: the only file system on it */
	bool has_number;
	unsigned int number;
	const char *value;	/* without a number: the value of @field */
	size_t field;
};

/* Parses "2", "LABEL=root", "UUID=...", "PARTLABEL=..." or "PARTUUID=..."; false: others. */
bool part_parse(const char *text, struct part *part);

/* Returns how many match, and the first of them. */
size_t part_find(const struct part *part, const struct contents *contents,
		 const struct volume **found);

#endif
