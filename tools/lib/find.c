// SPDX-License-Identifier: GPL-2.0-only
#include "lib/find.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Where the block device is in sysfs, such as .../block/loop3/loop3p1. */
static int sysfs_place(dev_t number, char place[PATH_MAX])
{
	char path[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(number), minor(number));
	length = readlink(path, place, PATH_MAX - 1);
	if (length < 0)
		return -errno;
	place[length] = '\0';
	return 0;
}

/* Like dev_parse(), but also takes /dev/loop33p2 or loop33p2; @partition 0 is the whole device. */
static bool parse_node(const char *prefix, const char *text, struct dev *dev,
		       unsigned int *partition)
{
	const char *number = strrchr(text, 'p');
	char disk[DEV_PATH_MAX];

	*partition = 0;
	if (dev_parse(prefix, text, dev))
		return true;
	if (!number || !dev_parse_name("p", number, partition) || !*partition)
		return false;
	snprintf(disk, sizeof(disk), "%.*s", (int)(number - text), text);
	return dev_parse(prefix, disk, dev);
}

static int find_node(const char *prefix, const struct operand *operand, struct dev *dev)
{
	unsigned int partition, named_partition;
	char place[PATH_MAX], *name;
	struct dev named;
	int err;

	if (operand->err)
		return operand->err;
	if (!S_ISBLK(operand->st.st_mode))
		return -ENOTBLK;
	err = sysfs_place(operand->st.st_rdev, place);
	if (err)
		return err == -ENOENT ? -ENXIO : err;

	name = strrchr(place, '/');
	if (!name || !parse_node(prefix, name + 1, dev, &partition))
		return -EXDEV;
	if (parse_node(prefix, operand->text, &named, &named_partition) &&
	    (named.number != dev->number || named_partition != partition))
		return -ESTALE;
	return partition ? -EMEDIUMTYPE : 0;
}

bool dev_parse(const char *prefix, const char *operand, struct dev *dev)
{
	bool is_path = !strncmp(operand, "/dev/", 5);
	unsigned int number;

	if (!dev_parse_name(prefix, is_path ? operand + 5 : operand, &number) &&
	    !dev_parse_name("", operand, &number))
		return false;
	dev_name(dev, prefix, number);
	return true;
}

int dev_find(const char *prefix, const struct operand *operand, struct dev *dev)
{
	int err = find_node(prefix, operand, dev);

	return err == -ENOENT && dev_parse(prefix, operand->text, dev) && dev_exists(dev) ?
	       0 : err;
}

bool dev_has(const struct dev *dev, dev_t number)
{
	char place[PATH_MAX], *name;
	size_t length = strlen(dev->name);

	if (sysfs_place(number, place))
		return false;
	name = strstr(place, "/block/");
	if (!name)
		return false;
	name += strlen("/block/");
	return !strncmp(name, dev->name, length) && (name[length] == '/' || !name[length]);
}

/*
 * Identifies the file, whatever its name is now and in whichever mount namespace. A block device
 * can have many nodes, each with another inode.
 */
bool dev_is_backed_by(const struct dev *dev, const struct stat *st)
{
	return (dev->backing_dev == st->st_dev && dev->backing_inode == st->st_ino) ||
	       (dev->backing_rdev && S_ISBLK(st->st_mode) && dev->backing_rdev == st->st_rdev);
}

bool dev_has_base(const struct dev *dev, const struct stat *st)
{
	return (dev->base_inode && dev->base_dev == st->st_dev && dev->base_inode == st->st_ino) ||
	       (dev->base_rdev && S_ISBLK(st->st_mode) && dev->base_rdev == st->st_rdev);
}

static enum dev_use use_of(const struct dev *dev, const struct stat *st)
{
	if (dev_is_backed_by(dev, st))
		return dev->read_only ? DEV_USE_READS : DEV_USE_WRITES;
	return dev_has_base(dev, st) ? DEV_USE_BASE : DEV_USE_NONE;
}

