// SPDX-License-Identifier: GPL-2.0-only
/* What is attached to a device: which sysfs files the members of struct dev come from. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/dev.h"

#define UNREADABLE "(its path is too long)"

enum kind { NUMBER, SECTORS, FLAG, WORD, FILE_PATH, DEVICE_NUMBER, LINES };

/* Read in this order; what only makes sense with a base is not read without one. */
static const struct member {
	const char *attribute;
	enum kind kind;
	size_t place;
	size_t size;
	bool is_of_base;
} members[] = {
#define MEMBER(kind_, member, attribute_, ...) \
	{ .attribute = attribute_, .kind = kind_, .place = offsetof(struct dev, member), \
	  .size = sizeof(((struct dev *)NULL)->member), ##__VA_ARGS__ }
	/* It exists as long as something is attached. */
	MEMBER(NUMBER, backing_inode, "reloop/backing_inode"),
	MEMBER(DEVICE_NUMBER, backing_dev, "reloop/backing_dev"),
	MEMBER(DEVICE_NUMBER, backing_rdev, "reloop/backing_rdev"),
	MEMBER(FILE_PATH, backing_file, "loop/backing_file"),
	MEMBER(NUMBER, base_inode, "reloop/base_inode"),
	MEMBER(DEVICE_NUMBER, base_dev, "reloop/base_dev", .is_of_base = true),
	MEMBER(DEVICE_NUMBER, base_rdev, "reloop/base_rdev", .is_of_base = true),
	MEMBER(FILE_PATH, base, "reloop/base", .is_of_base = true),
	MEMBER(SECTORS, size, "size"),
	MEMBER(FLAG, read_only, "ro"),
	MEMBER(NUMBER, sector_size, "reloop/logical_block_size"),
	MEMBER(NUMBER, offset, "loop/offset"),
	MEMBER(NUMBER, size_limit, "loop/sizelimit"),
	MEMBER(FLAG, direct_io, "loop/dio"),
	/* Before autoclear, which is set before the ownership ends: one of the two is seen. */
	MEMBER(FLAG, owner, "reloop/owner"),
	MEMBER(FLAG, autoclear, "loop/autoclear"),
	MEMBER(FLAG, partscan, "loop/partscan"),
	MEMBER(FLAG, claimed, "reloop/claimed"),
	MEMBER(FLAG, is_private, "reloop/private"),
	MEMBER(FLAG, deleted, "reloop/deleted"),
	MEMBER(NUMBER, links, "reloop/links"),
	MEMBER(NUMBER, base_links, "reloop/base_links", .is_of_base = true),
	MEMBER(NUMBER, openers, "reloop/openers"),
	MEMBER(NUMBER, waiting, "reloop/waiting"),
	MEMBER(NUMBER, creator_pid, "reloop/creator_pid"),
	MEMBER(NUMBER, creator_cgroup, "reloop/creator_cgroup"),
	MEMBER(NUMBER, attach_time, "reloop/attach_time"),
	MEMBER(WORD, state, "reloop/state"),
	MEMBER(WORD, flush, "reloop/flush"),
	MEMBER(WORD, cache, "reloop/cache"),
	MEMBER(WORD, submit, "reloop/submit"),
	MEMBER(NUMBER, allocated, "reloop/allocated"),
	MEMBER(WORD, format, "reloop/format"),
	MEMBER(WORD, nospace, "reloop/nospace"),
	MEMBER(WORD, label, "reloop/label"),
	MEMBER(WORD, creator, "reloop/creator_comm"),
	MEMBER(NUMBER, unflushed, "reloop/unflushed"),
	MEMBER(FLAG, powercut, "reloop/powercut"),
	MEMBER(LINES, faults, "reloop/faults"),
#undef MEMBER
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static uint64_t bit_of(size_t place)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].place == place)
			return 1ULL << i;
	return 0;
}

uint64_t dev_member(size_t place)
{
	uint64_t bit = bit_of(place);

	/* The state is made from other members, too. */
	if (place == offsetof(struct dev, state))
		bit |= DEV_MEMBER(powercut) | DEV_MEMBER(waiting) | DEV_MEMBER(faults);
	/* Without it the rest is not read. */
	if (place == offsetof(struct dev, base) || place == offsetof(struct dev, base_dev) ||
	    place == offsetof(struct dev, base_rdev) || place == offsetof(struct dev, base_links))
		bit |= DEV_MEMBER(base_inode);
	return bit;
}

