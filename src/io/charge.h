/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who pays for a request: a worker that runs it has its cgroups charged.
 * Looks at requests, calls nothing of ours.
 */
#ifndef RELOOP_CHARGE_H
#define RELOOP_CHARGE_H

#include <linux/blk-mq.h>
#include <linux/cgroup.h>

struct mem_cgroup;

/**
 * struct reloop_charge - what a worker changes of itself to have a request
 * charged to its issuer
 * @blkcg_css: who pays for I/O; NULL if nobody but the root cgroup
 * @memcg_css: who pays for memory, or NULL; holds a reference
 * @memcg: who did before; valid with @memcg_css
 */
struct reloop_charge {
	struct cgroup_subsys_state *blkcg_css;
	struct cgroup_subsys_state *memcg_css;
	struct mem_cgroup *memcg;
};

/**
 * reloop_charge_is_swap() - whether it moves a page between memory and swap
 * @rq: a request that has not ended
 *
 * Any context.
 */
bool reloop_charge_is_swap(struct request *rq);

/**
 * reloop_charge_is_due() - whether anybody but the root cgroup, which workers
 * are in, has to pay
 * @rq: a request that has not ended
 *
 * Any context.
 */
bool reloop_charge_is_due(struct request *rq);

/**
 * reloop_charge_begin() - have pages and I/O charged to the issuer's cgroups
 * @charge: keeps what was, on the stack
 * @rq: the request that is going to be run
 *
 * For a worker, which is a kernel thread. reloop_charge_end() is to follow.
 */
void reloop_charge_begin(struct reloop_charge *charge, struct request *rq);

/**
 * reloop_charge_end() - as it was before
 * @charge: filled by reloop_charge_begin()
 *
 * By the same task. The request may be gone.
 */
void reloop_charge_end(struct reloop_charge *charge);

#endif /* RELOOP_CHARGE_H */
