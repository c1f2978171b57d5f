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
#define UNREADABLE "(its path is too long)"
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

static void attribute_path(const struct dev *dev, const char *attribute, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "/sys/block/%s/%s", dev->name, attribute);
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

	attribute_path(dev, attribute, path);
	return sysfs_read_device(path, number);
}

int dev_node_number(const struct dev *dev, unsigned int partition, dev_t *number)
{
	char name[64] = "dev";

	if (partition)
		snprintf(name, sizeof(name), "%sp%u/dev", dev->name, partition);
	return read_device_number(dev, name, number);
}

/* Is what sysfs tells gone? Any other error says nothing of it. */
static bool is_missing(int err)
{
	return err == -ENOENT || err == -ENODEV || err == -ENXIO;
}

int dev_check_node(const struct dev *dev, unsigned int partition, const struct stat *st)
{
	dev_t number;
	int err = dev_node_number(dev, partition, &number);

	if (err)
		return is_missing(err) ? -ENOENT : err;
	return S_ISBLK(st->st_mode) && st->st_rdev == number ? 0 : -ENOENT;
}

static int read_attribute(const struct dev *dev, const char *attribute, uint64_t *number)
{
	char path[PATH_MAX];

	attribute_path(dev, attribute, path);
	return sysfs_read_number(path, number);
}

static void read_word(const struct dev *dev, const char *attribute, char *word, size_t size)
{
	char path[PATH_MAX];

	*word = '\0';
	attribute_path(dev, attribute, path);
	sysfs_read_text(path, word, size);
}

/* Whoever may rename a directory above the file can make its path too long for sysfs. */
static int read_path(const struct dev *dev, const char *attribute, char text[SYSFS_TEXT_MAX])
{
	char path[PATH_MAX];
	int err;

	attribute_path(dev, attribute, path);
	err = sysfs_read_text(path, text, SYSFS_TEXT_MAX);
	if (err != -ENAMETOOLONG)
		return err;
	strcpy(text, UNREADABLE);
	return 0;
}

static void read_base(struct dev *dev)
{
	dev->base_dev = 0;
	dev->base_inode = 0;
	dev->base_rdev = 0;
	/* Most have none, and this is read of all devices at each attach. */
	if (read_attribute(dev, "reloop/base_inode", &dev->base_inode) || !dev->base_inode)
		return;
	read_device_number(dev, "reloop/base_dev", &dev->base_dev);
	read_device_number(dev, "reloop/base_rdev", &dev->base_rdev);
}

int dev_read_identity(struct dev *dev)
{
	int err = read_attribute(dev, "reloop/backing_inode", &dev->backing_inode);

	if (!err)
		err = read_device_number(dev, "reloop/backing_dev", &dev->backing_dev);
	if (!err)
		err = read_path(dev, "loop/backing_file", dev->backing_file);
	if (is_missing(err))
		return -ENXIO;
	dev->backing_rdev = 0;
	read_device_number(dev, "reloop/backing_rdev", &dev->backing_rdev);
	read_base(dev);
	return err;
}

