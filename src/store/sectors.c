// SPDX-License-Identifier: GPL-2.0-only
/* Sets of sectors, one bit for each sector. */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "store/sectors.h"

/* Words to process before rescheduling. */
#define WORDS_AT_ONCE	SZ_64K

unsigned long *reloop_sectors_alloc(unsigned long count)
{
	return kvcalloc(BITS_TO_LONGS(count), sizeof(long),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

/* The bits of a range that lie in one word. */
static unsigned long word_mask(unsigned long word, unsigned long first,
			       unsigned long end)
{
	unsigned long mask = ~0UL;

	if (word == BIT_WORD(first))
		mask &= BITMAP_FIRST_WORD_MASK(first);
	if (word == BIT_WORD(end - 1))
		mask &= BITMAP_LAST_WORD_MASK(end);

	return mask;
}

/* Add or remove a range. Returns how many sectors of it changed. */
static unsigned long sectors_change(unsigned long *set, unsigned long first,
				    unsigned long end, bool in)
{
	unsigned long word, mask, was, changed = 0;
	atomic_long_t *at;

	for (word = BIT_WORD(first); word <= BIT_WORD(end - 1); word++) {
		mask = word_mask(word, first, end);
		at = (atomic_long_t *)&set[word];
		was = in ? ~atomic_long_fetch_or(mask, at) :
			   atomic_long_fetch_andnot(mask, at);
		changed += hweight_long(mask & was);
	}
	return changed;
}

unsigned long reloop_sectors_add(unsigned long *set, unsigned long first,
				 unsigned long end)
{
	return sectors_change(set, first, end, true);
}

unsigned long reloop_sectors_remove(unsigned long *set, unsigned long first,
				    unsigned long end)
{
	return sectors_change(set, first, end, false);
}

void reloop_sectors_copy(unsigned long *to, const unsigned long *from,
			 unsigned long count)
{
	unsigned long words = BITS_TO_LONGS(count), word, part;

	for (word = 0; word < words; word += part) {
		part = min_t(unsigned long, words - word, WORDS_AT_ONCE);
		memcpy(to + word, from + word, part * sizeof(long));
		cond_resched();
	}
}

unsigned long reloop_sectors_count(const unsigned long *set,
				   unsigned long count)
{
	unsigned long words = BITS_TO_LONGS(count), word, sum = 0;

	for (word = 0; word < words; word++) {
		sum += hweight_long(set[word]);
		if (!((word + 1) % WORDS_AT_ONCE))
			cond_resched();
	}
	return sum;
}
