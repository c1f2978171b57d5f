// SPDX-License-Identifier: GPL-2.0-only
/*
 * Issuing a request in the context of its submitter saves two context switches,
 * which is most of what a loop device costs. It runs a file system below a task
 * that may be deep inside another one, so it is done only if every way in which
 * that could hurt is excluded.
 */
#include <linux/blk-cgroup.h>
#include <linux/cgroup.h>
#include <linux/kasan.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>

#include "io/submit.h"

const char * const reloop_submit_names[] = {
	[RELOOP_SUBMIT_AUTO]	= "auto",
	[RELOOP_SUBMIT_WORKER]	= "worker",
};

/*
 * What must be left of the stack. Half of it is more than any store has been
 * seen to need, and submitters rarely use a quarter of it.
 */
#define STACK_NEEDED	(THREAD_SIZE / 2)

/* A plug is full with this many requests, or with one this large. */
#define PLUG_REQUESTS	32
#define PLUG_BYTES	SZ_128K

/* If @place is not on the stack, this is more than the stack's size. */
static unsigned long stack_left_at(const void *place)
{
	unsigned long here = (unsigned long)kasan_reset_tag(place);
	unsigned long end = (unsigned long)end_of_stack(current);

	return IS_ENABLED(CONFIG_STACK_GROWSUP) ? end - here : here - end;
}

static bool has_stack_left(void)
{
	return stack_left_at(__builtin_frame_address(0)) >= STACK_NEEDED;
}

/* Whether what is done here is charged to the cgroup that pays for @bio. */
static bool is_charged_here(struct bio *bio)
{
	bool is_charged = true;
#ifdef CONFIG_BLK_CGROUP
	struct cgroup_subsys_state *css = bio_blkcg_css(bio);

	rcu_read_lock();
	is_charged = !css || css == task_css(current, io_cgrp_id);
	rcu_read_unlock();
#endif
	return is_charged;
}

/*
 * Whether the task's plug has nothing that the store may wait for: going to
 * sleep does not submit it while the plug is put aside. That is requests of
 * other queues, and requests that were allocated ahead and hold tags.
 */
static bool is_plug_harmless(const struct blk_plug *plug,
			     struct request_queue *q)
{
	const struct request *first, *cached;

	if (!plug)
		return true;
	if (plug->multiple_queues)
		return false;

	first = compat_plug_first(plug);
	cached = compat_plug_cached(plug);
	return (!first || first->q == q) && (!cached || cached->q == q);
}

/* Whether the plug is of the bio itself: 6.12 gives one to a bio without. */
static bool is_plug_of_bio(const struct blk_plug *plug,
			   const struct bio_list *bios)
{
	return stack_left_at(plug) < stack_left_at(bios);
}

static bool is_plug_full(compat_rq_list *rqs)
{
	const struct request *rq;
	unsigned int nr = 0;

	rq_list_for_each(rqs, rq)
		if (++nr >= PLUG_REQUESTS || blk_rq_bytes(rq) >= PLUG_BYTES)
			return true;

	return false;
}

/*
 * A full plug is emptied before the next request is added, and before md and
 * others that keep bios back until then are told. So a task that submits a bio
 * and has a plug may hold that request. Otherwise only passthrough commands go
 * through a plug: io_uring's, which is not on the stack.
 */
bool reloop_submit_in_hand(compat_rq_list *rqs)
{
	const struct blk_plug *plug = current->plug;

	if (!plug)
		return false;
	if (current->bio_list)
		return !is_plug_of_bio(plug, current->bio_list);
	return !object_is_on_stack(plug) && (!rqs || is_plug_full(rqs));
}

/*
 * Whether the task has bios to submit after this one, such as the rest of one
 * that was split. They may be from the pool that the store allocates from.
 */
static bool has_bios_left(const struct bio_list *bios)
{
	return bios && (!bio_list_empty(&bios[0]) || !bio_list_empty(&bios[1]));
}

