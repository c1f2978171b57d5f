// SPDX-License-Identifier: GPL-2.0-only
#include "words/nearest.h"

#include <stddef.h>
#include <string.h>

#define LENGTH_MAX 31	/* longest word compared; none of the command's is longer */

static unsigned int min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Counts letters that are wrong, missing, superfluous, or swapped with their neighbor. */
static unsigned int count_errors(const char *a, unsigned int a_length, const char *b)
{
	unsigned int costs[LENGTH_MAX + 1][LENGTH_MAX + 1], b_length = strlen(b);

	for (unsigned int i = 0; i <= a_length; i++) {
		for (unsigned int j = 0; j <= b_length; j++) {
			if (!i || !j) {
				costs[i][j] = i + j;
				continue;
			}
			costs[i][j] = min(costs[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
					  min(costs[i - 1][j], costs[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				costs[i][j] = min(costs[i][j], costs[i - 2][j - 2] + 1);
		}
	}
	return costs[a_length][b_length];
}

void nearest_begin(struct nearest *nearest, const char *typed, unsigned int length)
{
	/* If more than a third of it is wrong, it is another word. */
	*nearest = (struct nearest) { typed, length, NULL, length / 3 + 1 };
}

void nearest_offer(struct nearest *nearest, const char *word)
{
	unsigned int errors;

	if (nearest->length > LENGTH_MAX || strlen(word) > LENGTH_MAX)
		return;
	errors = count_errors(nearest->typed, nearest->length, word);
	if (errors < nearest->distance) {
		nearest->distance = errors;
		nearest->word = word;
	}
}
