// SPDX-License-Identifier: GPL-2.0-only
/* What the workers of a device do. */
#include <linux/backing-dev.h>
#include <linux/blkdev.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "io/charge.h"
#include "io/cmd.h"
#include "io/damage.h"
#include "io/hint.h"
#include "io/io.h"
#include "io/lane.h"
#include "io/life.h"
#include "io/parked.h"
#include "io/polled.h"
#include "io/worker.h"
#include "store/run.h"

/* What a worker changes in its own state to run commands. */
struct worker_context {
	unsigned int noio;
	unsigned int task_flags;
};

/*
 * Reclaim may be waiting for this very command, so no allocation below may
 * start I/O. And a writer that cleans pages must not be throttled for the dirty
 * pages of others, only for those of the device it writes to.
 */
static void worker_enter(struct worker_context *context)
{
	context->noio = memalloc_noio_save();
	context->task_flags = current->flags;
	current->flags |= PF_LOCAL_THROTTLE;
}

static void worker_leave(struct worker_context *context)
{
	current_restore_flags(context->task_flags, PF_LOCAL_THROTTLE);
	memalloc_noio_restore(context->noio);
}

/*
 * In pages. Others may just be changing it. What overlayfs reads is a file in
 * the layer, which begins with what its disk says.
 */
static unsigned long file_readahead(const struct file *file)
{
	struct backing_dev_info *bdi = inode_to_bdi(reloop_run_inode(file));

	return max_t(unsigned long, READ_ONCE(file->f_ra.ra_pages),
		     READ_ONCE(bdi->ra_pages));
}

static unsigned long cmd_readahead(struct reloop_cmd *cmd)
{
	const struct reloop_binding *binding = reloop_cmd_io(cmd)->binding;
	struct file *second = reloop_binding_second(binding);

	return max(file_readahead(binding->file),
		   second ? file_readahead(second) : 0);
}

static void worker_run(struct reloop_cmd *cmd,
		       void (*run)(struct reloop_cmd *cmd))
{
	struct worker_context context;
	struct reloop_charge charge;

	worker_enter(&context);
	reloop_charge_begin(&charge, reloop_cmd_rq(cmd), cmd_readahead(cmd));
	run(cmd);
	reloop_charge_end(&charge);
	worker_leave(&context);
}

void reloop_worker_cmd(struct work_struct *work)
{
	worker_run(container_of(work, struct reloop_cmd, work),
		   reloop_cmd_issue);
}

void reloop_worker_damage(struct work_struct *work)
{
	worker_run(container_of(work, struct reloop_cmd, work),
		   reloop_damage_do);
}

static struct reloop_lane *lane_of(struct work_struct *work)
{
	return container_of(work, struct reloop_lane, work);
}

/*
 * Under a plug, adjacent commands become one request below. A single command is
 * better off without: a store that answers at once then also finishes it at
 * once. And if the store sleeps over a command, as it does over writes of half
 * a block, another thread has to send off what is in the plug.
 */
static void lane_issue(struct reloop_lane *lane, struct llist_node *cmds)
{
	unsigned long sleeps = current->nvcsw;
	struct reloop_io *io;
	struct blk_plug plug;

	if (!cmds->next || reloop_hint_skip(&lane->plug)) {
		reloop_cmds_issue(cmds);
		return;
	}
	io = reloop_cmd_io(llist_entry(cmds, struct reloop_cmd, node));
	blk_start_plug(&plug);
	reloop_cmds_issue(cmds);
	reloop_hint_learn(&lane->plug, current->nvcsw != sleeps);
	reloop_lane_flush_begin(io);
	blk_finish_plug(&plug);
	reloop_cmds_finish(reloop_lane_flush_end(io));
}

/* Also takes what comes meanwhile, since being woken again costs more. */
void reloop_worker_issue(struct work_struct *work)
{
	struct reloop_lane *lane = lane_of(work);
	struct worker_context context;
	struct llist_node *cmds;

	worker_enter(&context);
	while ((cmds = reloop_lane_take(lane))) {
		lane_issue(lane, cmds);
		cond_resched();
	}
	worker_leave(&context);
}

void reloop_worker_finish(struct work_struct *work)
{
	struct worker_context context;

	worker_enter(&context);
	reloop_cmds_finish(reloop_lane_take(lane_of(work)));
	worker_leave(&context);
}

/*
 * A task that should poll may be waiting for the end of what it has not polled
 * for: for tags of the disk below, a frozen queue, the direct I/O of the file.
 * Or it may never come back. So each command is polled once here, which may
 * neither sleep nor wait for anybody.
 */
void reloop_worker_poll(struct work_struct *work)
{
	struct reloop_io *io = container_of(to_delayed_work(work),
					    struct reloop_io, poll_work);
	unsigned int n = reloop_polled_count(io);
	struct reloop_cmd *cmd;

	while (n-- && (cmd = reloop_polled_take(io)))
		reloop_cmd_poll(cmd);
}

void reloop_worker_retry(struct work_struct *work)
{
	struct reloop_io *io = container_of(to_delayed_work(work),
					    struct reloop_io, parked.retry);

	reloop_parked_release(io, reloop_cmd_hand_over);
}
