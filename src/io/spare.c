// SPDX-License-Identifier: GPL-2.0-only
/* Spare bios, for when no memory is free. */
#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/mempool.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "io/io.h"
#include "io/spare.h"

/* As many as two queues have requests: others use them, too. */
#define SPARES_MAX	256
/* Collected at once, in an interrupt. */
#define SPARES_A_TIME	32
#define LOOK_AGAIN	(HZ / 10)

/*
 * Memory for a bio, an element of the pool. Not a bio: since 7.0, these go
 * through a per-CPU cache, which interrupts must not touch.
 */
struct spare {
	struct spare *next;
};

/* Guards the two below; taken in timers. */
static DEFINE_SPINLOCK(spare_lock);
static struct spare *spares;
static unsigned int spare_count;

static void spare_put(struct spare *spare)
{
	spin_lock(&spare_lock);
	spare->next = spares;
	spares = spare;
	spare_count++;
	spin_unlock(&spare_lock);
}

static struct spare *spare_take(void)
{
	struct spare *spare;

	spin_lock(&spare_lock);
	spare = spares;
	if (spare) {
		spares = spare->next;
		spare_count--;
	}
	spin_unlock(&spare_lock);

	return spare;
}

static void spare_collect(void)
{
	unsigned int n = SPARES_A_TIME;
	struct spare *spare;

	while (n-- && READ_ONCE(spare_count) < SPARES_MAX) {
		spare = kmem_cache_alloc(fs_bio_set.bio_slab, __GFP_NORETRY |
					 __GFP_NOMEMALLOC | __GFP_NOWARN);
		if (!spare)
			return;
		spare_put(spare);
	}
}

/* The pool wakes whoever waits for it. */
static void spare_give(void)
{
	struct spare *spare = spare_take();

	if (spare)
		mempool_free(spare, &fs_bio_set.bio_pool);
}

/* One request is enough. */
static bool note_request(struct request *rq, void *is_busy)
{
	*(bool *)is_busy = true;
	return false;
}

static bool io_is_busy(struct reloop_io *io)
{
	bool is_busy = false;

	blk_mq_tagset_busy_iter(&io->tag_set, note_request, &is_busy);
	return is_busy;
}

/* A request that is started meanwhile makes the timer run again itself. */
static void spare_look(struct timer_list *timer)
{
	struct reloop_io *io = container_of(timer, struct reloop_io,
					    spare_timer);
	const mempool_t *pool = &fs_bio_set.bio_pool;
	int left = READ_ONCE(pool->curr_nr);

	if (!left)
		spare_give();
	else if (left >= pool->min_nr)
		spare_collect();
	if (io_is_busy(io))
		reloop_spare_look_later(timer);
}

void reloop_spare_look_later(struct timer_list *timer)
{
	mod_timer(timer, jiffies + LOOK_AGAIN);
}

void reloop_spare_init(struct reloop_io *io)
{
	timer_setup(&io->spare_timer, spare_look, 0);
}

void reloop_spare_exit(struct reloop_io *io)
{
	timer_delete_sync(&io->spare_timer);
}

void reloop_spare_free(void)
{
	struct spare *spare;

	local_bh_disable();
	while ((spare = spare_take()))
		mempool_free(spare, &fs_bio_set.bio_pool);
	local_bh_enable();
}
