// SPDX-License-Identifier: GPL-2.0-only
/* The control node, nodes of partitions, and what no node knows. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "contract.h"

#define MOST_DEVICES	0x100000

static void remove_device(struct world *world, int index)
{
	if (ioctl(world->fd, LOOP_CTL_REMOVE, index))
		die("LOOP_CTL_REMOVE");
}

static bool has_node(int index)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/loop%d", index);
	return !access(path, F_OK);
}

/* Add a device and remove it again; its number is told. */
static int add(struct world *world, const struct row *row)
{
	int index = ioctl(world->fd, LOOP_CTL_ADD, row->arg);

	if (index < 0)
		return -1;
	append(world->note, sizeof(world->note), "%d, %s", index,
	       has_node(index) ? "with a node" : "without a node");
	remove_device(world, index);
	return 0;
}

static int ctl_remove(struct world *world, const struct row *row)
{
	return ioctl(world->fd, LOOP_CTL_REMOVE, row->arg);
}

/* An attach that is refused must not keep the kernel from telling of what comes next. */
static void refuse_attach(struct world *world)
{
	struct loop_config config = { .fd = world->file, .block_size = 3 };
	int fd = open(DEVICE_NODE, O_RDWR | O_CLOEXEC);

	if (!ioctl(fd, LOOP_CONFIGURE, &config))
		die("LOOP_CONFIGURE with blocks of 3 bytes");
	close(fd);
}

static int get_free(struct world *world, const struct row *row)
{
	int index = ioctl(world->fd, LOOP_CTL_GET_FREE, row->arg);

	if (index < 0)
		return -1;
	append(world->note, sizeof(world->note), "%d", index);
	return 0;
}

/* The same twice gives the same number: nothing is reserved. */
static int get_free_twice(struct world *world, const struct row *row)
{
	get_free(world, row);
	append(world->note, sizeof(world->note), " and ");
	return get_free(world, row);
}

/* All that are there without being asked for are attached; one more is made. */
static int get_free_of_none(struct world *world, const struct row *row)
{
	int fds[64], count, index, ret;
	char node[32];

	for (count = 0; count < 64; count++) {
		index = ioctl(world->fd, LOOP_CTL_GET_FREE);
		if (index == DEVICE_INDEX)
			break;
		snprintf(node, sizeof(node), "/dev/loop%d", index);
		fds[count] = open(node, O_RDWR | O_CLOEXEC);
		if (ioctl(fds[count], LOOP_SET_FD, world->file))
			die("LOOP_SET_FD");
	}
	snprintf(node, sizeof(node), DEVICE_NODE);
	fds[count] = open(node, O_RDWR | O_CLOEXEC);
	if (ioctl(fds[count++], LOOP_SET_FD, world->file))
		die("LOOP_SET_FD");

	ret = get_free(world, row);
	append(world->note, sizeof(world->note), " after %d", count);
	remove_device(world, count - 1);
	while (count--) {
		ioctl(fds[count], LOOP_CLR_FD);
		close(fds[count]);
	}
	return ret;
}

static int read_control(struct world *world, const struct row *row)
{
	char byte;

	(void)row;
	return read(world->fd, &byte, 1);
}

static int write_control(struct world *world, const struct row *row)
{
	(void)row;
	return write(world->fd, "", 1);
}

static int poll_control(struct world *world, const struct row *row)
{
	struct pollfd node = { .fd = world->fd, .events = POLLIN | POLLPRI | POLLOUT };

	(void)row;
	poll(&node, 1, 0);
	append(world->note, sizeof(world->note), "%#x", (unsigned int)node.revents);
	return 0;
}

#define CONTROL(_case, _call, ...) \
	{ .name = "control/" _case, .call = _call, .node = NODE_CONTROL, __VA_ARGS__ }

