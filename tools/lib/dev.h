/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's devices: which ones there are, and what is attached to them.
 * Reads sysfs, so it needs no privilege. Functions return -errno and print nothing.
 */
#ifndef RELOOP_DEV_H
#define RELOOP_DEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "../include/uapi/reloop.h"
#include "lib/sysfs.h"

#define DEV_PREFIX_MAX 8
#define DEV_NAME_MAX 32
#define DEV_PATH_MAX (DEV_NAME_MAX + 5)
#define DEV_NODE_MAX (DEV_PATH_MAX + 12)

struct dev {
	unsigned int number;
	char name[DEV_NAME_MAX];	/* loop3 */
	char path[DEV_PATH_MAX];	/* /dev/loop3 */

	/* The attachment as last read by dev_read(), or parts of it by dev_read_members(). */
	uint64_t size;
	uint64_t offset;
	uint64_t size_limit;
	uint64_t sector_size;
	uint64_t sequence;		/* new for every attach and detach */
	bool read_only;
	bool direct_io;
	bool autoclear;
	bool partscan;
	bool owner;			/* does an open file own it? */
	bool claimed;			/* is it mounted, or open exclusively otherwise? */
	bool is_private;
	bool deleted;			/* has its image lost its last name? */
	uint64_t links;			/* names of the file; 0: none */
	uint64_t base_links;
	char state[SYSFS_WORD_MAX];	/* "cut", "waiting", "faulty", or the kernel's word */
	char flush[SYSFS_WORD_MAX];
	char cache[SYSFS_WORD_MAX];
	char submit[SYSFS_WORD_MAX];
	char format[SYSFS_WORD_MAX];
	char nospace[SYSFS_WORD_MAX];
	uint64_t waiting;		/* writes that wait for space */
	bool powercut;			/* has its power been cut? */
	uint64_t unflushed;		/* bytes that a power cut would lose */
	uint64_t faults;		/* rules by which its requests fail */
	char label[RELOOP_LABEL_SIZE];
	dev_t backing_dev;		/* device that the file is on */
	uint64_t backing_inode;
	dev_t backing_rdev;		/* the block device that it is, or 0 */
	dev_t base_dev;			/* the same for an overlay's base; all 0 without one */
	uint64_t base_inode;
	dev_t base_rdev;
	uint64_t allocated;		/* bytes that the image occupies on its file system */
	uint64_t openers;
	uint64_t creator_pid;
	uint64_t creator_cgroup;	/* the id of its cgroup then; 0: not known */
	uint64_t attach_time;		/* seconds since 1970 */
	char creator[SYSFS_WORD_MAX * 4];	/* the name of that process */
	char backing_file[SYSFS_TEXT_MAX];	/* begins with '/' if known */
	char base[SYSFS_TEXT_MAX];	/* empty without one */
};

/*
 * The prefix of the module's nodes: "loop" or, where those names were taken, "reloop".
 * -ENOPKG: the module is not loaded; -ENODATA: there is no sysfs to tell.
 */
int dev_prefix(char prefix[DEV_PREFIX_MAX]);

/* Fills in the names only. */
void dev_name(struct dev *dev, const char *prefix, unsigned int number);

/* Parses "loop12"; "loop", "loop1x", "loop01" and "zloop1" are not such names. */
bool dev_parse_name(const char *prefix, const char *name, unsigned int *number);

/* Does the kernel have the device, whatever is in /dev? */
bool dev_exists(const struct dev *dev);

/* The partitions of a device that the kernel knows, by number. Below, 0 is the whole device. */
struct partitions {
	unsigned int *numbers;
	size_t count;
};

/* Ascending; 0 or -ENOMEM. The caller frees partitions->numbers. */
int dev_partitions(const struct dev *dev, struct partitions *partitions);

/* Is the module still being loaded? What it shows until then may be wrong. */
bool dev_module_is_coming(void);

/* The name of the node: /dev/loop3p1. */
void dev_node(const struct dev *dev, unsigned int partition, char node[DEV_NODE_MAX]);

/* The device number that the node has to have. */
int dev_node_number(const struct dev *dev, unsigned int partition, dev_t *number);

/* Does the node that @st describes lead there? 0: yes; -ENOENT: no; or why that is not known. */
int dev_check_node(const struct dev *dev, unsigned int partition, const struct stat *st);

/*
 * Opens its node. -ENOENT: there is none, or it leads elsewhere. -ENXIO: what was attached to @dev
 * when it was read no longer is.
 */
int dev_open(const struct dev *dev, int flags);

/*
 * Drops what the page cache of a device that is open has of its partitions, which have caches of
 * their own: so after a look at it, as long as its close may not be the last one.
 */
void dev_forget(int fd);

/* The numbers of all devices, attached or not, ascending; the caller frees *numbers. */
int dev_numbers(const char *prefix, unsigned int **numbers, size_t *count);

/* Reads the attachment of a device whose names are filled in. -ENXIO: nothing is attached. */
int dev_read(struct dev *dev);

/*
 * Most members have a sysfs file each, and opening those of thousands of devices takes time; so a
 * caller that needs only a few reads those. Each is a bit; @place: its offset in struct dev.
 */
uint64_t dev_member(size_t place);
#define DEV_MEMBER(member) dev_member(offsetof(struct dev, member))

/* The members that tell which file the device is attached to, and which base it has. */
uint64_t dev_identity(void);

/*
 * Like dev_read(), but of the attachment it reads only @members, the sequence and backing_inode;
 * the other members stay as they are.
 */
int dev_read_members(struct dev *dev, uint64_t members);

/* Does it end in what the kernel appends to the path of a file that has no name any more? */
bool dev_path_is_deleted(const char *path);

/*
 * Is the same attachment there as when @dev was read? 0: yes; -ENXIO: another one, or none; or why
 * that is not known.
 */
int dev_check_same(const struct dev *dev);

/* All attached devices, with these members read, ascending; the caller frees *devs. */
#define DEV_ALL UINT64_MAX
int dev_list(const char *prefix, uint64_t members, struct dev **devs, size_t *count);

/*
 * Newest first, by DEV_MEMBER(attach_time): a device that is attached to another one came after it,
 * and has to be detached before it.
 */
void dev_sort(struct dev *devs, size_t count);

/*
 * st_dev, st_ino, st_mode, st_rdev and st_size of the file that now has the name of the image.
 * -ETIMEDOUT: it, or its base, is on a server that does not answer; the kernel, too, might then
 * wait for it, whatever is cached.
 */
int dev_ask_image(const struct dev *dev, struct stat *st);

#endif
