// SPDX-License-Identifier: GPL-2.0-only
/* The rules by which requests of a device fail, and what they hold up. */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "io/cmd.h"
#include "io/damage.h"
#include "io/faults.h"
#include "io/io.h"
#include "io/rules.h"

DEFINE_STATIC_KEY_FALSE(reloop_faults_key);

/* What is held up. */

/* The lock is held. Uses kblockd: the device's workers may all be waiting. */
static void faults_arm(struct reloop_faults *faults, unsigned long due)
{
	long left = due - jiffies;

	if (delayed_work_pending(&faults->release) &&
	    time_after_eq(due, faults->due))
		return;

	faults->due = due;
	kblockd_mod_delayed_work_on(WORK_CPU_UNBOUND, &faults->release,
				    max(left, 0L));
}

static bool verdict_hangs(const struct reloop_verdict *verdict)
{
	return verdict->action == RELOOP_FAULT_HANG;
}

/* The lock is held. Returns whether the command waits now. */
static bool faults_hold(struct reloop_faults *faults, struct reloop_cmd *cmd)
{
	if (!cmd->verdict.waits || faults->is_leaving)
		return false;

	list_add_tail(&reloop_cmd_rq(cmd)->queuelist, &faults->held);
	if (verdict_hangs(&cmd->verdict))
		WRITE_ONCE(faults->hanging, faults->hanging + 1);
	else
		faults_arm(faults, cmd->verdict.due);
	return true;
}

/* The lock is held. */
static void faults_take_held(struct reloop_faults *faults,
			     struct list_head *held)
{
	list_splice_tail_init(&faults->held, held);
	WRITE_ONCE(faults->hanging, 0);
}

/* Nobody else has these. Called without any lock, since a request may end. */
static void let_go(struct list_head *held)
{
	struct request *rq, *next;

	list_for_each_entry_safe(rq, next, held, queuelist) {
		list_del_init(&rq->queuelist);
		reloop_damage_begin(blk_mq_rq_to_pdu(rq));
	}
}

/* The lock is held. */
static void faults_take_due(struct reloop_faults *faults, struct list_head *due)
{
	const struct reloop_verdict *verdict;
	struct request *rq, *next;

	list_for_each_entry_safe(rq, next, &faults->held, queuelist) {
		verdict = &((struct reloop_cmd *)blk_mq_rq_to_pdu(rq))->verdict;
		if (verdict_hangs(verdict))
			continue;
		if (time_before(jiffies, verdict->due))
			faults_arm(faults, verdict->due);
		else
			list_move_tail(&rq->queuelist, due);
	}
}

static void faults_release(struct work_struct *work)
{
	struct reloop_faults *faults = container_of(to_delayed_work(work),
						    struct reloop_faults,
						    release);
	unsigned long flags;
	LIST_HEAD(due);

	spin_lock_irqsave(&faults->lock, flags);
	faults_take_due(faults, &due);
	spin_unlock_irqrestore(&faults->lock, flags);
	let_go(&due);
}

void reloop_faults_leave(struct reloop_io *io, unsigned int medium)
{
	struct reloop_faults *faults = &io->faults;
	unsigned long flags;
	LIST_HEAD(held);

	spin_lock_irqsave(&faults->lock, flags);
	if (faults->medium == medium) {
		faults->is_leaving = true;
		faults_take_held(faults, &held);
	}
	spin_unlock_irqrestore(&faults->lock, flags);
	let_go(&held);
}

bool reloop_faults_judge(struct reloop_cmd *cmd)
{
	struct reloop_faults *faults = &reloop_cmd_io(cmd)->faults;
	bool is_hit, waits = false;
	unsigned long flags;

	spin_lock_irqsave(&faults->lock, flags);
	is_hit = reloop_rules_judge(&faults->rules, reloop_cmd_rq(cmd),
				    &cmd->verdict);
	/* Under the same lock as the rule, which may be cleared next. */
	if (is_hit)
		waits = faults_hold(faults, cmd);
	spin_unlock_irqrestore(&faults->lock, flags);

	if (is_hit && !waits)
		reloop_damage_begin(cmd);
	return is_hit;
}

unsigned int reloop_faults_hanging(const struct reloop_io *io)
{
	return READ_ONCE(io->faults.hanging);
}

bool reloop_faults_holding(const struct reloop_io *io)
{
	return !list_empty_careful(&io->faults.held);
}

unsigned int reloop_faults_medium(const struct reloop_io *io)
{
	/* Pairs with smp_store_release() in reloop_faults_start(). */
	return smp_load_acquire(&io->faults.medium);
}

/* The rules. */

void reloop_faults_init(struct reloop_io *io, work_func_t damage_work)
{
	struct reloop_faults *faults = &io->faults;

	mutex_init(&faults->mutex);
	spin_lock_init(&faults->lock);
	INIT_LIST_HEAD(&faults->rules);
	INIT_LIST_HEAD(&faults->held);
	INIT_DELAYED_WORK(&faults->release, faults_release);
	faults->damage_work = damage_work;
}

void reloop_faults_exit(struct reloop_io *io)
{
	cancel_delayed_work_sync(&io->faults.release);
}

