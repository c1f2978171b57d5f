// SPDX-License-Identifier: GPL-2.0-only
/* The module: its parameters, init and exit. */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/major.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "control/control.h"
#include "io/spare.h"
#include <uapi/reloop.h>

/* max_loop: the bare default is no limit, a number that was asked for is. */

static int max_loop = COMPAT_LOOP_MIN_COUNT;
static bool max_loop_given;

static int max_loop_set(const char *val, const struct kernel_param *kp)
{
	max_loop_given = true;
	return param_set_int(val, kp);
}

static const struct kernel_param_ops max_loop_ops = {
	.set = max_loop_set,
	.get = param_get_int,
};

module_param_cb(max_loop, &max_loop_ops, &max_loop, 0444);
MODULE_PARM_DESC(max_loop, "Number of devices to make at once; if given and not 0, opening a node never makes more");

static int max_part;
module_param(max_part, int, 0444);
MODULE_PARM_DESC(max_part, "Number of partition minors of each device; if not 0, partitions are always scanned for");

/* hw_queue_depth */

static unsigned int hw_queue_depth = 128;

/* The kernel itself only says that the value is invalid. */
static int param_set_range(const char *val, const struct kernel_param *kp,
			   unsigned int min, unsigned int max)
{
	int ret = param_set_uint_minmax(val, kp, min, max);

	if (ret)
		pr_err("not loaded: %s=%s is not a number from %u to %u\n",
		       kp->name, val, min, max);
	return ret;
}

static int hw_queue_depth_set(const char *val, const struct kernel_param *kp)
{
	return param_set_range(val, kp, 1, BLK_MQ_MAX_DEPTH);
}

static const struct kernel_param_ops hw_queue_depth_ops = {
	.set = hw_queue_depth_set,
	.get = param_get_uint,
};

module_param_cb(hw_queue_depth, &hw_queue_depth_ops, &hw_queue_depth, 0444);
MODULE_PARM_DESC(hw_queue_depth, "Requests in flight per hardware queue (default 128)");

/* poll_queues: each takes as much memory as the ordinary queue. */

static unsigned int poll_queues;

static int poll_queues_set(const char *val, const struct kernel_param *kp)
{
	return param_set_range(val, kp, 0, nr_cpu_ids);
}

static const struct kernel_param_ops poll_queues_ops = {
	.set = poll_queues_set,
	.get = param_get_uint,
};

module_param_cb(poll_queues, &poll_queues_ops, &poll_queues, 0444);
MODULE_PARM_DESC(poll_queues, "Hardware queues for polled I/O of each device, at most one per CPU (default 0: none)");

/* submit */

static int submit = RELOOP_SUBMIT_AUTO;

static int submit_set(const char *val, const struct kernel_param *kp)
{
	int choice = sysfs_match_string(reloop_submit_names, val);

	if (choice < 0) {
		pr_err("not loaded: submit=%s is none of auto, worker\n", val);
		return choice;
	}
	submit = choice;
	return 0;
}

static int submit_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", reloop_submit_names[submit]);
}

static const struct kernel_param_ops submit_ops = {
	.set = submit_set,
	.get = submit_get,
};

module_param_cb(submit, &submit_ops, NULL, 0444);
MODULE_PARM_DESC(submit, "Who issues the requests of a new device: auto (default): who submits them where that is harmless; worker: always a worker");

/* cache */

static int cache = RELOOP_CACHE_BUFFERED;

static int cache_set(const char *val, const struct kernel_param *kp)
{
	int choice = sysfs_match_string(reloop_cache_names, val);

	if (choice < 0) {
		pr_err("not loaded: cache=%s is none of buffered, direct, auto, dontcache\n",
		       val);
		return choice;
	}
	cache = choice;
	return 0;
}

static int cache_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", reloop_cache_names[cache]);
}

static const struct kernel_param_ops cache_ops = {
	.set = cache_set,
	.get = cache_get,
};

module_param_cb(cache, &cache_ops, NULL, 0444);
MODULE_PARM_DESC(cache, "How losetup and mount attach, as far as the file allows: buffered (default), direct, auto, dontcache");

/* names: what was asked for until the module is loaded, then what it took. */

static const char * const names_asked[] = {
	[RELOOP_NAMING_AUTO]	= "auto",
	[RELOOP_NAMING_LOOP]	= RELOOP_NAMES_LOOP,
	[RELOOP_NAMING_OWN]	= RELOOP_NAMES_OWN,
};

static int names = RELOOP_NAMING_AUTO;

static int names_set(const char *val, const struct kernel_param *kp)
{
	int choice = sysfs_match_string(names_asked, val);

	if (choice < 0) {
		pr_err("not loaded: names=%s is none of auto, loop, reloop\n",
		       val);
		return choice;
	}
	names = choice;
	return 0;
}

static int names_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n",
			  reloop_names_taken() ?: names_asked[names]);
}

static const struct kernel_param_ops names_ops = {
	.set = names_set,
	.get = names_get,
};

module_param_cb(names, &names_ops, NULL, 0444);
MODULE_PARM_DESC(names, "Device names: loop, reloop, or auto (default): loop where no other driver has them");

static int __init reloop_init(void)
{
	struct reloop_control_params params = {
		.names		= names,
		.io.queue_depth	= hw_queue_depth,
		.io.poll_queues	= poll_queues,
		.io.submit	= submit,
		.io.cache	= cache,
		.limit		= max_loop_given ? max_loop : 0,
	};

	/* Rounded up to a power of two, minus the minor of the whole disk. */
	if (max_part > 0) {
		params.part_shift = fls(max_part);
		max_part = (1U << params.part_shift) - 1;
	}
	if (max_part >= DISK_MAX_PARTS) {
		pr_err("not loaded: max_part must be less than %d\n",
		       DISK_MAX_PARTS);
		return -EINVAL;
	}
	if (max_loop > 1 << (MINORBITS - params.part_shift)) {
		pr_err("not loaded: max_loop must not exceed %d\n",
		       1 << (MINORBITS - params.part_shift));
		return -EINVAL;
	}
	params.count = max(max_loop, 0);

	return reloop_control_start(&params);
}

static void __exit reloop_exit(void)
{
	reloop_control_stop();
	reloop_spare_free();
}

module_init(reloop_init);
module_exit(reloop_exit);

MODULE_DESCRIPTION("Loop block devices");
MODULE_AUTHOR("The reloop authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(RELOOP_VERSION);
MODULE_ALIAS_MISCDEV(LOOP_CTRL_MINOR);
MODULE_ALIAS("devname:loop-control");
MODULE_ALIAS_BLOCKDEV_MAJOR(LOOP_MAJOR);
