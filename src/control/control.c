// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start and stop: takes the names, makes the first devices, and makes another
 * one when its node is opened.
 */
#include <linux/kdev_t.h>
#include <linux/mutex.h>

#include "control/control.h"
#include "control/index.h"
#include "control/node.h"

/* Whether opening a node may make a device: not before all is set up. */
static DEFINE_MUTEX(probe_lock);
static bool probe_allowed;

static struct reloop_control_params control_params;

/*
 * Makes the device for a node that was opened without one, unless it has just
 * been removed. The block layer also comes here for an open that was under way
 * at that time, for example one of udev, and nobody would remove a device made
 * for it. Meanwhile only probe_lock keeps the module from being unloaded.
 */
static void control_probe(dev_t devt)
{
	unsigned int number = MINOR(devt) >> control_params.part_shift;

	if (control_params.limit && number >= control_params.limit)
		return;

	mutex_lock(&probe_lock);
	if (probe_allowed && !reloop_index_has_just_had(number))
		reloop_index_add(number);
	mutex_unlock(&probe_lock);
}

static void control_allow_probe(bool allow)
{
	mutex_lock(&probe_lock);
	probe_allowed = allow;
	mutex_unlock(&probe_lock);
}

/* The nodes may be in use by now, so it is too late to fail. */
static void control_add_first(unsigned int count)
{
	unsigned int number;
	int ret;

	for (number = 0; number < count; number++) {
		ret = reloop_index_add(number);
		/* Somebody may have been quicker through the control node. */
		if (ret < 0 && ret != -EEXIST)
			pr_warn("device %u could not be made: error %d\n",
				number, ret);
	}
}

int reloop_control_start(const struct reloop_control_params *params)
{
	int ret;

	control_params = *params;
	ret = reloop_index_init(params->part_shift, &params->io);
	if (ret)
		return ret;

	ret = reloop_names_take(params->names, &reloop_node_fops,
				control_probe);
	if (ret < 0) {
		reloop_index_exit();
		return ret;
	}
	reloop_index_begin(reloop_names_taken(), ret);
	control_allow_probe(true);
	control_add_first(params->count);

	return 0;
}

/*
 * The names are given back last: another driver may be waiting for them, and
 * would find disks that still exist.
 */
void reloop_control_stop(void)
{
	control_allow_probe(false);
	reloop_index_exit();
	reloop_names_release();
}
