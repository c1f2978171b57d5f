/* SPDX-License-Identifier: GPL-2.0-only */
/* Shows what is on a disk, to people and to programs. */
#ifndef RELOOP_VOLUMES_H
#define RELOOP_VOLUMES_H

#include "lib/contents.h"
#include "words/json.h"

/* Prints its partitions and file systems, one per line below a heading; or nothing. */
void volumes_print(const struct contents *contents);

/* Print the fields of a file system, and the array of partitions. */
void volumes_print_json(struct json *json, const struct volume *volume);
void volumes_print_json_all(struct json *json, const struct contents *contents);

#endif
