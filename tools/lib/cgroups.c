// SPDX-License-Identifier: GPL-2.0-only
#include "lib/cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/tables.h"

/* FILEID_KERNFS of the kernel: such a handle consists of the id. */
#define HANDLE_TYPE 0xfe

#define ROOT_ID 1

/*
 * Without O_DIRECTORY the kernel always asks for CAP_DAC_READ_SEARCH in the initial user namespace.
 * With it, newer ones let the root of any user namespace look up what is below its mount; what is
 * elsewhere would be -ESTALE, as if it were gone.
 */
static int look_up(int hierarchy, uint64_t id)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + sizeof(id)];
	} cgroup = {
		.handle = { .handle_bytes = sizeof(id), .handle_type = HANDLE_TYPE },
	};
	int fd;

	memcpy(cgroup.bytes + offsetof(struct file_handle, f_handle), &id, sizeof(id));
	fd = open_by_handle_at(hierarchy, &cgroup.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Something else may have been mounted there since. */
static int open_mount(const char *point)
{
	int fd = open(point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0)
		return -ENODATA;
	if (!fstatfs(fd, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
		return fd;
	close(fd);
	return -ENODATA;
}

/* Any mount will do, since all are of one file system. */
static int open_any_mount(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	struct mount mount;
	char *line = NULL;
	int fd = -ENODATA;
	size_t size = 0;

	if (!file)
		return -ENODATA;
	while (fd < 0 && getline(&line, &size, file) > 0)
		if (tables_parse_mount(line, &mount) && !strcmp(mount.type, "cgroup2"))
			fd = open_mount(mount.point);
	free(line);
	fclose(file);
	return fd;
}

/* The root cgroup is always there: if it is not found, no other can be said to be gone. */
int cgroups_open(void)
{
	int fd = open_any_mount(), err;

	if (fd < 0)
		return fd;
	err = look_up(fd, ROOT_ID);
	if (!err)
		return fd;
	close(fd);
	return err == -EPERM ? -EPERM : -EOPNOTSUPP;
}

bool cgroups_lack(int hierarchy, uint64_t id)
{
	return id > ROOT_ID && look_up(hierarchy, id) == -ESTALE;
}