/*
 * Metadata is read and written with locks held that the file system below takes
 * too: never the very same ones, but lockdep knows only their class. Some file
 * systems mark metadata; others have it in buffers of the block device's page
 * cache.
 */
static bool is_metadata(struct request *rq)
{
	const struct bio *bio;

	__rq_for_each_bio(bio, rq)
		if (bio->bi_opf & (REQ_META | REQ_PRIO) ||
		    folio_test_private(page_folio(bio_page(bio))))
			return true;

	return false;
}

bool reloop_submit_can_here(struct request *rq)
{
	/*
	 * Kernel threads submit for others and hold what cannot be seen from
	 * here: a journal's commit, a flusher's locks, the work item of the
	 * block layer that all devices share. None of them is waiting for a
	 * quick answer.
	 */
	if (current->flags & PF_KTHREAD)
		return false;
	/*
	 * In reclaim, or in a scope that forbids waiting for I/O or for a file
	 * system: the store may wait for what waits for this. The request of
	 * another loop device also runs in such a scope.
	 */
	if (current->flags & (PF_MEMALLOC | PF_MEMALLOC_NOIO |
			      PF_MEMALLOC_NOFS))
		return false;
	/* A transaction is open; the store would take it for its own. */
	if (current->journal_info)
		return false;
	if (is_metadata(rq))
		return false;
	/* The limit is meant for the task's own files, not for the image. */
	if (op_is_write(req_op(rq)) && rlimit(RLIMIT_FSIZE) != RLIM_INFINITY)
		return false;
	if (!is_plug_harmless(current->plug, rq->q) ||
	    has_bios_left(current->bio_list))
		return false;
	/*
	 * Another driver's request: request-based dm clones its requests and
	 * submits them where it must not sleep.
	 */
	if (rq->end_io)
		return false;
	/* Somebody else pays: a worker issues it and takes on that cgroup. */
	if (!is_charged_here(rq->bio))
		return false;
	/*
	 * A store may be a file system on stacked devices. And some start a
	 * transaction to record the time of a write, even if asked not to block
	 * (ext4 does until 7.x).
	 */
	return has_stack_left();
}

/*
 * The block layer calls ->queue_rq() in a section of the queue's SRCU, and
 * lockdep assumes that whoever waits for the end of that section waits for all
 * locks that the store takes in it. Those who change a queue freeze it before
 * they wait. So the requests that are issued here have ended, and the rest of
 * the section waits for nothing. The work that looks for requests that take too
 * long does wait, but the store does not need that work. lockdep tells neither
 * two file systems of a kind apart nor their inodes, so it would see circles in
 * every loop device with a file system on it. So lockdep is told that the
 * section is interrupted.
 */
static void pause_section(struct request_queue *q)
{
	lock_map_release(&compat_queue_srcu(q)->dep_map);
}

static void resume_section(struct request_queue *q)
{
	lock_map_acquire_read(&compat_queue_srcu(q)->dep_map);
}

void reloop_submit_enter(struct reloop_here *here, struct request_queue *q,
			 bool many)
{
	here->queue = q;
	pause_section(q);
	here->noio = memalloc_noio_save();

	/* Otherwise bios would wait there until this request is issued. */
	here->outer_bios = current->bio_list;
	current->bio_list = NULL;

	/*
	 * The plug may just be being emptied, so nothing must be added to it.
	 * It may hold a time stamp, for which the scheduler looks in the plug
	 * of the task that it switches to.
	 */
	blk_plug_invalidate_ts();
	here->outer_plug = current->plug;
	current->plug = NULL;
	if (many)
		blk_start_plug(&here->plug);
}

void reloop_submit_flush(struct reloop_here *here)
{
	/* Also drops the time stamp. */
	blk_finish_plug(&here->plug);
}

void reloop_submit_leave(struct reloop_here *here)
{
	current->plug = here->outer_plug;
	current->bio_list = here->outer_bios;
	memalloc_noio_restore(here->noio);
	resume_section(here->queue);
}
