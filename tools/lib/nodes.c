// SPDX-License-Identifier: GPL-2.0-only
#include "lib/nodes.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/signals.h"
#include "lib/wait.h"

#define NODE_MODE 0660

/* 0, -ENOENT: it is missing, or leads elsewhere; or why that is not known. */
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

/* Calls @handle for the device and each partition, until that fails. */
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

static int make(const struct dev *dev, unsigned int partition, uint64_t unused)
{
	char node[DEV_NODE_MAX];
	dev_t number;
	int err = check(dev, partition);

	(void)unused;
	if (err != -ENOENT)
		return err;
	err = dev_node_number(dev, partition, &number);
	if (err)
		return err;
	dev_node(dev, partition, node);
	if (is_block_node(node))
		unlink(node);
	return mknod(node, S_IFBLK | NODE_MODE, number) ? -errno : 0;
}

static void remove_if_stale(const struct dev *dev, unsigned int partition, const char *node)
{
	if (is_block_node(node) && check(dev, partition) == -ENOENT)
		unlink(node);
}

/* The pattern fits names of other things, such as /dev/loop3p1-keep. */
static void remove_stale_partitions(const struct dev *dev)
{
	char pattern[DEV_NODE_MAX + 8], node[DEV_NODE_MAX];
	unsigned int partition;
	const char *name;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%sp[0-9]*", dev->path);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		name = found.gl_pathv[i];
		partition = strtoul(name + strlen(dev->path) + 1, NULL, 10);
		dev_node(dev, partition, node);
		if (!strcmp(name, node))
			remove_if_stale(dev, partition, node);
	}
	globfree(&found);
}

int nodes_make(int control, const struct dev *dev, char node[DEV_NODE_MAX])
{
	int err;

	flock(control, LOCK_EX);
	remove_stale_partitions(dev);
	err = for_each(dev, node, make, 0);
	flock(control, LOCK_UN);
	return err;
}

/* Without the lock, what is stale when it is looked at may be right when it is removed. */
void nodes_remove_stale(int control, const struct dev *dev, bool whole)
{
	flock(control, LOCK_EX);
	remove_stale_partitions(dev);
	if (whole)
		remove_if_stale(dev, 0, dev->path);
	flock(control, LOCK_UN);
}
