// SPDX-License-Identifier: GPL-2.0-only
/* What a row needs around it: files, the device, other openers, other users. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "contract.h"

#define UID_NOBODY	65534
#define MIB		(1024 * 1024)

static int control = -1;
/* Other devices, for chains of them: their numbers follow the device's. */
static int other_count;
static const char *mount_point;

/* Files */

/**
 * struct kind - how a file comes to be and is opened
 * @name: its file name, and where it is made
 * @size: in bytes
 * @flags: how it is opened
 */
static struct kind {
	const char *name;
	off_t size;
	int flags;
	char *path;
} kinds[FILE_KINDS] = {
	[FILE_IMAGE]		= { "image", MIB, O_RDWR },
	[FILE_READ_ONLY]	= { "image", MIB, O_RDONLY },
	[FILE_WRITE_ONLY]	= { "image", MIB, O_WRONLY },
	[FILE_O_PATH]		= { "image", MIB, O_PATH },
	[FILE_O_DIRECT]		= { "image", MIB, O_RDWR | O_DIRECT },
	[FILE_O_APPEND]		= { "image", MIB, O_RDWR | O_APPEND },
	[FILE_SAME_SIZE]	= { "same-size", MIB, O_RDWR },
	[FILE_LARGER]		= { "larger", 2 * MIB, O_RDWR },
	[FILE_EMPTY]		= { "empty", 0, O_RDWR },
	[FILE_ODD_SIZE]		= { "odd-size", MIB + 700, O_RDWR },
	[FILE_PARTITIONED]	= { "partitioned", MIB, O_RDWR },
	[FILE_FS]		= { "fs", MIB, O_RDWR },
	[FILE_TMPFS]		= { "image-tmpfs", MIB, O_RDWR },
	[FILE_4K]		= { "image-4k", MIB, O_RDWR },
	[FILE_4K_O_DIRECT]	= { "image-4k", MIB, O_RDWR | O_DIRECT },
	[FILE_DISK_4K]		= { NULL, -1, O_RDWR },
	[FILE_DIRECTORY]	= { ".", -1, O_RDONLY },
	[FILE_CHAR]		= { "/dev/null", -1, O_RDWR },
	[FILE_PROC]		= { "/proc/version", -1, O_RDONLY },
	[FILE_SELF]		= { DEVICE_NODE, -1, O_RDWR },
};

/* One partition, from sector 8 to the end of the first half. */
static void write_partition_table(const char *path)
{
	unsigned char table[512] = { 0 };
	unsigned char *entry = table + 446;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	entry[4] = 0x83;
	entry[8] = 8;
	entry[13] = 4;
	table[510] = 0x55;
	table[511] = 0xaa;
	if (fd < 0 || pwrite(fd, table, sizeof(table), 0) != sizeof(table))
		die(path);
	close(fd);
}

static void make_fs(const char *path)
{
	char command[4096];

	snprintf(command, sizeof(command), "mkfs.ext4 -q -F '%s' >&2", path);
	if (system(command))
		die(command);
}

static char *join(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		die(name);
	return path;
}

static void make_file(struct kind *kind, const char *dir)
{
	int fd;

	if (!kind->name)
		return;
	kind->path = *kind->name == '/' ? strdup(kind->name) : join(dir, kind->name);
	if (kind->size < 0)
		return;
	fd = open(kind->path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, kind->size))
		die(kind->path);
	close(fd);
}