uint64_t dev_identity(void)
{
	return DEV_MEMBER(backing_inode) | DEV_MEMBER(backing_dev) | DEV_MEMBER(backing_rdev) |
	       DEV_MEMBER(base_inode) | DEV_MEMBER(base_dev) | DEV_MEMBER(base_rdev);
}

/*
 * What is read from there is of that device, even if another one takes its name. -ENXIO: there is
 * no such device.
 */
static int open_directory(const struct dev *dev)
{
	char path[DEV_NAME_MAX + 16];
	int dir;

	snprintf(path, sizeof(path), "/sys/block/%s", dev->name);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir >= 0 ? dir : sysfs_is_missing(-errno) ? -ENXIO : -errno;
}

static int read_lines(int dir, const char *attribute, uint64_t *lines)
{
	char text[SYSFS_TEXT_MAX];
	int err = sysfs_read_text_at(dir, attribute, text, sizeof(text));

	*lines = err ? 0 : sysfs_count_lines(text);
	return err;
}

/* Renaming a directory above the file can make its path too long for sysfs. */
static int read_path(int dir, const char *attribute, char *text)
{
	int err = sysfs_read_text_at(dir, attribute, text, SYSFS_TEXT_MAX);

	if (err != -ENAMETOOLONG)
		return err;
	strcpy(text, UNREADABLE);
	return 0;
}

/* A member that cannot be read is 0 or empty. */
static int read_member(int dir, struct dev *dev, const struct member *member)
{
	void *value = (char *)dev + member->place;
	const char *attribute = member->attribute;
	uint64_t number = 0;
	int err;

	memset(value, 0, member->size);
	if (member->is_of_base && !dev->base_inode)
		return 0;
	switch (member->kind) {
	case WORD:
		return sysfs_read_text_at(dir, attribute, value, member->size);
	case FILE_PATH:
		return read_path(dir, attribute, value);
	case DEVICE_NUMBER:
		return sysfs_read_device_at(dir, attribute, value);
	case LINES:
		return read_lines(dir, attribute, value);
	case FLAG:
		err = sysfs_read_number_at(dir, attribute, &number);
		*(bool *)value = number;
		return err;
	default:
		err = sysfs_read_number_at(dir, attribute, &number);
		*(uint64_t *)value = member->kind == SECTORS ? number * 512 : number;
		return err;
	}
}

/* To the kernel these are not states, but they are what users need to know. */
static void read_state(struct dev *dev)
{
	if ((dev->powercut || dev->waiting || dev->faults) && !strcmp(dev->state, "live"))
		strcpy(dev->state, dev->powercut ? "cut" : dev->waiting ? "waiting" : "faulty");
}

/* The identity of the file must be known; anything else that the module does not tell is absent. */
static int read_members(int dir, struct dev *dev, uint64_t wanted)
{
	const uint64_t needed = DEV_MEMBER(backing_inode) | DEV_MEMBER(backing_dev) |
				DEV_MEMBER(backing_file);
	int err;

	for (size_t i = 0; i < MEMBERS; i++) {
		if (!(wanted & 1ULL << i))
			continue;
		err = read_member(dir, dev, &members[i]);
		if (err && needed & 1ULL << i)
			return sysfs_is_missing(err) ? -ENXIO : err;
	}
	if (wanted & bit_of(offsetof(struct dev, state)))
		read_state(dev);
	return 0;
}

static int read_sequence(int dir, uint64_t *sequence)
{
	int err = sysfs_read_number_at(dir, "diskseq", sequence);

	return sysfs_is_missing(err) ? -ENXIO : err;
}

static int check_same(int dir, const struct dev *dev)
{
	uint64_t sequence;
	int err = read_sequence(dir, &sequence);

	return err ? err : sequence == dev->sequence ? 0 : -ENXIO;
}

int dev_check_same(const struct dev *dev)
{
	int err, dir = open_directory(dev);

	if (dir < 0)
		return dir;
	err = check_same(dir, dev);
	close(dir);
	return err;
}

/* If the attachment goes meanwhile, members read as 0; one that takes its place is another one. */
int dev_read_members(struct dev *dev, uint64_t wanted)
{
	int err, change, dir = open_directory(dev);

	if (dir < 0)
		return dir;
	wanted |= DEV_MEMBER(backing_inode);
	do {
		err = read_sequence(dir, &dev->sequence);
		if (!err)
			err = read_members(dir, dev, wanted);
		change = err ? 0 : check_same(dir, dev);
	} while (change == -ENXIO);
	close(dir);
	return err ? err : change;
}

int dev_read(struct dev *dev)
{
	return dev_read_members(dev, DEV_ALL);
}
