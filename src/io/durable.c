// SPDX-License-Identifier: GPL-2.0-only
/* Makes what was written durable, and misses no error of that. */
#include <linux/errseq.h>
#include <linux/spinlock.h>

#include "io/cmd.h"
#include "io/durable.h"
#include "io/io.h"
#include "store/run.h"
#include "store/store.h"

int reloop_durable_written(struct reloop_cmd *cmd, size_t len, errseq_t since)
{
	struct file *file = reloop_cmd_io(cmd)->binding->file;
	int ret;

	ret = reloop_run_sync_range(file, reloop_cmd_pos(cmd), len);
	ret = ret ?: errseq_check(reloop_run_wb_err(file), since);
	if (ret)
		cmd->sync_failed = true;

	return ret;
}

/*
 * An error of write-back that something else than a flush has been told of, such
 * as the sync of a write with FUA, is reported by the next flush as well: what
 * is lost may be anybody's. A volatile write cache still has what is lost, and
 * copies it again.
 */
int reloop_durable_flush(struct reloop_cmd *cmd)
{
	struct reloop_io *io = reloop_cmd_io(cmd);
	errseq_t *wb_err = reloop_run_wb_err(io->binding->file);
	int ret, lost;

	ret = reloop_store_flush(io->binding, &cmd->sync_failed);
	spin_lock(&io->wb_lock);
	lost = errseq_check_and_advance(wb_err, &io->wb_told);
	spin_unlock(&io->wb_lock);
	if (!lost || io->binding->vol)
		return ret;

	cmd->sync_failed = true;
	return ret ?: lost;
}

/*
 * It may take a flush of the file system to free it, and none may ever come: a
 * discard leaves nothing to flush, or flushes are ignored. A failure that the
 * page cache has not noted would be reported to nobody else.
 */
void reloop_durable_reclaim(struct reloop_cmd *cmd)
{
	const struct reloop_binding *binding = reloop_cmd_io(cmd)->binding;
	bool lost = false;
	int ret;

	ret = reloop_store_reclaim(binding, &lost);
	if (lost)
		errseq_set(reloop_run_wb_err(binding->file), ret);
}

void reloop_durable_follow(struct reloop_io *io, const struct file *file)
{
	io->wb_told = errseq_sample(reloop_run_wb_err(file));
}