void world_prepare(const char *dir, const char *tmpfs, const char *disk, const char *on_disk)
{
	size_t i;

	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		die("/dev/loop-control");
	make_file(&kinds[FILE_TMPFS], tmpfs);
	make_file(&kinds[FILE_4K], on_disk);
	make_file(&kinds[FILE_4K_O_DIRECT], on_disk);
	for (i = 0; i < FILE_KINDS; i++)
		if (!kinds[i].path)
			make_file(&kinds[i], dir);
	kinds[FILE_DISK_4K].path = strdup(disk);
	write_partition_table(kinds[FILE_PARTITIONED].path);
	make_fs(kinds[FILE_FS].path);
	mount_point = join(dir, "mnt");
	if (mkdir(mount_point, 0700))
		die(mount_point);
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

static void attach_or_die(const char *node, const struct loop_config *wanted, int file)
{
	struct loop_config config = *wanted;
	int fd = open_or_die(node, O_RDWR);

	config.fd = file;
	if (ioctl(fd, LOOP_CONFIGURE, &config))
		die(node);
	close(fd);
}

static void add_device(int index)
{
	if (ioctl(control, LOOP_CTL_ADD, index) != index)
		die("LOOP_CTL_ADD");
}

/* One more loop device, attached to @below if that is a file. Returns its node. */
static const char *add_other(int below)
{
	static char node[32];
	const struct loop_config config = { .info.lo_flags = LO_FLAGS_READ_ONLY };
	int index = DEVICE_INDEX + ++other_count;

	add_device(index);
	snprintf(node, sizeof(node), "/dev/loop%d", index);
	if (below >= 0) {
		attach_or_die(node, &config, below);
		close(below);
	}
	return node;
}

static int open_circle(int length)
{
	const char *node = DEVICE_NODE;

	while (--length)
		node = add_other(open_or_die(node, O_RDONLY));
	return open_or_die(node, O_RDONLY);
}

static int open_pipe(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe");
	close(ends[1]);
	return ends[0];
}

/* A number that was a file's a moment ago. */
static int open_and_close(void)
{
	int fd = open_or_die("/dev/null", O_RDONLY);

	close(fd);
	return fd;
}

int file_open(enum file_kind kind)
{
	switch (kind) {
	case FILE_PIPE:
		return open_pipe();
	case FILE_SOCKET:
		return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	case FILE_EVENTFD:
		return eventfd(0, EFD_CLOEXEC);
	case FILE_NEGATIVE:
		return -1;
	case FILE_CLOSED:
		return open_and_close();
	case FILE_UNBOUND_LOOP:
		return open_or_die(add_other(-1), O_RDONLY);
	case FILE_BOUND_LOOP:
		return open_or_die(add_other(file_open(FILE_SAME_SIZE)), O_RDONLY);
	case FILE_CIRCLE_2:
		return open_circle(2);
	case FILE_CIRCLE_3:
		return open_circle(3);
	default:
		return open_or_die(kinds[kind].path, kinds[kind].flags);
	}
}

const char *file_path(enum file_kind kind)
{
	return kinds[kind].path;
}

/* Whether anybody has a file open: nobody gets a write lease then. */
static bool is_in_use(enum file_kind kind)
{
	bool in_use;
	int fd;

	if (!kinds[kind].path || kinds[kind].size < 0)
		return false;
	fd = open_or_die(kinds[kind].path, O_RDONLY);
	in_use = fcntl(fd, F_SETLEASE, F_WRLCK) && errno == EAGAIN;
	close(fd);

	return in_use;
}

static void restore_image(void)
{
	struct kind *image = &kinds[FILE_IMAGE];
	struct stat now;

	if (stat(image->path, &now))
		die(image->path);
	if (now.st_size != image->size && truncate(image->path, image->size))
		die(image->path);
}

/* Openers */

int open_once_more(int flags)
{
	int fd = open(DEVICE_NODE, flags | O_CLOEXEC);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

void world_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int open_node(enum node node, enum openness openness)
{
	static const char * const paths[] = {
		[NODE_DISK]		= DEVICE_NODE,
		[NODE_PARTITION]	= DEVICE_NODE "p1",
		[NODE_CONTROL]		= "/dev/loop-control",
	};
	static const int flags[] = {
		[OPEN_READ_WRITE]	= O_RDWR,
		[OPEN_READ_ONLY]	= O_RDONLY,
		[OPEN_WRITE_ONLY]	= O_WRONLY,
		[OPEN_EXCLUSIVE]	= O_RDWR | O_EXCL,
	};

	return open_or_die(paths[node], flags[openness]);
}

static int open_rival(enum rival rival)
{
	switch (rival) {
	case RIVAL_READER:
		return open_or_die(DEVICE_NODE, O_RDONLY);
	case RIVAL_WRITER:
		return open_or_die(DEVICE_NODE, O_RDWR);
	case RIVAL_EXCLUSIVE:
		return open_or_die(DEVICE_NODE, O_RDONLY | O_EXCL);
	case RIVAL_PARTITION:
		return open_or_die(DEVICE_NODE "p1", O_RDONLY);
	case RIVAL_MOUNT:
		if (mount(DEVICE_NODE, mount_point, "ext4", MS_RDONLY, NULL))
			die("mount");
		return open_or_die(mount_point, O_PATH);
	default:
		return -1;
	}
}

void world_end_rival(struct world *world)
{
	world_close(&world->rival);
	umount(mount_point);
}

/* Dirty pages */

#define DIRTY_BYTES	"not yet written"
#define DIRTY_OFFSET	8192

void world_make_dirty(struct world *world)
{
	if (pwrite(world->fd, DIRTY_BYTES, sizeof(DIRTY_BYTES), DIRTY_OFFSET) !=
	    sizeof(DIRTY_BYTES))
		die("write");
}

void world_tell_dirty(struct world *world)
{
	char bytes[sizeof(DIRTY_BYTES)] = "";
	int fd = open_or_die(file_path(FILE_IMAGE), O_RDWR);

	if (pread(fd, bytes, sizeof(bytes), DIRTY_OFFSET) != sizeof(bytes))
		die("read");
	append(world->note, sizeof(world->note), "what was dirty is %s",
	       strcmp(bytes, DIRTY_BYTES) ? "lost" : "written");
	memset(bytes, 0, sizeof(bytes));
	if (pwrite(fd, bytes, sizeof(bytes), DIRTY_OFFSET) != sizeof(bytes))
		die("write");
	close(fd);
}

/* Callers */

static void drop_sys_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		die("capget");
	data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &= ~CAP_TO_MASK(CAP_SYS_ADMIN);
	if (syscall(SYS_capset, &header, data))
		die("capset");
}

void world_call_as(enum caller caller)
{
	switch (caller) {
	case CALLER_NOBODY:
		if (seteuid(UID_NOBODY))
			die("seteuid");
		break;
	case CALLER_WITHOUT_SYS_ADMIN:
		drop_sys_admin();
		break;
	default:
		/* Becoming root again brings all capabilities back. */
		if (seteuid(UID_NOBODY) || seteuid(0))
			die("seteuid");
	}
}

/* The device */

void world_enter(struct world *world, const struct row *row)
{
	int file, keeper;

	*world = (struct world){ .fd = -1, .file = -1, .rival = -1 };
	add_device(DEVICE_INDEX);
	/* Kept open until there is another opener: it may be detached at the last close. */
	keeper = open_or_die(DEVICE_NODE, O_RDONLY);
	if (row->before) {
		file = file_open(row->before_file);
		attach_or_die(DEVICE_NODE, row->before, file);
		close(file);
	}
	world->rival = open_rival(row->rival);
	world->fd = open_node(row->node, row->open);
	world->file = file_open(row->file);
	close(keeper);
	if (row->prepare)
		row->prepare(world);
}

static bool is_attached(int index)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/block/loop%d/loop/backing_file", index);
	return !access(path, F_OK);
}

static void detach(int index)
{
	char node[32];
	int fd;

	snprintf(node, sizeof(node), "/dev/loop%d", index);
	fd = open_or_die(node, O_RDONLY);
	if (is_attached(index) && ioctl(fd, LOOP_CLR_FD))
		die("LOOP_CLR_FD");
	close(fd);
}

static void remove_device(int index)
{
	if (is_attached(index))
		die("still attached at its end");
	if (ioctl(control, LOOP_CTL_REMOVE, index))
		die("LOOP_CTL_REMOVE");
}

/* Those that others are attached to are detached with these, so all are first. */
static void remove_devices(void)
{
	int index = DEVICE_INDEX;

	if (access(SYSFS_DIRECTORY, F_OK))
		index++;
	for (; index <= DEVICE_INDEX + other_count; index++)
		detach(index);
	while (index-- > DEVICE_INDEX)
		if (index > DEVICE_INDEX || !access(SYSFS_DIRECTORY, F_OK))
			remove_device(index);
	other_count = 0;
}

bool world_leave(struct world *world, const struct row *row)
{
	world_close(&world->file);
	world_close(&world->fd);
	world_end_rival(world);
	remove_devices();
	restore_image();

	return is_in_use(row->file) || is_in_use(row->before_file);
}
