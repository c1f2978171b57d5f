// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is written must be found again, whatever the other threads do to the device meanwhile. They
 * leave alone only what would move the content: see content_trylock() and PRIVATE_BYTES.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ops.h"

#define ALIGNMENT	4096
#define PIECE_BYTES	(128 * KIB)

/* Patterns: every word tells where it belongs and who wrote it when. */

struct pattern {
	uint64_t *words;
	uint64_t start;
	uint64_t length;
};

static void pattern_make(struct worker *worker, struct pattern *pattern, uint64_t device_bytes)
{
	uint64_t key = rng_next(&worker->rng), i;

	pattern->length = (1 + rng_below(&worker->rng, PIECE_BYTES / ALIGNMENT)) * ALIGNMENT;
	pattern->start = rng_below(&worker->rng, (device_bytes - pattern->length) / ALIGNMENT) *
			 ALIGNMENT;
	pattern->words = aligned_alloc(ALIGNMENT, pattern->length);
	if (!pattern->words)
		give_up("no memory");
	for (i = 0; i < pattern->length / sizeof(uint64_t); i++)
		pattern->words[i] = rng_mix(key, i);
}

static void pattern_free(struct pattern *pattern)
{
	free(pattern->words);
}

/* Misaligned memory may be refused, with EINVAL: 7.3 does so, wherever the limits ask for more. */
static bool pattern_write(struct worker *worker, const struct pattern *pattern, int fd,
			  bool may_refuse)
{
	ssize_t ret = pwrite(fd, pattern->words, pattern->length, pattern->start);

	if (ret == (ssize_t)pattern->length)
		return true;
	if (ret < 0 && errno == EINVAL && may_refuse)
		return false;
	complain(worker, "write of %llu bytes at %llu: %s", (unsigned long long)pattern->length,
		 (unsigned long long)pattern->start, ret < 0 ? strerrorname_np(errno) : "short");
	return false;
}

static void complain_of_difference(struct worker *worker, const struct pattern *pattern,
				   const uint64_t *found, const char *where)
{
	uint64_t i = 0;

	while (found[i] == pattern->words[i])
		i++;
	complain(worker, "%s: wrote %llu bytes at %llu, after %llu of them found %#llx, not %#llx",
		 where, (unsigned long long)pattern->length, (unsigned long long)pattern->start,
		 (unsigned long long)(i * sizeof(*found)), (unsigned long long)found[i],
		 (unsigned long long)pattern->words[i]);
}

static void pattern_check(struct worker *worker, const struct pattern *pattern, int fd,
			  uint64_t offset, const char *where)
{
	uint64_t *found = aligned_alloc(ALIGNMENT, pattern->length);
	ssize_t ret;

	if (!found)
		give_up("no memory");
	ret = pread(fd, found, pattern->length, pattern->start + offset);
	if (ret != (ssize_t)pattern->length)
		complain(worker, "%s: read of %llu bytes at %llu: %s", where,
			 (unsigned long long)pattern->length,
			 (unsigned long long)(pattern->start + offset),
			 ret < 0 ? strerrorname_np(errno) : "short");
	else if (memcmp(found, pattern->words, pattern->length))
		complain_of_difference(worker, pattern, found, where);
	free(found);
}

/* Devices whose content is mine. */