/* What only this driver tells. */
static void read_own(struct dev *dev)
{
	uint64_t owner = 0, claimed = 0, deleted = 0, powercut = 0;
	char rules[SYSFS_TEXT_MAX];

	read_attribute(dev, "reloop/owner", &owner);
	read_attribute(dev, "reloop/claimed", &claimed);
	read_attribute(dev, "reloop/deleted", &deleted);
	read_attribute(dev, "reloop/openers", &dev->openers);
	read_attribute(dev, "reloop/waiting", &dev->waiting);
	read_attribute(dev, "reloop/creator_pid", &dev->creator_pid);
	read_attribute(dev, "reloop/attach_time", &dev->attach_time);
	read_word(dev, "reloop/state", dev->state, sizeof(dev->state));
	read_word(dev, "reloop/flush", dev->flush, sizeof(dev->flush));
	read_word(dev, "reloop/cache", dev->cache, sizeof(dev->cache));
	read_word(dev, "reloop/submit", dev->submit, sizeof(dev->submit));
	read_attribute(dev, "reloop/allocated", &dev->allocated);
	read_word(dev, "reloop/format", dev->format, sizeof(dev->format));
	if (read_path(dev, "reloop/base", dev->base))
		dev->base[0] = '\0';
	read_word(dev, "reloop/nospace", dev->nospace, sizeof(dev->nospace));
	read_word(dev, "reloop/label", dev->label, sizeof(dev->label));
	read_word(dev, "reloop/creator_comm", dev->creator, sizeof(dev->creator));
	dev->unflushed = 0;
	read_attribute(dev, "reloop/unflushed", &dev->unflushed);
	read_attribute(dev, "reloop/powercut", &powercut);
	read_word(dev, "reloop/faults", rules, sizeof(rules));
	dev->faults = sysfs_count_lines(rules);
	/* To the kernel that is no state, but it is what to know of a device. */
	dev->powercut = powercut;
	if ((powercut || dev->waiting || dev->faults) && !strcmp(dev->state, "live"))
		strcpy(dev->state, powercut ? "cut" : dev->waiting ? "waiting" : "faulty");
	dev->owner = owner;
	dev->claimed = claimed;
	dev->deleted = deleted;
}

static int read_sequence(const struct dev *dev, uint64_t *sequence)
{
	int err = read_attribute(dev, "diskseq", sequence);

	return is_missing(err) ? -ENXIO : err;
}

int dev_check_same(const struct dev *dev)
{
	uint64_t sequence;
	int err = read_sequence(dev, &sequence);

	return err ? err : sequence == dev->sequence ? 0 : -ENXIO;
}

/* Open, it is not detached and attached anew. */
static int check_open(const struct dev *dev, int fd)
{
	struct stat st;
	int err = fstat(fd, &st) ? -errno : dev_check_node(dev, 0, &st);

	return err || !dev->sequence ? err : dev_check_same(dev);
}

/* Looks before, not to open what is none of our business, and after, to be sure. */
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

static int read_attached(struct dev *dev)
{
	uint64_t sectors = 0, read_only = 0, direct_io = 0, autoclear = 0, partscan = 0;
	int err = dev_read_identity(dev);

	if (err)
		return err;
	read_attribute(dev, "size", &sectors);
	read_attribute(dev, "ro", &read_only);
	read_attribute(dev, "queue/logical_block_size", &dev->sector_size);
	read_attribute(dev, "loop/offset", &dev->offset);
	read_attribute(dev, "loop/sizelimit", &dev->size_limit);
	read_attribute(dev, "loop/dio", &direct_io);
	read_attribute(dev, "loop/autoclear", &autoclear);
	read_attribute(dev, "loop/partscan", &partscan);
	read_own(dev);
	dev->size = sectors * 512;
	dev->read_only = read_only;
	dev->direct_io = direct_io;
	dev->autoclear = autoclear;
	dev->partscan = partscan;
	return 0;
}

/* What goes meanwhile reads as 0, and what comes in its place is another attachment. */
int dev_read(struct dev *dev)
{
	int err, change;

	do {
		err = read_sequence(dev, &dev->sequence);
		if (!err)
			err = read_attached(dev);
		change = err ? 0 : dev_check_same(dev);
	} while (change == -ENXIO);
	return err ? err : change;
}

int dev_list(const char *prefix, int (*read)(struct dev *dev), struct dev **devs, size_t *count)
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
		err = read(dev);
		if (!err)
			++*count;
		else if (err == -ENXIO)
			err = 0;
	}
	free(numbers);
	if (err) {
		free(*devs);
		*devs = NULL;
	}
	return err;
}

int dev_ask_image(const struct dev *dev, struct stat *st)
{
	int patience_ms = IMAGE_PATIENCE_MS;

	if (dev->backing_file[0] != '/')
		return -ESTALE;
	return ask_stat(dev->backing_file, 0, st, &patience_ms);
}
