// SPDX-License-Identifier: GPL-2.0-only
/* The names of the devices and the control node. */
#include <linux/blkdev.h>
#include <linux/major.h>
#include <linux/miscdevice.h>

#include "control/names.h"
#include <uapi/reloop.h>

/**
 * struct names - a set of names
 * @disk: prefix of the disks, and the value of the parameter
 * @major: block major, 0 for any
 * @control: the control node
 */
struct names {
	const char *disk;
	int major;
	struct miscdevice control;
};

static struct names loop_names = {
	.disk		= RELOOP_NAMES_LOOP,
	.major		= LOOP_MAJOR,
	.control	= {
		.minor	= LOOP_CTRL_MINOR,
		.name	= RELOOP_NAMES_LOOP RELOOP_NAMES_CONTROL,
	},
};

static struct names own_names = {
	.disk		= RELOOP_NAMES_OWN,
	.major		= 0,
	.control	= {
		.minor	= MISC_DYNAMIC_MINOR,
		.name	= RELOOP_NAMES_OWN RELOOP_NAMES_CONTROL,
	},
};

static struct names *taken;
static int taken_major;

/*
 * The control node comes first. If the kernel's own driver has the names, it
 * has the node too, and registering that fails without a line in the log, while
 * registering the block major would log one.
 */
static int names_take(struct names *names, const struct file_operations *fops,
		      reloop_names_probe *probe)
{
	int major, ret;

	names->control.fops = fops;
	ret = misc_register(&names->control);
	if (ret)
		return ret;

	major = __register_blkdev(names->major, names->disk, probe);
	if (major < 0) {
		misc_deregister(&names->control);
		return major;
	}

	/* For a fixed major, __register_blkdev() returns 0. */
	taken_major = names->major ?: major;
	taken = names;

	return taken_major;
}

int reloop_names_take(enum reloop_naming ask,
		      const struct file_operations *fops,
		      reloop_names_probe *probe)
{
	int ret;

	if (ask != RELOOP_NAMING_OWN) {
		ret = names_take(&loop_names, fops, probe);
		if (ret > 0)
			pr_info("took loop's names: /dev/loop-control, /dev/loopN (block major %d)\n",
				ret);
		if (ret == -EBUSY && ask == RELOOP_NAMING_LOOP)
			pr_err("not loaded: names=loop was asked for, but another driver has loop's names\n");
		if (ret != -EBUSY || ask == RELOOP_NAMING_LOOP)
			return ret;
	}

	ret = names_take(&own_names, fops, probe);
	if (ret > 0)
		pr_info("took names of its own: /dev/reloop-control, /dev/reloopN (block major %d), because %s\n",
			ret, ask == RELOOP_NAMING_OWN ?
			"names=reloop was asked for" : "another driver has loop's");
	return ret;
}

void reloop_names_release(void)
{
	unregister_blkdev(taken_major, taken->disk);
	misc_deregister(&taken->control);
}

const char *reloop_names_taken(void)
{
	const struct names *names = READ_ONCE(taken);

	return names ? names->disk : NULL;
}
