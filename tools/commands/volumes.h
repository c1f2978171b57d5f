/* SPDX-License-Identifier: GPL-2.0-only */
/* What is on a disk, as people are shown it, and programs. */
#ifndef RELOOP_VOLUMES_H
#define RELOOP_VOLUMES_H

#include "lib/contents.h"

/* Its partitions, and file systems; a line each below a heading, or nothing. */
void volumes_print(const struct contents *contents);

/* The fields of a file system; and the array of partitions. */
void volumes_print_json(const struct volume *volume);
void volumes_print_json_all(const struct contents *contents);

#endif
