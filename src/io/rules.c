// SPDX-License-Identifier: GPL-2.0-only
/* Rules by which requests fail, and which of them hits a request. */
#include <linux/blk-mq.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/slab.h>

#include "io/rules.h"

struct reloop_rule *reloop_rule_create(const struct reloop_fault *fault)
{
	struct reloop_rule *rule = kzalloc(sizeof(*rule), GFP_KERNEL);

	if (!rule)
		return NULL;

	rule->fault = *fault;
	prandom_seed_state(&rule->random, fault->seed);

	return rule;
}

void reloop_rules_destroy(struct list_head *rules)
{
	struct reloop_rule *rule, *next;

	list_for_each_entry_safe(rule, next, rules, node)
		kfree(rule);
}

/* Draw a number from 0 to @limit - 1. */
static u32 rule_draw(struct reloop_rule *rule, u32 limit)
{
	return reciprocal_scale(prandom_u32_state(&rule->random), limit);
}

static u32 op_of(const struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
		return RELOOP_FAULT_READ;
	case REQ_OP_WRITE:
		return RELOOP_FAULT_WRITE;
	case REQ_OP_FLUSH:
		return RELOOP_FAULT_FLUSH;
	case REQ_OP_DISCARD:
		return RELOOP_FAULT_DISCARD;
	case REQ_OP_WRITE_ZEROES:
		return RELOOP_FAULT_ZEROES;
	default:
		return 0;
	}
}

static bool rule_is_for(const struct reloop_fault *fault, struct request *rq)
{
	u64 pos = (u64)blk_rq_pos(rq) << SECTOR_SHIFT;

	if (!(fault->ops & op_of(rq)))
		return false;
	/* A flush has no position. */
	if (req_op(rq) == REQ_OP_FLUSH)
		return true;

	return pos + blk_rq_bytes(rq) > fault->start &&
	       (!fault->length || pos - fault->start < fault->length ||
		pos < fault->start);
}

static bool rule_hits(struct reloop_rule *rule, struct request *rq)
{
	const struct reloop_fault *fault = &rule->fault;

	if (!rule_is_for(fault, rq))
		return false;
	if (rule->passed < fault->after) {
		rule->passed++;
		return false;
	}
	if (fault->count && rule->hits >= fault->count)
		return false;
	if (fault->chance > 1 && rule_draw(rule, fault->chance))
		return false;

	WRITE_ONCE(rule->hits, rule->hits + 1);
	return true;
}

static void rule_decide(struct reloop_rule *rule, struct request *rq,
			struct reloop_verdict *verdict)
{
	const struct reloop_fault *fault = &rule->fault;
	unsigned int block = queue_logical_block_size(rq->q);

	*verdict = (struct reloop_verdict){
		.due	= jiffies + msecs_to_jiffies(fault->delay_ms),
		.status	= errno_to_blk_status(-(int)(fault->error ?: EIO)),
		.action	= fault->action,
		.waits	= fault->delay_ms || fault->action == RELOOP_FAULT_HANG,
	};
	if (fault->action == RELOOP_FAULT_TORN) {
		verdict->at = rule_draw(rule, blk_rq_bytes(rq) / block) * block;
	} else if (fault->action == RELOOP_FAULT_CORRUPT) {
		verdict->at = rule_draw(rule, blk_rq_bytes(rq));
		verdict->bit = 1 << rule_draw(rule, BITS_PER_BYTE);
	}
}

bool reloop_rules_judge(struct list_head *rules, struct request *rq,
			struct reloop_verdict *verdict)
{
	struct reloop_rule *rule;

	list_for_each_entry(rule, rules, node) {
		if (!rule_hits(rule, rq))
			continue;
		rule_decide(rule, rq, verdict);
		return true;
	}
	return false;
}
