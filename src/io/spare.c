// SPDX-License-Identifier: GPL-2.0-only
/* Spare bios, for when no memory is free. */
#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/mempool.h>
#include <linux/spinlock.h>

#include "io/io.h"
#include "io/spare.h"

/* As many as two queues have requests: others take of them, too. */
#define SPARES_MAX	256
/* Collected at once, in an interrupt. */
#define SPARES_A_TIME	32
#define LOOK_AGAIN	(HZ / 10)

/* Taken in timers; guards both below. */
static DEFINE_SPINLOCK(spare_lock);
static struct bio_list spare_bios = BIO_EMPTY_LIST;
static unsigned int spare_count;

static void spare_put(struct bio *bio)
{
	spin_lock(&spare_lock);
	bio_list_add_head(&spare_bios, bio);
	spare_count++;
	spin_unlock(&spare_lock);
}

static struct bio *spare_take(void)
{
	struct bio *bio;

	spin_lock(&spare_lock);
	bio = bio_list_pop(&spare_bios);
	if (bio)
		spare_count--;
	spin_unlock(&spare_lock);

	return bio;
}

static bool pool_is_empty(void)
{
	return !READ_ONCE(fs_bio_set.bio_pool.curr_nr);
}

static bool pool_is_full(void)
{
	return READ_ONCE(fs_bio_set.bio_pool.curr_nr) >=
	       fs_bio_set.bio_pool.min_nr;
}

/* Where there is no memory, the pool gives what it has; that goes back to it. */
static void spare_collect(void)
{
	unsigned int n = SPARES_A_TIME;
	struct bio *bio;

	while (n-- && READ_ONCE(spare_count) < SPARES_MAX && pool_is_full()) {
		bio = bio_alloc(NULL, 0, REQ_OP_WRITE,
				__GFP_NORETRY | __GFP_NOWARN);
		if (!bio)
			return;
		if (pool_is_full())
			spare_put(bio);
		else
			bio_put(bio);
	}
}

static void spare_give(void)
{
	struct bio *bio = spare_take();

	if (bio)
		bio_put(bio);
}

/* One is enough. */
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

/* A request that is started meanwhile has the timer run again itself. */
static void spare_look(struct timer_list *timer)
{
	struct reloop_io *io = container_of(timer, struct reloop_io,
					    spare_timer);

	if (pool_is_empty())
		spare_give();
	else
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
	struct bio *bio;

	spin_lock_bh(&spare_lock);
	while ((bio = bio_list_pop(&spare_bios)))
		bio_put(bio);
	spare_count = 0;
	spin_unlock_bh(&spare_lock);
}
