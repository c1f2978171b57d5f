/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of sectors, one bit for each sector. Kernel bitmaps count in int. Here,
 * bits are set concurrently and in any context.
 */
#ifndef RELOOP_SECTORS_H
#define RELOOP_SECTORS_H

#include <linux/types.h>

/**
 * reloop_sectors_alloc() - allocate an empty set
 * @count: capacity of the set, in sectors
 *
 * May sleep. Free the set with kvfree().
 *
 * Return: the set, or NULL.
 */
unsigned long *reloop_sectors_alloc(unsigned long count);

/**
 * reloop_sectors_add() - add a range to a set
 * @set: may be read and changed by others at the same time
 * @first: the first sector
 * @end: the sector after the last one, larger than @first
 *
 * Any context.
 *
 * Return: how many of the sectors were not in the set before.
 */
unsigned long reloop_sectors_add(unsigned long *set, unsigned long first,
				 unsigned long end);

/**
 * reloop_sectors_remove() - remove a range from a set
 * @set: as above
 * @first: the first sector
 * @end: the sector after the last one, larger than @first
 *
 * Any context.
 *
 * Return: how many of the sectors were in the set before.
 */
unsigned long reloop_sectors_remove(unsigned long *set, unsigned long first,
				    unsigned long end);

/**
 * reloop_sectors_copy() - copy a set
 * @to: nobody changes it meanwhile
 * @from: nobody changes it meanwhile
 * @count: capacity of both sets, in sectors
 *
 * May sleep.
 */
void reloop_sectors_copy(unsigned long *to, const unsigned long *from,
			 unsigned long count);

/**
 * reloop_sectors_count() - count the sectors in a set
 * @set: nobody changes it meanwhile
 * @count: capacity of the set, in sectors
 *
 * May sleep.
 */
unsigned long reloop_sectors_count(const unsigned long *set,
				   unsigned long count);

#endif /* RELOOP_SECTORS_H */
