// SPDX-License-Identifier: GPL-2.0-only
/* The commands of a device that may complete only when they are polled. */
#include <linux/blk-mq.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "io/cmd.h"
#include "io/io.h"
#include "io/polled.h"

/*
 * How long a command that nobody polls for is left alone: not much longer than
 * a slow disk takes, and rarely enough not to matter to a task that polls.
 */
#define POLL_INTERVAL	msecs_to_jiffies(10)

void reloop_polled_init(struct reloop_io *io, work_func_t poll)
{
	spin_lock_init(&io->polled_lock);
	INIT_LIST_HEAD(&io->polled);
	INIT_DELAYED_WORK(&io->poll_work, poll);
}

/* The lock is held. A work that is pending will take it, and find @cmd. */
static void polled_insert(struct reloop_io *io, struct reloop_cmd *cmd)
{
	list_add_tail(&reloop_cmd_rq(cmd)->queuelist, &io->polled);
	if (!delayed_work_pending(&io->poll_work))
		kblockd_mod_delayed_work_on(WORK_CPU_UNBOUND, &io->poll_work,
					    POLL_INTERVAL);
}

void reloop_polled_add(struct reloop_cmd *cmd)
{
	struct reloop_io *io = reloop_cmd_io(cmd);
	unsigned long flags;

	spin_lock_irqsave(&io->polled_lock, flags);
	polled_insert(io, cmd);
	spin_unlock_irqrestore(&io->polled_lock, flags);
}

bool reloop_polled_remove(struct reloop_cmd *cmd)
{
	struct reloop_io *io = reloop_cmd_io(cmd);
	struct request *rq = reloop_cmd_rq(cmd);
	unsigned long flags;
	bool is_in_list;

	spin_lock_irqsave(&io->polled_lock, flags);
	is_in_list = !list_empty(&rq->queuelist);
	list_del_init(&rq->queuelist);
	cmd->polled = false;
	spin_unlock_irqrestore(&io->polled_lock, flags);

	return is_in_list;
}

struct reloop_cmd *reloop_polled_take(struct reloop_io *io)
{
	struct request *rq;
	unsigned long flags;

	spin_lock_irqsave(&io->polled_lock, flags);
	rq = list_first_entry_or_null(&io->polled, struct request, queuelist);
	if (rq)
		list_del_init(&rq->queuelist);
	spin_unlock_irqrestore(&io->polled_lock, flags);

	return rq ? blk_mq_rq_to_pdu(rq) : NULL;
}

unsigned int reloop_polled_count(struct reloop_io *io)
{
	const struct list_head *entry;
	unsigned long flags;
	unsigned int n = 0;

	spin_lock_irqsave(&io->polled_lock, flags);
	list_for_each(entry, &io->polled)
		n++;
	spin_unlock_irqrestore(&io->polled_lock, flags);

	return n;
}

bool reloop_polled_put(struct reloop_cmd *cmd)
{
	struct reloop_io *io = reloop_cmd_io(cmd);
	unsigned long flags;
	bool is_polled;

	spin_lock_irqsave(&io->polled_lock, flags);
	is_polled = cmd->polled;
	if (is_polled)
		polled_insert(io, cmd);
	spin_unlock_irqrestore(&io->polled_lock, flags);

	return is_polled;
}
