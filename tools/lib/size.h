/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes and numbers as people type them: 4096, 1M, 2GiB. Pure: no I/O, no state. */
#ifndef RELOOP_SIZE_H
#define RELOOP_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#define SIZE_TEXT_MAX 24

/*
 * K, KiB (and so on up to E) are powers of 1024, KB of 1000; letters in either case.
 * -EINVAL: not a size; -EDOM: negative; -ERANGE: larger than any file.
 */
int size_parse(const char *text, uint64_t *bytes);

/* A decimal number from @least to @most, without sign, blanks or unit. */
bool size_parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *number);

/* For people: in the largest unit that fits, rounded to one decimal unless it is whole. */
void size_format(uint64_t bytes, char text[SIZE_TEXT_MAX]);

#endif
