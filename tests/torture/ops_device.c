// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of a device, and what sysfs says of it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ops.h"

/* Attach. */

int open_shared(struct worker *worker)
{
	static const int modes[] = { O_RDWR, O_RDWR, O_RDONLY, O_RDWR | O_DIRECT };
	char path[PATH_BYTES];
	int mode = RNG_PICK(&worker->rng, modes), fd;

	shared_path(path, rng_below(&worker->rng, SHARED_FILES));
	fd = open(path, mode | O_CLOEXEC);
	if (fd < 0 && errno == EINVAL)
		fd = open(path, (mode & ~O_DIRECT) | O_CLOEXEC);
	if (fd < 0)
		complain(worker, "%s: %s", path, strerrorname_np(errno));
	return fd;
}

void pick_geometry(struct worker *worker, struct geometry *geometry)
{
	static const uint64_t offsets[] = { 0, 0, 0, 512, 4096, MIB, 9 * MIB, 1234 };
	static const uint64_t limits[] = { 0, 0, 0, 512, MIB, 20 * MIB, 1 << 30 };
	static const uint32_t block_sizes[] = { 0, 0, 0, 512, 1024, 4096 };

	geometry->offset = RNG_PICK(&worker->rng, offsets);
	geometry->limit = RNG_PICK(&worker->rng, limits);
	geometry->block_size = RNG_PICK(&worker->rng, block_sizes);
	geometry->flags = rng_below(&worker->rng, 32) &
			  (LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN |
			   LO_FLAGS_DIRECT_IO);
}

static int pick_open_mode(struct worker *worker)
{
	static const int modes[] = { O_RDWR, O_RDWR, O_RDWR, O_RDONLY, O_RDWR | O_EXCL,
				     O_RDONLY | O_EXCL, O_RDWR | O_NONBLOCK };

	return RNG_PICK(&worker->rng, modes);
}

static int open_any(struct worker *worker, unsigned int *device)
{
	*device = pick_device(worker);
	return open_device(worker, *device, pick_open_mode(worker));
}

/* Uses up both file descriptors. */
static int configure(struct worker *worker, int fd, int backing)
{
	struct geometry geometry;
	int ret = SKIPPED;

	pick_geometry(worker, &geometry);
	if (fd >= 0 && backing >= 0)
		ret = loop_configure(fd, backing, &geometry);
	if (backing >= 0)
		close(backing);
	if (fd >= 0)
		close(fd);
	return ret;
}

int op_configure_file(struct worker *worker)
{
	unsigned int device;
	int fd = open_any(worker, &device);

	return configure(worker, fd, open_shared(worker));
}

/* On another device, or on this one, or so that the chain becomes a circle. */
int op_configure_loop(struct worker *worker)
{
	unsigned int device, below;
	int fd = open_any(worker, &device);

	return configure(worker, fd, open_any(worker, &below));
}