int dev_find_user(const struct stat *st, struct dev *dev)
{
	enum dev_use most = DEV_USE_NONE, use;
	char prefix[DEV_PREFIX_MAX];
	struct dev *devs;
	size_t count;
	int err;

	err = dev_prefix(prefix);
	if (err)
		return err == -ENOPKG ? (int)DEV_USE_NONE : err;
	err = dev_list(prefix, dev_identity(), &devs, &count);
	if (err)
		return err;
	for (size_t i = 0; i < count && most != DEV_USE_WRITES; i++) {
		/* It may be another attachment by now; and reading the rest takes time. */
		if (use_of(&devs[i], st) == DEV_USE_NONE || dev_read(&devs[i]))
			continue;
		use = use_of(&devs[i], st);
		if (use <= most)
			continue;
		most = use;
		*dev = devs[i];
	}
	free(devs);
	return most;
}

/*
 * The kernel appends this to the name of a file that has been deleted, or that it has asked for in
 * vain.
 */
static bool is_called(const struct dev *dev, const char *name)
{
	const char *rest = dev->backing_file + strlen(name);

	return *name && !strncmp(dev->backing_file, name, strlen(name)) &&
	       (!*rest || !strcmp(rest, " (deleted)"));
}

/* Another file may have that name by now, but nobody can tell. */
bool dev_has_image(const struct dev *dev, const struct operand *operand)
{
	if (!operand->err)
		return dev_is_backed_by(dev, &operand->st);
	return operand->err == -ETIMEDOUT && !dev->deleted && is_called(dev, operand->name) &&
	       operand->file_system == dev->backing_dev;
}

static bool names_device(const char *prefix, const struct operand *operand, struct dev *dev)
{
	return !strchr(operand->text, '/') && dev_parse(prefix, operand->text, dev) &&
	       dev_exists(dev);
}

bool dev_is_ambiguous(const char *prefix, const struct operand *operand, const struct dev *dev)
{
	struct dev named;

	return names_device(prefix, operand, &named) && named.number != dev->number;
}

static int find_by_image(const char *prefix, const struct operand *operand, struct dev *dev)
{
	struct dev *devs, *last = NULL;
	size_t count, found = 0;
	int err = operand->err == -ETIMEDOUT ? 0 : operand->err;

	if (!err)
		err = dev_list(prefix, dev_identity() | DEV_MEMBER(backing_file) |
			       DEV_MEMBER(deleted), &devs, &count);
	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		if (!dev_has_image(&devs[i], operand))
			continue;
		found++;
		last = &devs[i];
	}
	if (found > 1)
		err = -EMLINK;
	else if (!found)
		err = dev_not_attached(prefix, operand);
	else if (dev_is_ambiguous(prefix, operand, last))
		err = -ENOTUNIQ;
	else
		*dev = *last;
	free(devs);
	return err;
}

int dev_not_attached(const char *prefix, const struct operand *operand)
{
	struct dev dev;

	if (operand->err == -ETIMEDOUT)
		return -ETIMEDOUT;
	return names_device(prefix, operand, &dev) ? -ENOTUNIQ : -ENXIO;
}

int dev_find_meant(const char *prefix, const struct operand *operand, struct dev *dev)
{
	int err = dev_find(prefix, operand, dev), image_err;
	bool is_no_image;

	if (!err || err == -ESTALE)
		return err;
	image_err = find_by_image(prefix, operand, dev);
	is_no_image = image_err == -ENXIO || image_err == -ENOTUNIQ;
	return err == -EMEDIUMTYPE && is_no_image ? 0 : image_err;
}

int dev_find_attached(const char *prefix, const char *text, struct dev *dev)
{
	struct operand operand;
	uint64_t sequence;
	int err;

	operand_look(&operand, text);
	err = dev_find_meant(prefix, &operand, dev);
	if (err)
		return err;
	sequence = dev->sequence;	/* that of the attachment, if one was found */
	err = dev_read(dev);
	return !err && sequence && sequence != dev->sequence ? -ENXIO : err;
}

bool dev_are_ambiguous(const char *prefix, const struct operand *operand, const struct dev *devs,
		       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (dev_has_image(&devs[i], operand) &&
		    dev_is_ambiguous(prefix, operand, &devs[i]))
			return true;
	return false;
}
