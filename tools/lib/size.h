/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes and numbers as people type them: 4096, 1M, 2GiB. Pure: no I/O, no state. */
#ifndef RELOOP_SIZE_H
#define RELOOP_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#define SIZE_TEXT_MAX 24

/*
 * K, KiB (and so on to E) count in 1024, KB in 1000; letters in either case.
 * -EINVAL: not a size; -EDOM: negative; -ERANGE: more than a file can have.
 */
int size_parse(const char *text, uint64_t *bytes);

/* A decimal number, from @least to @most: no sign, no blanks, no unit. */
bool size_parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *number);

/* For people: in the largest unit that fits, with one decimal, rounded, where it is not whole. */
void size_format(uint64_t bytes, char text[SIZE_TEXT_MAX]);

#endif
