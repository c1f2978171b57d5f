/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spare bios, for when no memory is free.
 *
 * Swapping out to a device takes a bio, and the file system below takes another
 * one to write that. Both are from one pool of the kernel, fs_bio_set, which
 * keeps two for when there is no memory. If these two are in requests of this
 * driver, a worker waits for a bio, and whoever has one of them waits for the
 * worker.
 *
 * So spare ones are kept here, for all devices. While requests of a device are
 * in flight, a timer looks at the pool ten times a second, and gives it one
 * whenever it is empty. Sooner or later a worker gets one, and what it writes
 * frees memory and bios. Spare bios are collected when the pool is full, as
 * many as can be had without waiting, and kept until the module goes: 256, some
 * 50 KiB.
 *
 * That is all that can be done here. A file system itself needs memory: a
 * little to begin a write, and ext4 and XFS also to end one into space that has
 * never been written. If it has to wait for the device in reclaim for that,
 * nothing helps.
 */
#ifndef RELOOP_SPARE_H
#define RELOOP_SPARE_H

#include <linux/timer.h>

struct reloop_io;

/**
 * reloop_spare_init() - set up the timer, before the first request
 * @io: zeroed
 */
void reloop_spare_init(struct reloop_io *io);

/**
 * reloop_spare_exit() - stop the timer, after the last request
 * @io: initialized
 *
 * May sleep.
 */
void reloop_spare_exit(struct reloop_io *io);

/**
 * reloop_spare_look_later() - have the timer look at the pool
 * @timer: the spare_timer of a device
 *
 * Any context.
 */
void reloop_spare_look_later(struct timer_list *timer);

/**
 * reloop_spare_watch() - a request has been started
 * @timer: the spare_timer of the device
 *
 * Any context. This is one comparison, except ten times a second.
 */
static inline void reloop_spare_watch(struct timer_list *timer)
{
	if (!timer_pending(timer))
		reloop_spare_look_later(timer);
}

/**
 * reloop_spare_free() - give all spare bios back
 *
 * Called when no device is left; not in an interrupt.
 */
void reloop_spare_free(void);

#endif /* RELOOP_SPARE_H */
