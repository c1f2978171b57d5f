// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/leftovers.h"
#include "lib/bind.h"
#include "lib/signals.h"
#include "words/explain.h"
#include "words/report.h"

static bool dry_run;

static const struct option_row gc_options[] = {
	{ "dry-run", NULL, "only tell which they are", 'n', .flag = &dry_run },
	{ 0 }
};

/* A device that only has to be closed is detached then anyway. */
static bool is_garbage(const struct dev *dev)
{
	return dev->deleted && !dev->openers && !dev->autoclear && !dev->owner;
}

/* @err: of the detach. Somebody may begin to use it at any time: then it is no longer garbage. */
static int finish(int control, const struct dev *dev, int err)
{
	if (!err || bind_is_lost(err)) {
		leftovers_remove(control, dev, false);
		puts(dev->path);
	}
	if (bind_is_lost(err))
		return leftovers_report_lost(dev->path, err);
	if (!err || err == -EBUSY || err == -EINPROGRESS || err == -ENXIO)
		return STATUS_OK;
	return report_error(err, "%s: not detached: %s", dev->path, explain_open(dev, err));
}

static int collect(int control, const struct dev *dev)
{
	int err, lost, status = STATUS_OK, end;

	if (control < 0)
		return report_error(control, "%s: not detached: %s", dev->path,
				    explain_control(control));
	err = bind_release(control, dev, &lost);
	if (lost)
		status = leftovers_report_flush(dev->path, lost);
	end = finish(control, dev, err);
	signals_release();
	return status == STATUS_OK ? end : status;
}

/* For most devices it is enough to know that their image has a name. */
static int handle(int control, struct dev *dev)
{
	if (!dev->deleted || dev_read(dev) || !is_garbage(dev))
		return STATUS_OK;
	if (!dry_run)
		return collect(control, dev);
	puts(dev->path);
	return STATUS_OK;
}

static int collect_all(const char *prefix)
{
	int control, status = STATUS_OK, one;
	struct dev *devs;
	size_t count;
	int err = dev_list(prefix, DEV_MEMBER(deleted), &devs, &count);

	if (err)
		return report_error(err, "devices: not looked at: %s", explain_module(err));
	control = bind_open_control(prefix);
	for (size_t i = 0; i < count; i++) {
		one = handle(control, &devs[i]);
		if (status == STATUS_OK)
			status = one;
	}
	if (control >= 0)
		close(control);
	free(devs);
	return status;
}

static int run_gc(char **operands, int count)
{
	char prefix[DEV_PREFIX_MAX];
	int err;

	if (count)
		return report_usage("gc", "'%s' is too much; gc takes no arguments", operands[0]);
	err = dev_prefix(prefix);
	if (err)
		return report_error(err, "devices: not looked at: %s", explain_module(err));
	return collect_all(prefix);
}

const struct command gc_command = {
	.name = "gc",
	.operands = "",
	.summary = "Detach what nobody uses and whose image is deleted; print it.",
	.options = gc_options,
	.run = run_gc,
};
