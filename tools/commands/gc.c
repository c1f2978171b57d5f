// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/leftovers.h"
#include "lib/bind.h"
#include "lib/cgroups.h"
#include "lib/release.h"
#include "lib/signals.h"
#include "words/explain.h"
#include "words/report.h"

static bool dry_run, orphans;

/* For cgroups_lack(); below zero: no device is known to be an orphan. */
static int hierarchy = -1;

static const struct option_row gc_options[] = {
	{ "dry-run", NULL, "only tell which they are", 'n', .flag = &dry_run },
	{ "orphans", NULL, "also if the cgroup of who attached it is gone", .flag = &orphans },
	{ 0 }
};

static const struct explanation hierarchy_errors[] = {
	{ FOR_ROOT(-EPERM), "no permission, not even for root; it takes CAP_DAC_READ_SEARCH in the "
			    "initial user namespace: ask outside of the container" },
	{ -ENODATA, "/proc and cgroup2 have to be mounted; mount what is missing: "
		    "mount -t proc none /proc; mount -t cgroup2 none /sys/fs/cgroup" },
	{ -EOPNOTSUPP, "the kernel does not tell which cgroups there are; judge for yourself, see: "
		       "reloop list --columns device,creator,pid,time" },
	{ 0 }
};

/*
 * The container or the service that attached it is gone. Who gave it a label wants others to find
 * it, as looptab does: the cgroup of such a unit goes as soon as it has attached.
 */
static bool is_orphan(const struct dev *dev)
{
	return hierarchy >= 0 && !*dev->label && cgroups_lack(hierarchy, dev->creator_cgroup);
}

static bool is_abandoned(const struct dev *dev)
{
	return dev->deleted || is_orphan(dev);
}

/* A device that only has to be closed is detached then anyway. */
static bool is_garbage(const struct dev *dev)
{
	return is_abandoned(dev) && !dev->openers && !dev->autoclear && !dev->owner;
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
	if (!err || err == -EBUSY || err == -EINPROGRESS || err == -ENXIO || err == -ENOMEDIUM)
		return STATUS_OK;
	return report_error(err, "%s: not detached: %s", dev->path, explain_open(dev, err));
}

static int collect(int control, const struct dev *dev)
{
	int err, lost, status = STATUS_OK, end;

	if (control < 0)
		return report_error(control, "%s: not detached: %s", dev->path,
				    explain_control(control));
	err = release_unused(control, dev, &lost);
	if (lost)
		status = leftovers_report_flush(dev->path, lost);
	end = finish(control, dev, err);
	signals_release();
	return status == STATUS_OK ? end : status;
}

/* Of most devices it is enough to know that they are not abandoned. */
static int handle(int control, struct dev *dev)
{
	if (!is_abandoned(dev) || dev_read(dev) || !is_garbage(dev))
		return STATUS_OK;
	if (!dry_run)
		return collect(control, dev);
	puts(dev->path);
	return STATUS_OK;
}

static int collect_all(const char *prefix)
{
	uint64_t members = DEV_MEMBER(deleted) | DEV_MEMBER(label) |
			   DEV_MEMBER(attach_time) |
			   (orphans ? DEV_MEMBER(creator_cgroup) : 0);
	int control, status = STATUS_OK, one, err;
	struct dev *devs;
	size_t count;

	err = dev_list(prefix, members, &devs, &count);
	if (err)
		return report_error(err, "devices: not looked at: %s", explain_module(err));
	dev_sort(devs, count);
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

static int open_hierarchy(void)
{
	hierarchy = cgroups_open();
	return hierarchy >= 0 ? STATUS_OK :
	       report_error(hierarchy, "orphans: not looked for: %s",
			    explain(hierarchy_errors, hierarchy));
}

/* What has nothing to do with cgroups is collected all the same. */
static int run_gc(char **operands, int count)
{
	int err, status = STATUS_OK, collected;
	char prefix[DEV_PREFIX_MAX];

	if (count)
		return report_usage("gc", "'%s' is too much; gc takes no arguments", operands[0]);
	err = dev_prefix(prefix);
	if (err)
		return report_error(err, "devices: not looked at: %s", explain_module(err));
	if (orphans)
		status = open_hierarchy();
	collected = collect_all(prefix);
	if (hierarchy >= 0)
		close(hierarchy);
	return status == STATUS_OK ? collected : status;
}

const struct command gc_command = {
	.name = "gc",
	.operands = "",
	.summary = "Detach what nobody uses and whose image is deleted; print it.",
	.options = gc_options,
	.run = run_gc,
};
