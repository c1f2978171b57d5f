// SPDX-License-Identifier: GPL-2.0-only
/* LOOP_CLR_FD, and what a device does between that and the last close. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "contract.h"

#define PARTITIONED	ATTACHED(FLAGS(LO_FLAGS_PARTSCAN)), .before_file = FILE_PARTITIONED

/* Rows that call LOOP_CLR_FD first, and something else then. */
static void clear(struct world *world)
{
	if (ioctl(world->fd, LOOP_CLR_FD))
		die("LOOP_CLR_FD");
}

static void clear_twice(struct world *world)
{
	clear(world);
	ioctl(world->fd, LOOP_CLR_FD);
}

static void clear_dirty(struct world *world)
{
	world_make_dirty(world);
	clear(world);
}

static int close_dirty(struct world *world, const struct row *row)
{
	(void)row;
	world_close(&world->fd);
	world_tell_dirty(world);
	return 0;
}

static int open_for_reading(struct world *world, const struct row *row)
{
	(void)world;
	(void)row;
	return open_once_more(O_RDONLY);
}

static int read_once_more(struct world *world, const struct row *row)
{
	char byte;
	ssize_t got = pread(world->fd, &byte, 1, 0);

	(void)row;
	if (got < 0)
		return -1;
	append(world->note, sizeof(world->note), "%zd bytes", got);
	return 0;
}

static int remove_now(struct world *world, const struct row *row)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int ret = ioctl(control, LOOP_CTL_REMOVE, DEVICE_INDEX);

	(void)world;
	(void)row;
	close(control);
	return ret;
}

#define CLEAR(_case, ...) { .name = "clr-fd/" _case, .call = clr_fd, __VA_ARGS__ }
#define CLEARED(_case, _call, ...) \
	{ .name = "clr-fd/then-" _case, .call = _call, ATTACHED(), .prepare = clear, __VA_ARGS__ }

const struct row clr_fd_rows[] = {
	CLEAR("alone", ATTACHED(), .after = AFTER_CLOSE),
	CLEAR("unattached", .after = AFTER_CLOSE),
	CLEAR("argument", ATTACHED(), .arg = 12345),
	CLEAR("twice", ATTACHED(), .prepare = clear, .after = AFTER_CLOSE),
	CLEAR("twice-other-reader", ATTACHED(), .prepare = clear_twice, .rival = RIVAL_READER,
	      .after = AFTER_CLOSE),
	CLEAR("other-reader", ATTACHED(), .rival = RIVAL_READER, .after = AFTER_CLOSE),
	CLEAR("other-exclusive", ATTACHED(), .rival = RIVAL_EXCLUSIVE, .after = AFTER_CLOSE),
	CLEAR("open-exclusive", ATTACHED(), .open = OPEN_EXCLUSIVE, .after = AFTER_CLOSE),
	CLEAR("mounted", ATTACHED(), .before_file = FILE_FS, .rival = RIVAL_MOUNT,
	      .after = AFTER_CLOSE),
	CLEAR("partitions", PARTITIONED, .after = AFTER_CLOSE),
	CLEAR("partition-open", PARTITIONED, .rival = RIVAL_PARTITION, .after = AFTER_CLOSE),
	CLEAR("autoclear", ATTACHED(FLAGS(LO_FLAGS_AUTOCLEAR)), .after = AFTER_CLOSE),
	CLEAR("read-only-and-block-size", ATTACHED(FLAGS(LO_FLAGS_READ_ONLY), .block_size = 4096),
	      .after = AFTER_CLOSE),
	CLEAR("nobody-open-read-only", ATTACHED(), .open = OPEN_READ_ONLY,
	      .caller = CALLER_NOBODY),

	/* by the only opener, who goes on using the device */
	CLEARED("open", open_for_reading),
	CLEARED("read", read_once_more),
	{ .name = "clr-fd/then-close-dirty", .call = close_dirty, ATTACHED(),
	  .prepare = clear_dirty },
	CLEARED("configure", configure),
	CLEARED("set-status64", set_status64),
	CLEARED("get-status64", get_status64),
	CLEARED("set-capacity", set_capacity),
	CLEARED("set-direct-io", set_direct_io),
	CLEARED("set-block-size", set_block_size, .arg = 4096),
	CLEARED("change-fd", change_fd),
	CLEARED("remove", remove_now),
	/* by one of two */
	CLEARED("open-other-reader", open_for_reading, .rival = RIVAL_READER),
	CLEARED("configure-other-reader", configure, .rival = RIVAL_READER),
	CLEARED("autoclear-cleared", set_status64, .rival = RIVAL_READER, .after = AFTER_CLOSE),
	CLEARED("get-status64-other-reader", get_status64, .rival = RIVAL_READER),
	{ }
};