int op_set_fd(struct worker *worker)
{
	unsigned int device, below;
	int fd = open_any(worker, &device);
	int backing = rng_one_in(&worker->rng, 3) ? open_any(worker, &below) :
						    open_shared(worker);
	int ret = SKIPPED;

	if (fd >= 0 && backing >= 0)
		ret = loop_call(fd, LOOP_SET_FD, backing);
	if (backing >= 0)
		close(backing);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* Bad attach. */

static int open_write_only(void)
{
	char path[PATH_BYTES];

	shared_path(path, 0);
	return open(path, O_WRONLY | O_CLOEXEC);
}

static int open_path_only(void)
{
	char path[PATH_BYTES];

	shared_path(path, 0);
	return open(path, O_PATH | O_CLOEXEC);
}

static int open_directory(void)
{
	return open(settings.dirs[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int open_pipe(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	close(ends[1]);
	return ends[0];
}

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int open_nothing(void)
{
	return -1;
}

static int configure_with_bad_file(struct worker *worker, int fd)
{
	static int (*const openers[])(void) = {
		open_write_only, open_path_only, open_directory, open_null, open_pipe,
		open_socket, open_nothing,
	};
	int backing = RNG_PICK(&worker->rng, openers)();
	struct geometry geometry;
	int ret;

	pick_geometry(worker, &geometry);
	ret = loop_configure(fd, backing, &geometry);
	if (backing >= 0)
		close(backing);
	return ret;
}

static int configure_with_bad_struct(struct worker *worker, int fd, int backing)
{
	struct loop_config config = { .fd = backing };
	struct geometry geometry;

	pick_geometry(worker, &geometry);
	loop_fill_info(&config.info, &geometry);
	switch (rng_below(&worker->rng, 5)) {
	case 0:
		config.info.lo_flags |= 0x80;
		break;
	case 1:
		config.block_size = 3;
		break;
	case 2:
		config.block_size = 1 << 20;
		break;
	case 3:
		config.info.lo_encrypt_type = 5;
		break;
	case 4:
		config.info.lo_offset = 1ULL << 63;
		break;
	}
	return loop_call(fd, LOOP_CONFIGURE, (unsigned long)&config);
}

static int configure_badly(struct worker *worker, int fd, unsigned int device)
{
	int backing, ret;

	switch (rng_below(&worker->rng, 4)) {
	case 0:
		return configure_with_bad_file(worker, fd);
	case 1:
		return loop_call(fd, LOOP_CONFIGURE, 1);
	case 2:
		backing = open_device(worker, device, O_RDWR);
		ret = backing < 0 ? SKIPPED : loop_call(fd, LOOP_SET_FD, backing);
		break;
	default:
		backing = open_shared(worker);
		ret = configure_with_bad_struct(worker, fd, backing);
	}
	if (backing >= 0)
		close(backing);
	return ret;
}

int op_configure_bad(struct worker *worker)
{
	unsigned int device;
	int fd = open_any(worker, &device);
	int ret;

	if (fd < 0)
		return SKIPPED;
	ret = configure_badly(worker, fd, device);
	if (!ret)
		complain(worker, "accepted what should be refused");
	close(fd);
	return ret;
}

/* Change and detach. */

int op_change_fd(struct worker *worker)
{
	unsigned int device, below;
	int fd = open_any(worker, &device);
	int backing = rng_one_in(&worker->rng, 4) ? open_any(worker, &below) :
						    open_shared(worker);
	int ret = SKIPPED;

	if (fd >= 0 && backing >= 0 && content_trylock_shared(device)) {
		ret = loop_call(fd, LOOP_CHANGE_FD, backing);
		content_unlock(device);
	}
	if (backing >= 0)
		close(backing);
	if (fd >= 0)
		close(fd);
	return ret;
}

typedef int device_call(struct worker *worker, int fd, unsigned int device);

/* What is open cannot be removed. */
static int call_and_look(struct worker *worker, device_call *call, int fd, unsigned int device)
{
	uint64_t before = loop_identity(device);
	int ret = call(worker, fd, device);

	if (!before || loop_identity(device) != before)
		complain(worker, "loop%u was removed while it was open", device);
	return ret;
}

/* CALL on any device, as it is opened. */
static int with_device(struct worker *worker, device_call *call)
{
	unsigned int device;
	int fd = open_any(worker, &device);
	int ret;

	if (fd < 0)
		return SKIPPED;
	ret = call_and_look(worker, call, fd, device);
	close(fd);
	return ret;
}

/* The same for what moves the content. */
static int with_geometry(struct worker *worker, device_call *call)
{
	unsigned int device;
	int fd = open_any(worker, &device);
	int ret = SKIPPED;

	if (fd < 0)
		return SKIPPED;
	if (content_trylock_shared(device)) {
		ret = call_and_look(worker, call, fd, device);
		content_unlock(device);
	}
	close(fd);
	return ret;
}

static int call_clr_fd(struct worker *worker, int fd, unsigned int device)
{
	(void)worker;
	(void)device;
	return loop_call(fd, LOOP_CLR_FD, 0);
}

int op_clr_fd(struct worker *worker)
{
	return with_device(worker, call_clr_fd);
}

static int call_set_status(struct worker *worker, int fd, unsigned int device)
{
	struct geometry geometry;

	(void)device;
	pick_geometry(worker, &geometry);
	return loop_set_status(fd, &geometry, rng_one_in(&worker->rng, 4));
}

int op_set_status(struct worker *worker)
{
	return with_geometry(worker, call_set_status);
}

static int call_set_status_bad(struct worker *worker, int fd, unsigned int device)
{
	struct geometry geometry;
	struct loop_info64 info;
	int ret;

	(void)device;
	pick_geometry(worker, &geometry);
	loop_fill_info(&info, &geometry);
	switch (rng_below(&worker->rng, 3)) {
	case 0:
		info.lo_encrypt_type = 5;
		break;
	case 1:
		info.lo_encrypt_key_size = LO_KEY_SIZE + 1;
		break;
	case 2:
		info.lo_offset = 1ULL << 63;
		break;
	}
	ret = loop_call(fd, LOOP_SET_STATUS64, (unsigned long)&info);
	if (!ret)
		complain(worker, "accepted what should be refused");
	return ret;
}

int op_set_status_bad(struct worker *worker)
{
	return with_device(worker, call_set_status_bad);
}

static int call_get_status(struct worker *worker, int fd, unsigned int device)
{
	struct loop_info64 info;

	return loop_get_status(worker, fd, device, &info);
}

int op_get_status(struct worker *worker)
{
	return with_device(worker, call_get_status);
}

static int call_get_status_old(struct worker *worker, int fd, unsigned int device)
{
	struct loop_info info;
	int ret = loop_call(fd, LOOP_GET_STATUS, (unsigned long)&info);

	if (!ret && (unsigned int)info.lo_number != device)
		complain(worker, "loop%u says it is number %d", device, info.lo_number);
	return ret;
}

int op_get_status_old(struct worker *worker)
{
	return with_device(worker, call_get_status_old);
}

static int call_set_capacity(struct worker *worker, int fd, unsigned int device)
{
	(void)worker;
	(void)device;
	return loop_call(fd, LOOP_SET_CAPACITY, 0);
}

int op_set_capacity(struct worker *worker)
{
	return with_device(worker, call_set_capacity);
}

static int call_set_direct_io(struct worker *worker, int fd, unsigned int device)
{
	(void)device;
	return loop_call(fd, LOOP_SET_DIRECT_IO, rng_below(&worker->rng, 2));
}

int op_set_direct_io(struct worker *worker)
{
	return with_device(worker, call_set_direct_io);
}

static int call_set_block_size(struct worker *worker, int fd, unsigned int device)
{
	static const unsigned int sizes[] = { 512, 1024, 2048, 4096, 3, 0 };

	(void)device;
	return loop_call(fd, LOOP_SET_BLOCK_SIZE, RNG_PICK(&worker->rng, sizes));
}

int op_set_block_size(struct worker *worker)
{
	return with_geometry(worker, call_set_block_size);
}

static int call_unknown_ioctl(struct worker *worker, int fd, unsigned int device)
{
	(void)worker;
	(void)device;
	return loop_call(fd, _IO('L', 0xee), 0);
}

int op_unknown_ioctl(struct worker *worker)
{
	return with_device(worker, call_unknown_ioctl);
}

static int call_nothing(struct worker *worker, int fd, unsigned int device)
{
	(void)fd;
	(void)device;
	usleep(rng_below(&worker->rng, 5000));
	return 0;
}

int op_open(struct worker *worker)
{
	return with_device(worker, call_nothing);
}

int op_killed(struct worker *worker)
{
	bool done = victims_kill_one(pick_device(worker), rng_below(&worker->rng, SHARED_FILES),
				     rng_below(&worker->rng, 5000));

	return done ? 0 : SKIPPED;
}

/* Partitions. */

static int call_rescan(struct worker *worker, int fd, unsigned int device)
{
	(void)worker;
	(void)device;
	return loop_call(fd, BLKRRPART, 0);
}

int op_rescan(struct worker *worker)
{
	return with_device(worker, call_rescan);
}

static int call_partition(struct worker *worker, int fd, int what)
{
	struct blkpg_partition partition = {
		.start = (1 + rng_below(&worker->rng, 8)) * MIB,
		.length = MIB,
		.pno = 1 + rng_below(&worker->rng, 4),
	};
	struct blkpg_ioctl_arg argument = {
		.op = what,
		.datalen = sizeof(partition),
		.data = &partition,
	};

	return loop_call(fd, BLKPG, (unsigned long)&argument);
}

static int call_add_partition(struct worker *worker, int fd, unsigned int device)
{
	(void)device;
	return call_partition(worker, fd, BLKPG_ADD_PARTITION);
}

int op_add_partition(struct worker *worker)
{
	return with_device(worker, call_add_partition);
}

static int call_delete_partition(struct worker *worker, int fd, unsigned int device)
{
	(void)device;
	return call_partition(worker, fd, BLKPG_DEL_PARTITION);
}

int op_delete_partition(struct worker *worker)
{
	return with_device(worker, call_delete_partition);
}

/* What sysfs says. */

static int read_attribute(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, text, sizeof(text));
	if (length < 0)
		length = -errno;
	close(fd);
	return length < 0 ? length : 0;
}

/* Reads every attribute of a directory; answers the first refusal that is not allowed. */
static int read_attributes(const char *path, const int *allowed)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return -errno;
	while (!ret && (entry = readdir(dir))) {
		if (entry->d_type != DT_REG)
			continue;
		ret = read_attribute(dirfd(dir), entry->d_name);
		if (ret < 0 && errno_is_in(-ret, allowed))
			ret = 0;
	}
	closedir(dir);
	return ret;
}

static int read_device_attributes(struct worker *worker, const char *name, const int *allowed)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "/sys/block/loop%u/%s", pick_device(worker), name);
	return read_attributes(path, allowed);
}

int op_sysfs_loop(struct worker *worker)
{
	return read_device_attributes(worker, "loop", ERRNOS(ENXIO, ENODEV, ENOENT));
}

/* What a queue does not have answers EINVAL. */
int op_sysfs_queue(struct worker *worker)
{
	return read_device_attributes(worker, "queue", ERRNOS(ENXIO, ENODEV, ENOENT, EINVAL));
}

int op_scheduler(struct worker *worker)
{
	static const char *const names[] = { "none", "none", "mq-deadline" };
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "/sys/block/loop%u/queue/scheduler", pick_device(worker));
	return write_text(path, RNG_PICK(&worker->rng, names));
}
