// SPDX-License-Identifier: GPL-2.0-only
/* Devices come and go, and so does the module, if one lets it; the rest of the system meanwhile. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ops.h"

/* These devices come and go all the time. */
#define EXTRA_DEVICES	4

unsigned int pick_device(struct worker *worker)
{
	if (rng_one_in(&worker->rng, 8))
		return FIRST_DEVICES + rng_below(&worker->rng, EXTRA_DEVICES);
	return rng_below(&worker->rng, settings.devices);
}

int op_add(struct worker *worker)
{
	long wanted = rng_one_in(&worker->rng, 4) ? -1 : (long)pick_device(worker);
	int ret = loop_control(LOOP_CTL_ADD, wanted);

	if (ret >= 0 && wanted >= 0 && ret != wanted)
		complain(worker, "asked for loop%ld, got loop%d", wanted, ret);
	return ret;
}

int op_remove(struct worker *worker)
{
	if (rng_one_in(&worker->rng, 3))
		return loop_control(LOOP_CTL_REMOVE, rng_below(&worker->rng, settings.devices));
	return loop_control(LOOP_CTL_REMOVE,
			    FIRST_DEVICES + rng_below(&worker->rng, DEVICE_NUMBERS));
}

int op_get_free(struct worker *worker)
{
	(void)worker;
	return loop_control(LOOP_CTL_GET_FREE, 0);
}

/* The control node is open, so this must be refused. */
int op_unload(struct worker *worker)
{
	if (!syscall(SYS_delete_module, settings.module, O_NONBLOCK)) {
		complain(worker, "the module was in use and could be unloaded");
		return 0;
	}
	return -errno;
}

/* What `udevadm trigger` does: udev opens the device and looks at it. */
int op_uevent(struct worker *worker)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "/sys/block/loop%u/uevent", pick_device(worker));
	return write_text(path, "change");
}

int op_drop_caches(struct worker *worker)
{
	return write_text("/proc/sys/vm/drop_caches", rng_one_in(&worker->rng, 4) ? "3" : "1");
}

int op_sync(struct worker *worker)
{
	(void)worker;
	sync();
	return 0;
}

static int freeze_and_thaw(int fd, unsigned int delay_us)
{
	int ret = loop_call(fd, FIFREEZE, 0);

	if (ret)
		return ret;
	usleep(delay_us);
	return loop_call(fd, FITHAW, 0);
}

/* The file system below the backing files. */
int op_freeze(struct worker *worker)
{
	unsigned int delay_us = rng_below(&worker->rng, 20000);
	int fd = open(settings.dirs[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = freeze_and_thaw(fd, delay_us);
	close(fd);
	return ret;
}
