/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules by which requests fail, and which of them hits a request. Whoever has a
 * list of rules has a lock for it. What becomes of the request is in damage.h.
 */
#ifndef RELOOP_RULES_H
#define RELOOP_RULES_H

#include <linux/blk_types.h>
#include <linux/list.h>
#include <linux/prandom.h>

#include "io/fault_words.h"

struct request;

/**
 * struct reloop_verdict - what becomes of a request that a rule has hit
 * @due: when, in jiffies; of what @waits and does not hang
 * @at: of corrupt the byte that is, from the request's beginning; of torn the
 *      bytes that are written
 * @status: what it fails with
 * @action: enum reloop_fault_action
 * @bit: of corrupt the bit that is turned over, as a mask
 * @waits: not yet
 *
 * No larger than what a kiocb has left beside a work, see struct reloop_cmd.
 */
struct reloop_verdict {
	unsigned long due;
	unsigned int at;
	blk_status_t status;
	u8 action;
	u8 bit;
	bool waits;
};

/**
 * struct reloop_rule - a rule
 * @node: in the list of its device
 * @fault: what it says
 * @random: what it draws from
 * @passed: requests that it was for and let pass, up to @fault.after
 * @hits: how often it has hit
 */
struct reloop_rule {
	struct list_head node;
	struct reloop_fault fault;
	struct rnd_state random;
	u32 passed;
	u64 hits;
};

/**
 * reloop_rule_create() - make a rule
 * @fault: what it says, for which reloop_fault_ok() holds
 *
 * May sleep. For reloop_rules_destroy(), in a list.
 *
 * Return: the rule, or NULL for want of memory.
 */
struct reloop_rule *reloop_rule_create(const struct reloop_fault *fault);

/**
 * reloop_rules_destroy() - free rules
 * @rules: a list of them that nobody else has, not to be used afterwards
 *
 * Any context.
 */
void reloop_rules_destroy(struct list_head *rules);

/**
 * reloop_rules_judge() - whether a rule hits a request
 * @rules: the rules in their order; the caller keeps others from them
 * @rq: a request, nothing of which is done yet
 * @verdict: receives what becomes of it, if one hits
 *
 * Any context. Each rule takes note of it, so once for each request.
 *
 * Return: whether one hits.
 */
bool reloop_rules_judge(struct list_head *rules, struct request *rq,
			struct reloop_verdict *verdict);

#endif /* RELOOP_RULES_H */
