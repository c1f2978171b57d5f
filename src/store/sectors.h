/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of sectors, a bit for each. Kernel bitmaps count in int, and those who set
 * bits here do so at once with others, in any context.
 */
#ifndef RELOOP_SECTORS_H
#define RELOOP_SECTORS_H

#include <linux/types.h>

/**
 * reloop_sectors_alloc() - an empty set
 * @count: how many sectors there can be in it
 *
 * May sleep. For kvfree().
 *
 * Return: the set, or NULL.
 */
unsigned long *reloop_sectors_alloc(unsigned long count);

/**
 * reloop_sectors_add() - put a range into a set
 * @set: shared with others who do the same or look at it
 * @first: the first sector
 * @end: the one after the last, larger than that
 *
 * Any context.
 *
 * Return: how many of them were not in it before.
 */
unsigned long reloop_sectors_add(unsigned long *set, unsigned long first,
				 unsigned long end);

/**
 * reloop_sectors_remove() - take a range out of a set
 * @set: as above
 * @first: the first sector
 * @end: the one after the last, larger than that
 *
 * Any context.
 *
 * Return: how many of them were in it before.
 */
unsigned long reloop_sectors_remove(unsigned long *set, unsigned long first,
				    unsigned long end);

/**
 * reloop_sectors_copy() - make a set as another one is
 * @to: nobody changes it meanwhile
 * @from: nor this
 * @count: how many sectors there can be in them
 *
 * May sleep.
 */
void reloop_sectors_copy(unsigned long *to, const unsigned long *from,
			 unsigned long count);

/**
 * reloop_sectors_count() - how many are in a set
 * @set: nobody changes it meanwhile
 * @count: how many sectors there can be in it
 *
 * May sleep.
 */
unsigned long reloop_sectors_count(const unsigned long *set,
				   unsigned long count);

#endif /* RELOOP_SECTORS_H */
