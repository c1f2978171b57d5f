/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes as people type them: 4096, 1M, 2GiB. Pure: no I/O, no state. */
#ifndef RELOOP_SIZE_H
#define RELOOP_SIZE_H

#include <stdint.h>

#define SIZE_TEXT_MAX 24

/*
 * K, KiB (and so on to E) count in 1024, KB in 1000; letters in either case.
 * -EINVAL: not a size; -EDOM: negative; -ERANGE: more than a file can have.
 */
int size_parse(const char *text, uint64_t *bytes);

/* For people: in the largest unit that fits, with one decimal, rounded, where it is not whole. */
void size_format(uint64_t bytes, char text[SIZE_TEXT_MAX]);

#endif
