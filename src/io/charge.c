// SPDX-License-Identifier: GPL-2.0-only
/* Who pays for a request: the cgroups of its issuer, except for swap. */
#include <linux/blk-cgroup.h>
#include <linux/kthread.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/page_counter.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>

#include "io/charge.h"

/* The issuer's block cgroup; the request's first bio keeps it alive. */
static struct cgroup_subsys_state *rq_blkcg_css(struct request *rq)
{
#ifdef CONFIG_BLK_CGROUP
	if (rq->bio)
		return bio_blkcg_css(rq->bio);
#endif
	return NULL;
}

/* A page to swap in is not up to date; a read buffer in the swap cache is. */
static bool rq_is_swap_in(struct request *rq)
{
	struct folio *folio;

	if (req_op(rq) != REQ_OP_READ || !rq->bio || !bio_has_data(rq->bio))
		return false;

	folio = page_folio(bio_page(rq->bio));
	return folio_test_swapcache(folio) && !folio_test_uptodate(folio);
}

/* Writes to swap are marked, also those through drivers that encrypt them. */
bool reloop_charge_is_swap(struct request *rq)
{
	return (rq->cmd_flags & REQ_SWAP) || rq_is_swap_in(rq);
}

bool reloop_charge_is_due(struct request *rq)
{
	struct cgroup_subsys_state *css = rq_blkcg_css(rq);

	/* The block layer, too, treats swap as the root cgroup's. */
	return css && css->parent && !reloop_charge_is_swap(rq);
}

/*
 * Whether the issuer's cgroup is also charged for pages of the image. Not for
 * a write: it may clean pages of that cgroup, which may be full of these, with
 * no memory left for others. And it may wait for the image's lock until the
 * room that was found is gone.
 */
static bool rq_is_charged_memory(struct request *rq)
{
	return req_op(rq) == REQ_OP_READ;
}

#ifdef CONFIG_MEMCG
/* For what programs of the cgroup take meanwhile. */
#define ROOM_PAGES	(SZ_4M >> PAGE_SHIFT)

/* Of all requests that are being charged for: their workers do it at once. */
static atomic_long_t charged_pages;

/*
 * Memory is charged for in batches, the image may have larger folios, and a
 * read may begin to read ahead twice: where it finds no page, and where it
 * comes across the mark to go on.
 */
static unsigned long rq_charged_pages(struct request *rq,
				      unsigned long readahead)
{
	return max_t(unsigned long, MEMCG_CHARGE_BATCH,
		     DIV_ROUND_UP(blk_rq_bytes(rq), PAGE_SIZE) + 1) +
	       2 * readahead;
}

/*
 * Whether there is room for so many pages, so that none has to be reclaimed. A
 * worker may start no I/O for that: it can neither swap for the cgroup nor
 * clean pages. When it finds nothing to drop, a program of the cgroup is
 * killed, which could have swapped; and above memory.high or memory.swap.high
 * it is put to sleep, with locks of the image. What can be dropped is not known
 * here, so a cgroup that is full of clean pages does not pay either.
 */
static bool memcg_has_room(struct mem_cgroup *memcg, unsigned long pages)
{
	struct page_counter *counter;

	for (counter = &memcg->memory; counter; counter = counter->parent)
		if (page_counter_read(counter) + pages >
		    min(READ_ONCE(counter->max), READ_ONCE(counter->high)))
			return false;
	/* With cgroup v1 it counts something else, and has no such limit. */
	for (counter = &memcg->swap; counter; counter = counter->parent)
		if (page_counter_read(counter) > READ_ONCE(counter->high))
			return false;
	return true;
}

static void charge_memory(struct reloop_charge *charge, struct request *rq,
			  unsigned long readahead)
{
	unsigned long pages = rq_charged_pages(rq, readahead);
	struct cgroup_subsys_state *css;
	struct mem_cgroup *memcg;

	css = cgroup_get_e_css(charge->blkcg_css->cgroup, &memory_cgrp_subsys);
	memcg = mem_cgroup_from_css(css);
	if (!memcg_has_room(memcg, ROOM_PAGES +
			    atomic_long_add_return(pages, &charged_pages))) {
		atomic_long_sub(pages, &charged_pages);
		css_put(css);
		return;
	}
	charge->pages = pages;
	charge->memcg_css = css;
	charge->memcg = set_active_memcg(memcg);
}

static void uncharge_memory(struct reloop_charge *charge)
{
	set_active_memcg(charge->memcg);
	css_put(charge->memcg_css);
	atomic_long_sub(charge->pages, &charged_pages);
}
#else
static void charge_memory(struct reloop_charge *charge, struct request *rq,
			  unsigned long readahead)
{
}

static void uncharge_memory(struct reloop_charge *charge)
{
}
#endif

void reloop_charge_begin(struct reloop_charge *charge, struct request *rq,
			 unsigned long readahead)
{
	charge->blkcg_css = reloop_charge_is_due(rq) ? rq_blkcg_css(rq) : NULL;
	charge->memcg_css = NULL;
	if (!charge->blkcg_css)
		return;

	kthread_associate_blkcg(charge->blkcg_css);
	if (rq_is_charged_memory(rq))
		charge_memory(charge, rq, readahead);
}

void reloop_charge_end(struct reloop_charge *charge)
{
	if (!charge->blkcg_css)
		return;

	if (charge->memcg_css)
		uncharge_memory(charge);
	kthread_associate_blkcg(NULL);
}
