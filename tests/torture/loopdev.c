// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of loop devices. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "torture.h"

#define KNOWN_FLAGS (LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN | \
		     LO_FLAGS_DIRECT_IO)

/*
 * Open from first to last, so that the module can at no time be unloaded. Kept in a variable of
 * its own since ioctls on it race with nothing but each other.
 */
static int control_fd = -1;

int loop_control(unsigned int cmd, long argument)
{
	if (control_fd < 0)
		control_fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control_fd < 0)
		give_up("/dev/loop-control: %s", strerror(errno));

	return loop_call(control_fd, cmd, argument);
}

int loop_call(int fd, unsigned long cmd, unsigned long argument)
{
	int ret = ioctl(fd, cmd, argument);

	return ret < 0 ? -errno : ret;
}

/* Offset and limit stand in the name, so that an answer that mixes two configurations shows. */
static void fill_name(char *name, uint64_t offset, uint64_t limit)
{
	snprintf(name, LO_NAME_SIZE, "%llx/%llx", (unsigned long long)offset,
		 (unsigned long long)limit);
}

void loop_fill_info(struct loop_info64 *info, const struct geometry *geometry)
{
	memset(info, 0, sizeof(*info));
	info->lo_offset = geometry->offset;
	info->lo_sizelimit = geometry->limit;
	info->lo_flags = geometry->flags;
	fill_name((char *)info->lo_file_name, geometry->offset, geometry->limit);
}

int loop_configure(int fd, int backing, const struct geometry *geometry)
{
	struct loop_config config = {
		.fd = backing,
		.block_size = geometry->block_size,
	};

	loop_fill_info(&config.info, geometry);
	return loop_call(fd, LOOP_CONFIGURE, (unsigned long)&config);
}

/* The old struct has no limit, and sets it to 0. */
int loop_set_status(int fd, const struct geometry *geometry, bool old)
{
	struct loop_info64 info;
	struct loop_info old_info = {
		.lo_offset = geometry->offset,
		.lo_flags = geometry->flags,
	};

	if (old) {
		fill_name(old_info.lo_name, geometry->offset, 0);
		return loop_call(fd, LOOP_SET_STATUS, (unsigned long)&old_info);
	}
	loop_fill_info(&info, geometry);
	return loop_call(fd, LOOP_SET_STATUS64, (unsigned long)&info);
}

static void check_info(struct worker *worker, unsigned int device, const struct loop_info64 *info)
{
	const char *name = (const char *)info->lo_file_name;
	char expected[LO_NAME_SIZE];

	if (info->lo_number != device)
		complain(worker, "loop%u says it is number %u", device, info->lo_number);
	if (info->lo_flags & ~KNOWN_FLAGS)
		complain(worker, "loop%u has flags %#x", device, info->lo_flags);

	fill_name(expected, info->lo_offset, info->lo_sizelimit);
	/* LOOP_SET_FD gives no name, no offset and no limit. */
	if (!*name && !info->lo_offset && !info->lo_sizelimit)
		return;
	if (strcmp(name, expected))
		complain(worker, "loop%u: the name is %s, offset and limit are %s", device, name,
			 expected);
}

int loop_get_status(struct worker *worker, int fd, unsigned int device, struct loop_info64 *info)
{
	int ret;

	memset(info, 0xff, sizeof(*info));
	ret = loop_call(fd, LOOP_GET_STATUS64, (unsigned long)info);
	if (!ret)
		check_info(worker, device, info);
	return ret;
}

uint64_t loop_identity(unsigned int device)
{
	char path[PATH_BYTES];
	struct stat stat_of_dir;

	snprintf(path, sizeof(path), "/sys/block/loop%u", device);
	return stat(path, &stat_of_dir) ? 0 : stat_of_dir.st_ino;
}

bool loop_is_there(unsigned int device)
{
	return loop_identity(device) != 0;
}

bool loop_is_attached(unsigned int device)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "/sys/block/loop%u/loop/backing_file", device);
	return access(path, F_OK) == 0;
}

/* Removed: ENOENT, ENXIO, ENODEV. Detaching: ENXIO. Held exclusively: EBUSY. Read-only: EACCES. */
int open_device(struct worker *worker, unsigned int device, int flags)
{
	char path[PATH_BYTES];
	int fd;

	if (rng_one_in(&worker->rng, 4))
		own_node_path(path, device);
	else
		device_path(path, device);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		expect(worker, -errno, "open", ERRNOS(ENOENT, ENXIO, ENODEV, EBUSY, EACCES));
	return fd;
}