int open_private(struct worker *worker, void (*to_path)(char *path, unsigned int thread))
{
	char path[PATH_BYTES];
	int fd;

	to_path(path, worker->number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		give_up("%s: %s", path, strerror(errno));
	return fd;
}

static void check_status(struct worker *worker, int fd, unsigned int device, int backing,
			 const struct geometry *geometry)
{
	struct loop_info64 info;
	struct stat stat;
	int ret = loop_get_status(worker, fd, device, &info);

	if (ret)
		complain(worker, "LOOP_GET_STATUS64 of what I have attached: %s",
			 strerrorname_np(-ret));
	else if (fstat(backing, &stat))
		give_up("fstat: %s", strerror(errno));
	else if (S_ISREG(stat.st_mode) && info.lo_inode != stat.st_ino)
		complain(worker, "loop%u is attached to another file", device);
	else if (info.lo_offset != geometry->offset || info.lo_sizelimit != geometry->limit)
		complain(worker, "loop%u is attached elsewhere", device);
}

/* A device, held exclusively and attached to @backing; -1 where others have it. */
static int attach_mine(struct worker *worker, unsigned int device, int backing, uint64_t offset,
		       int *ret)
{
	static const unsigned int block_sizes[] = { 0, 512, 4096 };
	struct geometry geometry = {
		.offset = offset,
		.flags = rng_below(&worker->rng, 32) &
			 (LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN | LO_FLAGS_DIRECT_IO),
		.block_size = RNG_PICK(&worker->rng, block_sizes),
	};
	int fd = open_device(worker, device, O_RDWR | O_EXCL);

	*ret = SKIPPED;
	if (fd < 0)
		return -1;
	*ret = loop_configure(fd, backing, &geometry);
	if (*ret) {
		close(fd);
		return -1;
	}
	check_status(worker, fd, device, backing, &geometry);
	return fd;
}

/* Others may have detached it before; it stays until the last close then. */
void detach_mine(struct worker *worker, int fd)
{
	expect(worker, loop_call(fd, LOOP_CLR_FD, 0), "LOOP_CLR_FD of what I have attached",
	       ERRNOS(0));
	close(fd);
}

static int open_direct(struct worker *worker, unsigned int device)
{
	char path[PATH_BYTES];
	int fd;

	device_path(path, device);
	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		complain(worker, "%s: %s", path, strerrorname_np(errno));
	return fd;
}

/*
 * The first error may be about what somebody else has left in the page cache of the device, past
 * its end. If it was about the pattern, the pattern will not be found.
 */
static void sync_content(struct worker *worker, int fd)
{
	if (fsync(fd) && fsync(fd))
		complain(worker, "fsync: %s", strerrorname_np(errno));
}

static void write_and_check(struct worker *worker, int fd, unsigned int device, int private,
			    uint64_t offset)
{
	int direct = open_direct(worker, device), ways[3], way;
	struct pattern pattern;

	if (direct < 0)
		return;
	ways[0] = fd;
	ways[1] = direct;
	ways[2] = misaligned_open(direct);
	way = RNG_PICK(&worker->rng, ways);
	pattern_make(worker, &pattern, PRIVATE_BYTES - offset);
	if (pattern_write(worker, &pattern, way, way == ways[2])) {
		usleep(rng_below(&worker->rng, 1000));
		sync_content(worker, fd);
		/* Which a driver's request goes past: others may have read the old data into it. */
		if (way != ways[2])
			pattern_check(worker, &pattern, fd, 0, "through the page cache");
		pattern_check(worker, &pattern, direct, 0, "direct");
		pattern_check(worker, &pattern, private, offset, "the backing file");
	}
	pattern_free(&pattern);
	close(ways[2]);
	close(direct);
}

/* The sectors of one block, by two threads at once, one of which is like a driver. */

struct sectors {
	struct worker *worker;
	const struct pattern *pattern;
	uint64_t size;
	int direct, misaligned;
};

static void write_sectors(const struct sectors *sectors, uint64_t first, int fd)
{
	const struct pattern *pattern = sectors->pattern;
	ssize_t ret, size = sectors->size;
	uint64_t at;

	for (at = first; at < pattern->length; at += 2 * size) {
		const char *data = (const char *)pattern->words + at;

		ret = pwrite(fd, data, size, pattern->start + at);
		if (ret < 0 && errno == EINVAL && fd == sectors->misaligned)
			ret = pwrite(sectors->direct, data, size, pattern->start + at);
		if (ret != size)
			complain(sectors->worker, "write of a sector at %llu: %s",
				 (unsigned long long)(pattern->start + at),
				 ret < 0 ? strerrorname_np(errno) : "short");
	}
}

static void *write_odd_sectors(void *argument)
{
	const struct sectors *sectors = argument;

	write_sectors(sectors, sectors->size, sectors->misaligned);
	return NULL;
}

static void write_sectors_and_check(struct worker *worker, int fd, unsigned int device,
				    int private)
{
	struct pattern pattern;
	struct sectors sectors = { .worker = worker, .pattern = &pattern };
	pthread_t thread;
	int size;

	sectors.direct = open_direct(worker, device);
	if (sectors.direct < 0)
		return;
	if (ioctl(fd, BLKSSZGET, &size))
		give_up("BLKSSZGET: %s", strerror(errno));
	sectors.size = size;
	sectors.misaligned = misaligned_open(sectors.direct);
	pattern_make(worker, &pattern, PRIVATE_BYTES);
	if (pthread_create(&thread, NULL, write_odd_sectors, &sectors))
		give_up("no thread");
	write_sectors(&sectors, 0, sectors.direct);
	pthread_join(thread, NULL);
	sync_content(worker, fd);
	pattern_check(worker, &pattern, sectors.direct, 0, "sectors, direct");
	pattern_check(worker, &pattern, private, 0, "sectors, the backing file");
	pattern_free(&pattern);
	close(sectors.misaligned);
	close(sectors.direct);
}

static int hold_with(struct worker *worker, unsigned int device,
		     void (*use)(struct worker *worker, int fd, unsigned int device, int private))
{
	int private = open_private(worker, private_path);
	int ret, fd = attach_mine(worker, device, private, 0, &ret);

	if (fd >= 0) {
		use(worker, fd, device, private);
		detach_mine(worker, fd);
	}
	close(private);
	return ret;
}

static int hold(struct worker *worker,
		void (*use)(struct worker *worker, int fd, unsigned int device, int private))
{
	unsigned int device = pick_device(worker);
	int ret;

	if (!content_trylock(device))
		return SKIPPED;
	ret = hold_with(worker, device, use);
	content_unlock(device);
	return ret;
}

static void use_whole(struct worker *worker, int fd, unsigned int device, int private)
{
	write_and_check(worker, fd, device, private, 0);
}

int op_hold(struct worker *worker)
{
	return hold(worker, use_whole);
}

int op_hold_sectors(struct worker *worker)
{
	return hold(worker, write_sectors_and_check);
}

/* The same through two devices. */

static int hold_upper(struct worker *worker, unsigned int upper, unsigned int lower, int private)
{
	const uint64_t offset = MIB;
	int backing = open_device(worker, lower, O_RDWR);
	int fd, ret = SKIPPED;

	if (backing < 0)
		return SKIPPED;
	fd = attach_mine(worker, upper, backing, offset, &ret);
	if (fd >= 0) {
		write_and_check(worker, fd, upper, private, offset);
		detach_mine(worker, fd);
	}
	close(backing);
	return ret;
}

static int hold_both(struct worker *worker, unsigned int upper, unsigned int lower)
{
	int private = open_private(worker, private_path);
	int ret, fd = attach_mine(worker, lower, private, 0, &ret);

	if (fd >= 0) {
		ret = hold_upper(worker, upper, lower, private);
		detach_mine(worker, fd);
	}
	close(private);
	return ret;
}

int op_hold_nested(struct worker *worker)
{
	unsigned int upper = pick_device(worker), lower = pick_device(worker);
	int ret = SKIPPED;

	if (upper == lower || !content_trylock(lower))
		return SKIPPED;
	if (content_trylock(upper)) {
		ret = hold_both(worker, upper, lower);
		content_unlock(upper);
	}
	content_unlock(lower);
	return ret;
}

/* A file system. */

static int mount_device(struct worker *worker, unsigned int device)
{
	static const char *const mount_options[] = { "", "discard", "data=journal" };
	char node[PATH_BYTES], dir[PATH_BYTES];

	device_path(node, device);
	mount_path(dir, worker->number);
	if (mount(node, dir, "ext4", 0, RNG_PICK(&worker->rng, mount_options)))
		return -errno;
	return 0;
}

static int open_in_mount(struct worker *worker)
{
	char path[PATH_BYTES + 16], dir[PATH_BYTES];
	int fd;

	mount_path(dir, worker->number);
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		complain(worker, "%s: %s", path, strerrorname_np(errno));
	return fd;
}

static void unmount(struct worker *worker, int flags)
{
	char dir[PATH_BYTES];

	mount_path(dir, worker->number);
	if (umount2(dir, flags))
		complain(worker, "umount: %s", strerrorname_np(errno));
}

/* Unmounted before or after the file in it is closed, which keeps it mounted until then. */
static void use_mount(struct worker *worker)
{
	bool lazily = rng_one_in(&worker->rng, 3);
	int fd = open_in_mount(worker);
	struct pattern pattern;

	if (lazily)
		unmount(worker, MNT_DETACH);
	if (fd >= 0) {
		pattern_make(worker, &pattern, MIB);
		if (pattern_write(worker, &pattern, fd, false)) {
			sync_content(worker, fd);
			posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
			pattern_check(worker, &pattern, fd, 0, "a file in a mount");
		}
		pattern_free(&pattern);
		close(fd);
	}
	if (!lazily)
		unmount(worker, 0);
}

static int attach_and_mount(struct worker *worker, unsigned int device)
{
	int image = open_private(worker, image_path);
	int ret, fd = attach_mine(worker, device, image, 0, &ret);

	close(image);
	if (fd < 0)
		return ret;
	/* What is held exclusively cannot be mounted; so it is only kept open for that while. */
	image = open_device(worker, device, O_RDWR);
	close(fd);
	if (image < 0)
		return SKIPPED;
	ret = mount_device(worker, device);
	if (!ret) {
		close(image);
		use_mount(worker);
		image = open_device(worker, device, O_RDWR);
	}
	if (image >= 0) {
		loop_call(image, LOOP_CLR_FD, 0);
		close(image);
	}
	return ret;
}

int op_mount(struct worker *worker)
{
	unsigned int device = pick_device(worker);
	int ret;

	if (!content_trylock(device))
		return SKIPPED;
	ret = attach_and_mount(worker, device);
	content_unlock(device);
	return ret;
}
