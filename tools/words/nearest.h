/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the word that was meant by a mistyped one. */
#ifndef RELOOP_NEAREST_H
#define RELOOP_NEAREST_H

struct nearest {
	const char *typed;	/* only @length bytes of it */
	unsigned int length;
	const char *word;	/* the nearest so far; NULL: none was near enough */
	unsigned int distance;
};

void nearest_begin(struct nearest *nearest, const char *typed, unsigned int length);

/* Offers one of the existing words. Of two that are equally near, the first one stays. */
void nearest_offer(struct nearest *nearest, const char *word);

#endif