void reloop_faults_start(struct reloop_io *io)
{
	struct reloop_faults *faults = &io->faults;
	unsigned long flags;

	mutex_lock(&faults->mutex);
	spin_lock_irqsave(&faults->lock, flags);
	faults->is_leaving = false;
	WRITE_ONCE(faults->is_used, false);
	faults->is_started = true;
	/* Pairs with smp_load_acquire() in reloop_faults_medium(). */
	smp_store_release(&faults->medium, faults->medium + 1);
	spin_unlock_irqrestore(&faults->lock, flags);
	mutex_unlock(&faults->mutex);
}

/* The mutex is held. Returns how many rules there were. */
static unsigned int faults_remove_all(struct reloop_faults *faults)
{
	unsigned int count = faults->count, i;
	unsigned long flags;
	LIST_HEAD(rules);
	LIST_HEAD(held);

	spin_lock_irqsave(&faults->lock, flags);
	list_splice_init(&faults->rules, &rules);
	WRITE_ONCE(faults->count, 0);
	faults_take_held(faults, &held);
	spin_unlock_irqrestore(&faults->lock, flags);

	/* First: what follows may wait for a task that waits for these. */
	let_go(&held);
	for (i = 0; i < count; i++)
		static_branch_dec(&reloop_faults_key);
	reloop_rules_destroy(&rules);

	return count;
}

void reloop_faults_stop(struct reloop_io *io)
{
	struct reloop_faults *faults = &io->faults;

	mutex_lock(&faults->mutex);
	faults_remove_all(faults);
	faults->is_started = false;
	mempool_exit(&faults->bounce);
	mutex_unlock(&faults->mutex);
}

/*
 * The mutex is held, so this must not wait for I/O: whoever ends that needs the
 * mutex. A corrupt write must not wait for memory later.
 */
static int faults_make_bounce(struct reloop_faults *faults,
			      const struct reloop_fault *fault)
{
	unsigned int noio;
	int ret;

	if (fault->action != RELOOP_FAULT_CORRUPT ||
	    mempool_initialized(&faults->bounce))
		return 0;

	noio = memalloc_noio_save();
	ret = mempool_init_page_pool(&faults->bounce, 1, 0);
	memalloc_noio_restore(noio);

	return ret;
}

/* The mutex is held. */
static int faults_check_medium(const struct reloop_faults *faults,
			       unsigned int medium)
{
	if (faults->medium != medium)
		return -ESTALE;

	return faults->is_started ? 0 : -ENXIO;
}

/* The mutex is held. */
static int faults_insert(struct reloop_faults *faults, unsigned int medium,
			 struct reloop_rule *rule)
{
	unsigned long flags;
	int ret;

	ret = faults_check_medium(faults, medium);
	if (ret)
		return ret;
	if (faults->count == RELOOP_FAULTS_MAX)
		return -ENOSPC;
	ret = faults_make_bounce(faults, &rule->fault);
	if (ret)
		return ret;

	WRITE_ONCE(faults->is_used, true);
	spin_lock_irqsave(&faults->lock, flags);
	list_add_tail(&rule->node, &faults->rules);
	WRITE_ONCE(faults->count, faults->count + 1);
	spin_unlock_irqrestore(&faults->lock, flags);

	return 0;
}

int reloop_faults_add(struct reloop_io *io, unsigned int medium,
		      const struct reloop_fault *fault)
{
	struct reloop_faults *faults = &io->faults;
	struct reloop_rule *rule = reloop_rule_create(fault);
	int ret;

	if (!rule)
		return -ENOMEM;

	/*
	 * Without the mutex: a CPU that goes offline may wait for what is held
	 * up, this for the CPU, and whoever clears the rules for the mutex.
	 */
	static_branch_inc(&reloop_faults_key);
	mutex_lock(&faults->mutex);
	ret = faults_insert(faults, medium, rule);
	mutex_unlock(&faults->mutex);
	if (ret) {
		static_branch_dec(&reloop_faults_key);
		kfree(rule);
	}

	return ret;
}

int reloop_faults_clear(struct reloop_io *io, unsigned int medium)
{
	struct reloop_faults *faults = &io->faults;
	int ret;

	mutex_lock(&faults->mutex);
	ret = faults_check_medium(faults, medium);
	if (!ret)
		ret = faults_remove_all(faults);
	mutex_unlock(&faults->mutex);

	return ret;
}

int reloop_faults_show(struct reloop_io *io, char *buf)
{
	struct reloop_faults *faults = &io->faults;
	char text[RELOOP_FAULT_TEXT_MAX];
	const struct reloop_rule *rule;
	int length = 0;

	BUILD_BUG_ON(RELOOP_FAULTS_MAX * (RELOOP_FAULT_TEXT_MAX + 28) >
		     PAGE_SIZE);

	mutex_lock(&faults->mutex);
	list_for_each_entry(rule, &faults->rules, node) {
		reloop_fault_print(&rule->fault, text);
		length += sysfs_emit_at(buf, length, "%s hits=%llu\n", text,
					READ_ONCE(rule->hits));
	}
	mutex_unlock(&faults->mutex);

	return length;
}

bool reloop_faults_used(const struct reloop_io *io)
{
	return READ_ONCE(io->faults.is_used);
}
