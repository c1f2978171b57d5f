/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who pays for a request: a worker that runs it has the request's cgroups
 * charged. Looks at requests, and calls nothing else of this driver.
 */
#ifndef RELOOP_CHARGE_H
#define RELOOP_CHARGE_H

#include <linux/blk-mq.h>
#include <linux/cgroup.h>

struct mem_cgroup;

/**
 * struct reloop_charge - what a worker changes in its state to charge a request
 *         to its issuer
 * @blkcg_css: who pays for I/O; NULL if only the root cgroup does
 * @memcg_css: who pays for memory, or NULL; holds a reference
 * @memcg: who paid before; valid with @memcg_css
 * @pages: how many pages the request counts for; valid with @memcg_css
 */
struct reloop_charge {
	struct cgroup_subsys_state *blkcg_css;
	struct cgroup_subsys_state *memcg_css;
	struct mem_cgroup *memcg;
	unsigned long pages;
};

/**
 * reloop_charge_is_swap() - whether a request moves a page from or to swap
 * @rq: a request that has not ended
 *
 * Any context.
 */
bool reloop_charge_is_swap(struct request *rq);

/**
 * reloop_charge_is_due() - whether any cgroup has to pay but the root cgroup,
 *         which workers are in
 * @rq: a request that has not ended
 *
 * Any context.
 */
bool reloop_charge_is_due(struct request *rq);

/**
 * reloop_charge_begin() - charge memory and I/O to the issuer's cgroups
 * @charge: keeps the previous state, on the stack
 * @rq: the request that is about to run
 * @readahead: how many pages the image's files are read ahead at most
 *
 * Called by a worker, which is a kernel thread. reloop_charge_end() must
 * follow.
 */
void reloop_charge_begin(struct reloop_charge *charge, struct request *rq,
			 unsigned long readahead);

/**
 * reloop_charge_end() - restore the previous state
 * @charge: filled by reloop_charge_begin()
 *
 * Called by the same task. The request may be gone.
 */
void reloop_charge_end(struct reloop_charge *charge);

#endif /* RELOOP_CHARGE_H */
