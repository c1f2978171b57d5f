/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody may have meant who has mistyped a word. */
#ifndef RELOOP_NEAREST_H
#define RELOOP_NEAREST_H

struct nearest {
	const char *typed;	/* its first @length bytes */
	unsigned int length;
	const char *word;	/* the nearest so far; NULL: none was near enough */
	unsigned int distance;
};

void nearest_begin(struct nearest *nearest, const char *typed, unsigned int length);

/* Offers one of the words there are. Of two as near as each other the first stays. */
void nearest_offer(struct nearest *nearest, const char *word);

#endif
