// SPDX-License-Identifier: GPL-2.0-only
/* The commands of a device that wait for space. */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include <uapi/reloop.h>

#include "io/cmd.h"
#include "io/io.h"
#include "io/parked.h"

/*
 * Seconds between tries. A file system that is full may search all of itself
 * for space each time it is asked.
 */
#define PAUSE_FIRST	1U
#define PAUSE_LAST	5U

void reloop_parked_init(struct reloop_io *io, work_func_t retry,
			work_func_t tell)
{
	struct reloop_parked *parked = &io->parked;

	spin_lock_init(&parked->lock);
	INIT_LIST_HEAD(&parked->cmds);
	INIT_DELAYED_WORK(&parked->retry, retry);
	INIT_WORK(&parked->tell, tell);
}

void reloop_parked_exit(struct reloop_io *io)
{
	cancel_delayed_work_sync(&io->parked.retry);
	cancel_work_sync(&io->parked.tell);
}

void reloop_parked_start(struct reloop_io *io, unsigned int seconds)
{
	struct reloop_parked *parked = &io->parked;
	unsigned long flags;

	spin_lock_irqsave(&parked->lock, flags);
	parked->is_started = true;
	parked->is_ending = false;
	parked->given_up = false;
	parked->seconds = seconds;
	spin_unlock_irqrestore(&parked->lock, flags);
}

void reloop_parked_stop(struct reloop_io *io)
{
	struct reloop_parked *parked = &io->parked;
	unsigned long flags;

	spin_lock_irqsave(&parked->lock, flags);
	parked->is_started = false;
	parked->seconds = 0;
	spin_unlock_irqrestore(&parked->lock, flags);
}

/*
 * The lock is held. Not in the device's workqueue, all of whose workers may be
 * waiting for the file system below.
 */
static void parked_arm(struct reloop_parked *parked, unsigned int seconds)
{
	unsigned long due = jiffies + seconds * HZ;

	if (delayed_work_pending(&parked->retry) &&
	    time_after_eq(due, parked->due))
		return;

	parked->due = due;
	kblockd_mod_delayed_work_on(WORK_CPU_UNBOUND, &parked->retry,
				    seconds * HZ);
}

/* The lock is held. Restarts the waiting time. */
static void parked_begin(struct reloop_parked *parked)
{
	parked->pause = PAUSE_FIRST;
	parked->since = ktime_get_seconds();
	parked->given_up = false;
}

/* The lock is held. */
static int parked_retry(struct reloop_parked *parked)
{
	if (!parked->is_started)
		return -ENXIO;

	parked_begin(parked);
	if (!list_empty(&parked->cmds))
		parked_arm(parked, 0);
	return 0;
}

int reloop_parked_retry(struct reloop_io *io)
{
	struct reloop_parked *parked = &io->parked;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&parked->lock, flags);
	ret = parked_retry(parked);
	spin_unlock_irqrestore(&parked->lock, flags);

	return ret;
}

int reloop_parked_set(struct reloop_io *io, unsigned int seconds)
{
	struct reloop_parked *parked = &io->parked;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&parked->lock, flags);
	ret = parked->is_ending ? -ENXIO : parked_retry(parked);
	if (!ret)
		parked->seconds = seconds;
	spin_unlock_irqrestore(&parked->lock, flags);

	return ret;
}

void reloop_parked_give_up(struct reloop_io *io)
{
	struct reloop_parked *parked = &io->parked;
	unsigned long flags;

	spin_lock_irqsave(&parked->lock, flags);
	parked->is_ending = true;
	parked->seconds = 0;
	parked_retry(parked);
	spin_unlock_irqrestore(&parked->lock, flags);
}

int reloop_parked_get(struct reloop_io *io, unsigned int *seconds)
{
	struct reloop_parked *parked = &io->parked;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&parked->lock, flags);
	if (!parked->is_started)
		ret = -ENXIO;
	*seconds = parked->seconds;
	spin_unlock_irqrestore(&parked->lock, flags);

	return ret;
}

unsigned int reloop_parked_writes(const struct reloop_io *io)
{
	return READ_ONCE(io->parked.writes);
}

/*
 * The lock is held. Writes that come soon after others have waited in vain
 * belong to these; after a pause as long as the waiting time, they do not.
 */
static bool parked_is_over(const struct reloop_parked *parked, time64_t now)
{
	return !parked->writes &&
	       !(parked->given_up && now - parked->failed <= parked->seconds);
}

/* The lock is held. */
static bool parked_may_wait(struct reloop_parked *parked,
			    struct reloop_cmd *cmd)
{
	unsigned int left = blk_rq_bytes(reloop_cmd_rq(cmd));
	time64_t now = ktime_get_seconds();

	if (!parked->seconds)
		return false;
	if ((cmd->parked && left < cmd->parked_left) ||
	    parked_is_over(parked, now))
		parked_begin(parked);
	cmd->parked_left = left;

	/* In whole seconds, so one more is not too long. */
	if (parked->seconds == RELOOP_NOSPACE_WAIT ||
	    (!parked->given_up && now - parked->since <= parked->seconds))
		return true;

	parked->given_up = true;
	parked->failed = now;
	return false;
}

/* The lock is held. */
static void parked_wait(struct reloop_parked *parked, struct reloop_cmd *cmd)
{
	time64_t left = parked->since + parked->seconds + 1 -
			ktime_get_seconds();

	if (!cmd->parked) {
		cmd->parked = true;
		list_add_tail(&reloop_cmd_rq(cmd)->queuelist, &parked->cmds);
		WRITE_ONCE(parked->writes, parked->writes + 1);
		if (parked->writes == 1)
			schedule_work(&parked->tell);
	}
	cmd->trying = false;
	parked_arm(parked, clamp_t(time64_t, left, 0, parked->pause));
}

bool reloop_parked_add(struct reloop_cmd *cmd)
{
	struct reloop_parked *parked = &reloop_cmd_io(cmd)->parked;
	unsigned long flags;
	bool waits;

	spin_lock_irqsave(&parked->lock, flags);
	waits = parked_may_wait(parked, cmd);
	if (waits)
		parked_wait(parked, cmd);
	spin_unlock_irqrestore(&parked->lock, flags);

	return waits;
}

void reloop_parked_remove(struct reloop_cmd *cmd, bool well)
{
	struct reloop_parked *parked = &reloop_cmd_io(cmd)->parked;
	struct request *rq = reloop_cmd_rq(cmd);
	unsigned long flags;

	spin_lock_irqsave(&parked->lock, flags);
	list_del_init(&rq->queuelist);
	cmd->parked = false;
	if (well)
		parked_begin(parked);
	WRITE_ONCE(parked->writes, parked->writes - 1);
	if (!parked->writes)
		schedule_work(&parked->tell);
	spin_unlock_irqrestore(&parked->lock, flags);
}

/*
 * All of them at once: one may need less than another, or belong to another
 * quota. The lock keeps commands that fail at once from coming around again.
 */
void reloop_parked_release(struct reloop_io *io,
			   void (*go_on)(struct reloop_cmd *cmd))
{
	struct reloop_parked *parked = &io->parked;
	struct request *rq;
	struct reloop_cmd *cmd;
	unsigned long flags;

	spin_lock_irqsave(&parked->lock, flags);
	parked->pause = min(2 * parked->pause, PAUSE_LAST);
	list_for_each_entry(rq, &parked->cmds, queuelist) {
		cmd = blk_mq_rq_to_pdu(rq);
		if (cmd->trying)
			continue;
		cmd->trying = true;
		go_on(cmd);
	}
	spin_unlock_irqrestore(&parked->lock, flags);
}
