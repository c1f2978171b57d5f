// SPDX-License-Identifier: GPL-2.0-only
#include "lib/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/deadline.h"
#include "lib/signals.h"
#include "lib/tables.h"
#include "lib/wait.h"

#define NODE_MODE 0660
#define LOCK_WAIT_MS 5000

/* 0; -ENOENT: the node is missing or leads elsewhere; or why that is not known. */
static int check(const struct dev *dev, unsigned int partition)
{
	char node[DEV_NODE_MAX];
	struct stat st;

	dev_node(dev, partition, node);
	return stat(node, &st) ? -ENOENT : dev_check_node(dev, partition, &st);
}

int nodes_wait_for(const struct dev *dev, unsigned int partition, uint64_t deadline)
{
	int err = check(dev, partition);

	while (err == -ENOENT && !signals_came() && wait_more(deadline))
		err = check(dev, partition);
	if (err == -ENOENT && signals_came())
		return -EINTR;
	return err == -ENOENT ? -ETIMEDOUT : err;
}

/* Calls @handle for the device and each partition until it fails. */
static int for_each(const struct dev *dev, char node[DEV_NODE_MAX],
		    int (*handle)(const struct dev *dev, unsigned int partition, uint64_t data),
		    uint64_t data)
{
	struct partitions partitions;
	int err = dev_partitions(dev, &partitions);

	dev_node(dev, 0, node);
	if (!err)
		err = handle(dev, 0, data);
	for (size_t i = 0; i < partitions.count && !err; i++) {
		dev_node(dev, partitions.numbers[i], node);
		err = handle(dev, partitions.numbers[i], data);
	}
	free(partitions.numbers);
	return err;
}

int nodes_wait_for_all(const struct dev *dev, uint64_t deadline, char node[DEV_NODE_MAX])
{
	return for_each(dev, node, nodes_wait_for, deadline);
}

static bool is_block_node(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISBLK(st.st_mode);
}

/* @made: address of a bool to set if a node is made */
static int make(const struct dev *dev, unsigned int partition, uint64_t made)
{
	char node[DEV_NODE_MAX];
	dev_t number;
	int err = check(dev, partition);

	if (err != -ENOENT)
		return err;
	err = dev_node_number(dev, partition, &number);
	if (err)
		return err;
	dev_node(dev, partition, node);
	if (is_block_node(node))
		unlink(node);
	if (mknod(node, S_IFBLK | NODE_MODE, number))
		return -errno;
	*(bool *)(uintptr_t)made = true;
	return 0;
}

static bool is_stale(const struct dev *dev, unsigned int partition, const char *node)
{
	return is_block_node(node) && check(dev, partition) == -ENOENT;
}

/*
 * Is the node of the device of the time of the attachment? One that was there before is of somebody
 * who needs it the next time.
 */
static bool is_of_attachment(const struct dev *dev)
{
	const struct statx_timestamp *made;
	struct statx st;

	if (statx(AT_FDCWD, dev->path, AT_SYMLINK_NOFOLLOW, STATX_BTIME | STATX_CTIME, &st))
		return false;
	made = st.stx_mask & STATX_BTIME ? &st.stx_btime : &st.stx_ctime;
	return made->tv_sec >= (int64_t)dev->attach_time;
}

/* Unlinks a stale node; without @is_removing, only says whether there is one. */
static bool handle_stale(const struct dev *dev, unsigned int partition, const char *node,
			 bool is_removing)
{
	if (!is_stale(dev, partition, node))
		return false;
	if (is_removing)
		unlink(node);
	return true;
}

/* The pattern also matches names of other things, such as /dev/loop3p1-keep. */
static bool handle_stale_partitions(const struct dev *dev, bool is_removing)
{
	char pattern[DEV_NODE_MAX + 8], node[DEV_NODE_MAX];
	bool is_any = false;
	unsigned int partition;
	const char *name;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%sp[0-9]*", dev->path);
	if (glob(pattern, 0, NULL, &found))
		return false;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		name = found.gl_pathv[i];
		partition = strtoul(name + strlen(dev->path) + 1, NULL, 10);
		dev_node(dev, partition, node);
		if (!strcmp(name, node))
			is_any |= handle_stale(dev, partition, node, is_removing);
	}
	globfree(&found);
	return is_any;
}

static bool handle_all_stale(const struct dev *dev, bool whole, bool is_removing)
{
	bool is_any = handle_stale_partitions(dev, is_removing);

	if (whole && is_of_attachment(dev))
		is_any |= handle_stale(dev, 0, dev->path, is_removing);
	return is_any;
}

bool nodes_have_partitions(const char *prefix)
{
	char pattern[DEV_NODE_MAX];
	bool is_any;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "/dev/%s[0-9]*p[0-9]*", prefix);
	is_any = glob(pattern, GLOB_NOSORT, NULL, &found) != GLOB_NOMATCH;
	globfree(&found);
	return is_any;
}

bool nodes_are_of_kernel(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	bool is_devtmpfs = false;
	struct mount mount;
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		if (tables_parse_mount(line, &mount) && !strcmp(mount.point, "/dev"))
			is_devtmpfs = !strcmp(mount.type, "devtmpfs");
	free(line);
	if (file)
		fclose(file);
	return is_devtmpfs;
}

/* Whoever has the control node open can keep it locked. */
static int lock(int control)
{
	uint64_t deadline = deadline_ms(LOCK_WAIT_MS);

	while (flock(control, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (!wait_more(deadline))
			return -EWOULDBLOCK;
	}
	return 0;
}

int nodes_make(int control, const struct dev *dev, bool *made, char node[DEV_NODE_MAX])
{
	int err = lock(control);

	dev_node(dev, 0, node);
	if (err)
		return err;
	handle_stale_partitions(dev, true);
	err = for_each(dev, node, make, (uintptr_t)made);
	flock(control, LOCK_UN);
	return err;
}

/*
 * Without the lock, a node that looks stale may be right by the time it is removed. If there is
 * nothing to remove, as on a devtmpfs, do not wait for the lock.
 */
int nodes_remove_stale(int control, const struct dev *dev, bool whole)
{
	int err;

	if (!handle_all_stale(dev, whole, false))
		return 0;
	err = lock(control);
	if (err)
		return err;
	handle_all_stale(dev, whole, true);
	flock(control, LOCK_UN);
	return 0;
}
