/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules by which requests fail, and which of them hits a request. Whoever has a
 * list of rules has a lock for it. damage.h has what becomes of the request.
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
 * @due: when, in jiffies; if it @waits and does not hang
 * @at: of corrupt: the byte to corrupt, counted from the beginning of the
 *      request; of torn: the number of bytes to write
 * @status: what the request fails with
 * @action: enum reloop_fault_action
 * @bit: of corrupt: the bit to flip, as a mask
 * @waits: nothing is to happen yet
 *
 * Must fit into what a kiocb has left beside a work, see struct reloop_cmd.
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
 * @node: entry in the list of its device
 * @fault: what it says
 * @random: state of its random numbers
 * @passed: number of matching requests that it has let pass, up to @fault.after
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
 * reloop_rule_create() - create a rule
 * @fault: what it says, for which reloop_fault_ok() holds
 *
 * May sleep. Freed by reloop_rules_destroy(), in a list.
 *
 * Return: the rule, or NULL if there is no memory.
 */
struct reloop_rule *reloop_rule_create(const struct reloop_fault *fault);

/**
 * reloop_rules_destroy() - free rules
 * @rules: a list of rules that nobody else has, not to be used afterwards
 *
 * Any context.
 */
void reloop_rules_destroy(struct list_head *rules);

/**
 * reloop_rules_judge() - find out whether a rule hits a request
 * @rules: the rules in their order; the caller keeps others away from them
 * @rq: a request of which nothing is done yet
 * @verdict: receives what becomes of the request, if a rule hits it
 *
 * Any context. Each rule counts the request, so call this once for each.
 *
 * Return: whether a rule hits it.
 */
bool reloop_rules_judge(struct list_head *rules, struct request *rq,
			struct reloop_verdict *verdict);

#endif /* RELOOP_RULES_H */