const struct row control_rows[] = {
	CONTROL("add", add, .arg = 200),
	CONTROL("add-minus-1", add, .arg = -1UL),
	CONTROL("add-minus-2", add, .arg = -2UL),
	CONTROL("add-smallest", add, .arg = INT_MIN),
	CONTROL("add-existing", add, .arg = DEVICE_INDEX),
	CONTROL("add-attached", add, ATTACHED(), .arg = DEVICE_INDEX),
	CONTROL("add-last", add, .arg = MOST_DEVICES - 1),
	CONTROL("add-too-large", add, .arg = MOST_DEVICES),
	CONTROL("add-largest", add, .arg = INT_MAX),
	CONTROL("add-nobody", add, .arg = 200, .caller = CALLER_NOBODY),
	CONTROL("add-open-read-only", add, .arg = 200, .open = OPEN_READ_ONLY),

	CONTROL("remove", ctl_remove, .arg = DEVICE_INDEX),
	CONTROL("remove-minus-1", ctl_remove, .arg = -1UL),
	CONTROL("remove-minus-2", ctl_remove, .arg = -2UL),
	CONTROL("remove-missing", ctl_remove, .arg = 200),
	CONTROL("remove-too-large", ctl_remove, .arg = MOST_DEVICES),
	CONTROL("remove-largest", ctl_remove, .arg = INT_MAX),
	CONTROL("remove-attached", ctl_remove, ATTACHED(), .arg = DEVICE_INDEX),
	CONTROL("remove-open", ctl_remove, .arg = DEVICE_INDEX, .rival = RIVAL_READER),
	CONTROL("remove-open-exclusive", ctl_remove, .arg = DEVICE_INDEX,
		.rival = RIVAL_EXCLUSIVE),
	CONTROL("remove-attached-and-open", ctl_remove, ATTACHED(), .arg = DEVICE_INDEX,
		.rival = RIVAL_READER),
	CONTROL("remove-nobody", ctl_remove, .arg = DEVICE_INDEX, .caller = CALLER_NOBODY),
	CONTROL("remove-open-read-only", ctl_remove, .arg = DEVICE_INDEX,
		.open = OPEN_READ_ONLY),

	CONTROL("remove-after-refused-attach", ctl_remove, .arg = DEVICE_INDEX,
		.prepare = refuse_attach),

	CONTROL("get-free", get_free),
	CONTROL("get-free-argument", get_free, .arg = 50),
	CONTROL("get-free-twice", get_free_twice),
	CONTROL("get-free-of-none", get_free_of_none),
	CONTROL("get-free-nobody", get_free, .caller = CALLER_NOBODY),

	CONTROL("read", read_control),
	CONTROL("write", write_control),
	CONTROL("poll", poll_control),
	{ }
};

/* Ioctls on the node of a partition. */

#define PARTITION(_case, _call, ...)						\
	{ .name = "partition/" _case, .call = _call,				\
	  ATTACHED(FLAGS(LO_FLAGS_PARTSCAN)), .before_file = FILE_PARTITIONED,	\
	  .node = NODE_PARTITION, __VA_ARGS__ }

const struct row partition_rows[] = {
	PARTITION("configure", configure),
	PARTITION("set-fd", set_fd),
	PARTITION("change-fd", change_fd),
	PARTITION("get-status64", get_status64),
	PARTITION("set-status64", set_status64, FLAGS(LO_FLAGS_AUTOCLEAR)),
	PARTITION("set-capacity", set_capacity),
	PARTITION("set-direct-io", set_direct_io, .arg = 1),
	PARTITION("set-block-size", set_block_size, .arg = 4096),
	PARTITION("set-block-size-513", set_block_size, .arg = 513),
	PARTITION("clr-fd", clr_fd, .after = AFTER_CLOSE),
	{ }
};

/* What is not an ioctl of the node. */

static int any(struct world *world, const struct row *row)
{
	return ioctl(world->fd, row->arg, 0);
}

#define UNKNOWN(_case, _number, ...) \
	{ .name = "unknown/" _case, .call = any, .arg = (_number), __VA_ARGS__ }

const struct row unknown_rows[] = {
	UNKNOWN("device", _IO('L', 0xee)),
	UNKNOWN("device-attached", _IO('L', 0xee), ATTACHED()),
	UNKNOWN("device-4c0b", 0x4c0b, ATTACHED()),
	UNKNOWN("device-foreign", 0x12345678, ATTACHED()),
	UNKNOWN("device-ctl-get-free", LOOP_CTL_GET_FREE, ATTACHED()),
	UNKNOWN("device-nobody", _IO('L', 0xee), ATTACHED(), .caller = CALLER_NOBODY,
		.open = OPEN_READ_ONLY),
	UNKNOWN("partition", _IO('L', 0xee), ATTACHED(FLAGS(LO_FLAGS_PARTSCAN)),
		.before_file = FILE_PARTITIONED, .node = NODE_PARTITION),
	UNKNOWN("control", _IO('L', 0xee), .node = NODE_CONTROL),
	UNKNOWN("control-foreign", 0x12345678, .node = NODE_CONTROL),
	UNKNOWN("control-get-status64", LOOP_GET_STATUS64, .node = NODE_CONTROL),
	UNKNOWN("control-clr-fd", LOOP_CLR_FD, .node = NODE_CONTROL),
	{ }
};
