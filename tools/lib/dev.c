// SPDX-License-Identifier: GPL-2.0-only
#include "lib/dev.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/ask.h"

#define MODULES "/sys/module"
#define IMAGE_PATIENCE_MS 3000
#define NAMES_PARAMETER MODULES "/reloop/parameters/names"

int dev_prefix(char prefix[DEV_PREFIX_MAX])
{
	char names[DEV_PREFIX_MAX];
	int err = sysfs_read_text(NAMES_PARAMETER, names, sizeof(names));

	if (err == -ENOENT)
		return access(MODULES, F_OK) ? -ENODATA : -ENOPKG;
	if (err)
		return err;
	strcpy(prefix, strcmp(names, RELOOP_NAMES_OWN) ? RELOOP_NAMES_LOOP : RELOOP_NAMES_OWN);
	return 0;
}

bool dev_module_is_coming(void)
{
	char state[16];

	return !sysfs_read_text(MODULES "/reloop/initstate", state, sizeof(state)) &&
	       !strcmp(state, "coming");
}

void dev_name(struct dev *dev, const char *prefix, unsigned int number)
{
	memset(dev, 0, sizeof(*dev));
	dev->number = number;
	snprintf(dev->name, sizeof(dev->name), "%s%u", prefix, number);
	snprintf(dev->path, sizeof(dev->path), "/dev/%s", dev->name);
}

bool dev_exists(const struct dev *dev)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/block/%s", dev->name);
	return !access(path, F_OK);
}

bool dev_parse_name(const char *prefix, const char *name, unsigned int *number)
{
	char again[DEV_NAME_MAX];
	size_t length = strlen(prefix);

	if (strncmp(name, prefix, length) || !isdigit((unsigned char)name[length]))
		return false;
	*number = strtoul(name + length, NULL, 10);
	snprintf(again, sizeof(again), "%s%u", prefix, *number);
	return !strcmp(again, name);
}

static int compare_numbers(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

int dev_numbers(const char *prefix, unsigned int **numbers, size_t *count)
{
	DIR *dir = opendir("/sys/block");
	unsigned int number, *grown;
	struct dirent *entry;
	size_t room = 0;

	*numbers = NULL;
	*count = 0;
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (!dev_parse_name(prefix, entry->d_name, &number))
			continue;
		if (*count == room) {
			room = room ? 2 * room : 64;
			grown = reallocarray(*numbers, room, sizeof(**numbers));
			if (!grown) {
				closedir(dir);
				free(*numbers);
				return -ENOMEM;
			}
			*numbers = grown;
		}
		(*numbers)[(*count)++] = number;
	}
	closedir(dir);
	if (*count)
		qsort(*numbers, *count, sizeof(**numbers), compare_numbers);
	return 0;
}

int dev_partitions(const struct dev *dev, struct partitions *partitions)
{
	char pattern[128];
	glob_t found;

	*partitions = (struct partitions) { 0 };
	snprintf(pattern, sizeof(pattern), "/sys/block/%s/%sp[0-9]*", dev->name, dev->name);
	if (glob(pattern, 0, NULL, &found))
		return 0;
	partitions->numbers = calloc(found.gl_pathc, sizeof(*partitions->numbers));
	for (size_t i = 0; partitions->numbers && i < found.gl_pathc; i++)
		partitions->numbers[partitions->count++] =
			strtoul(strrchr(found.gl_pathv[i], 'p') + 1, NULL, 10);
	globfree(&found);
	if (!partitions->numbers)
		return -ENOMEM;
	qsort(partitions->numbers, partitions->count, sizeof(*partitions->numbers),
	      compare_numbers);
	return 0;
}

void dev_node(const struct dev *dev, unsigned int partition, char node[DEV_NODE_MAX])
{
	int length = snprintf(node, DEV_NODE_MAX, "%s", dev->path);

	if (partition)
		snprintf(node + length, DEV_NODE_MAX - length, "p%u", partition);
}

static int read_device_number(const struct dev *dev, const char *attribute, dev_t *number)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/block/%s/%s", dev->name, attribute);
	return sysfs_read_device(path, number);
}

int dev_node_number(const struct dev *dev, unsigned int partition, dev_t *number)
{
	char name[64] = "dev";

	if (partition)
		snprintf(name, sizeof(name), "%sp%u/dev", dev->name, partition);
	return read_device_number(dev, name, number);
}

int dev_check_node(const struct dev *dev, unsigned int partition, const struct stat *st)
{
	dev_t number;
	int err = dev_node_number(dev, partition, &number);

	if (err)
		return sysfs_is_missing(err) ? -ENOENT : err;
	return S_ISBLK(st->st_mode) && st->st_rdev == number ? 0 : -ENOENT;
}

bool dev_path_is_deleted(const char *path)
{
	const char *ending = " (deleted)";
	size_t length = strlen(path);

	return length > strlen(ending) && !strcmp(path + length - strlen(ending), ending);
}

/* While it is open, it cannot be detached and attached anew. */
static int check_open(const struct dev *dev, int fd)
{
	struct stat st;
	int err = fstat(fd, &st) ? -errno : dev_check_node(dev, 0, &st);

	return err || !dev->sequence ? err : dev_check_same(dev);
}

/* Checks before the open, so as not to open an unrelated file, and after it, to be sure. */
int dev_open(const struct dev *dev, int flags)
{
	struct stat st;
	int fd, err;

	if (stat(dev->path, &st))
		return -errno;
	err = dev_check_node(dev, 0, &st);
	if (err)
		return err;
	fd = open(dev->path, flags | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = check_open(dev, fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

void dev_forget(int fd)
{
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

int dev_list(const char *prefix, uint64_t members, struct dev **devs, size_t *count)
{
	unsigned int *numbers;
	size_t total;
	int err = dev_numbers(prefix, &numbers, &total);

	*devs = NULL;
	*count = 0;
	if (err)
		return err;
	if (total)
		*devs = calloc(total, sizeof(**devs));
	if (total && !*devs)
		err = -ENOMEM;
	for (size_t i = 0; *devs && i < total && !err; i++) {
		struct dev *dev = &(*devs)[*count];

		dev_name(dev, prefix, numbers[i]);
		err = dev_read_members(dev, members);
		if (!err)
			++*count;
		else if (err == -ENXIO)
			err = 0;
	}
	free(numbers);
	if (err) {
		free(*devs);
		*devs = NULL;
		*count = 0;
	}
	return err;
}

/* LOOP_CHANGE_FD makes the sequence number newer, but not the time. */
static int compare_age(const void *a, const void *b)
{
	const struct dev *x = a, *y = b;

	if (x->attach_time != y->attach_time)
		return x->attach_time < y->attach_time ? 1 : -1;
	return (x->sequence < y->sequence) - (x->sequence > y->sequence);
}

void dev_sort(struct dev *devs, size_t count)
{
	if (count)
		qsort(devs, count, sizeof(*devs), compare_age);
}

int dev_ask_image(const struct dev *dev, struct stat *st)
{
	int err, patience_ms = IMAGE_PATIENCE_MS;
	struct stat base;

	if (dev->backing_file[0] != '/')
		return -ESTALE;
	err = ask_server(dev->backing_file, st, &patience_ms);
	/* Whatever else is wrong with the base does not keep anybody waiting. */
	if (err != -ETIMEDOUT && dev->base[0] == '/' &&
	    ask_server(dev->base, &base, &patience_ms) == -ETIMEDOUT)
		err = -ETIMEDOUT;
	return err;
}
