/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of the file systems on a disk is meant. */
#ifndef RELOOP_PART_H
#define RELOOP_PART_H

#include "lib/contents.h"

struct part {
	const char *text;	/* as given; NULL: the only one there is */
	bool has_number;
	unsigned int number;
	const char *value;	/* without a number, what @field says */
	size_t field;
};

/* "2", "LABEL=root", "UUID=...", "PARTLABEL=...", "PARTUUID=..."; false: something else. */
bool part_parse(const char *text, struct part *part);

/* Of those that fit, the first one; how many there are. */
size_t part_find(const struct part *part, const struct contents *contents,
		 const struct volume **found);

#endif
