// SPDX-License-Identifier: GPL-2.0-only
/*
 * Overlays. Those that are shared are attached to any device, and below PRIVATE_BYTES show what
 * their base has. One for each thread is private: what was written to it is found again the next
 * time that it is attached.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops.h"
#include "../../include/uapi/reloop.h"

#define ALIGNMENT	4096
#define PIECE_BYTES	(128 * KIB)
/* What a thread knows of its overlay. */
#define KNOWN_BYTES	(2 * MIB)

/* Attach and detach. */

static int open_or_give_up(const char *path, int mode)
{
	int fd = open(path, mode | O_CLOEXEC);

	if (fd < 0)
		give_up("%s: %s", path, strerror(errno));
	return fd;
}

/* What the base of an overlay is noted to be. */
static int open_base(unsigned int overlay, int mode)
{
	char path[PATH_BYTES];

	base_path(path, overlay % OVERLAY_BASES);
	return open(path, mode | O_CLOEXEC);
}

static void fill_request(struct worker *worker, struct reloop_attach *request, unsigned int device,
			 int overlay, int base)
{
	static const unsigned int block_sizes[] = { 0, 0, 512, 4096 };
	static const unsigned int flags[] = { RELOOP_ATTACH_PARTSCAN, RELOOP_ATTACH_DIRECT_IO,
					      RELOOP_ATTACH_FLUSH_IGNORE };
	unsigned int i;

	*request = (struct reloop_attach){
		.size = sizeof(*request),
		.fd = overlay,
		.number = device,
		.block_size = RNG_PICK(&worker->rng, block_sizes),
		.format = RELOOP_FORMAT_OVERLAY,
		.base_fd = base,
		.nospace = rng_below(&worker->rng, 2),
	};
	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (rng_one_in(&worker->rng, 3))
			request->flags |= flags[i];
}

/* Whether a device that is open, and so stays as it is, has what this call attached. */
static bool is_attachment(struct worker *worker, int fd, unsigned int device,
			  const struct reloop_attach *request)
{
	struct loop_info64 info;
	struct stat stat;
	uint64_t diskseq;

	if (fstat(request->fd, &stat) || ioctl(fd, BLKGETDISKSEQ, &diskseq))
		give_up("fstat or BLKGETDISKSEQ: %s", strerror(errno));
	if (diskseq != request->diskseq || loop_get_status(worker, fd, device, &info))
		return false;
	if (info.lo_inode != stat.st_ino)
		complain(worker, "loop%u is attached to another file", device);
	return true;
}

/*
 * What was attached may be gone, or another thread may have it open longer than this waits. And
 * work of the io_uring by which this thread has polled may come meanwhile.
 */
static void detach_attachment(struct worker *worker, const struct reloop_attach *request)
{
	static const int timeouts[] = { 0, 0, 1, 50, 1000 };
	struct reloop_detach detach = {
		.size = sizeof(detach),
		.number = request->number,
		.timeout_ms = RNG_PICK(&worker->rng, timeouts),
		.diskseq = request->diskseq,
	};

	expect(worker, loop_control(RELOOP_CTL_DETACH, (long)&detach), "RELOOP_CTL_DETACH",
	       ERRNOS(ESTALE, ENXIO, ENODEV, ETIMEDOUT, EINTR));
}

/* Direct, if it is there still; else -1. */
static int open_attachment(struct worker *worker, const struct reloop_attach *request, int mode)
{
	int fd = open_device(worker, request->number, mode);

	if (fd >= 0 && !is_attachment(worker, fd, request->number, request)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static char *allocate(uint64_t bytes)
{
	char *buffer = aligned_alloc(ALIGNMENT, bytes);

	if (!buffer)
		give_up("no memory");
	return buffer;
}

static void expect_bytes(struct worker *worker, int fd, const char *expected, uint64_t start,
			 uint64_t length, const char *where)
{
	char *found = allocate(length);
	ssize_t ret = pread(fd, found, length, start);
	uint64_t i = 0;

	if (ret != (ssize_t)length) {
		complain(worker, "%s: read of %llu bytes at %llu: %s", where,
			 (unsigned long long)length, (unsigned long long)start,
			 ret < 0 ? strerrorname_np(errno) : "short");
	} else if (memcmp(found, expected, length)) {
		while (found[i] == expected[i])
			i++;
		complain(worker, "%s: byte %llu is %#hhx, not %#hhx", where,
			 (unsigned long long)(start + i), found[i], expected[i]);
	}
	free(found);
}

static void read_base(unsigned int overlay, char *buffer, uint64_t start, uint64_t length)
{
	int fd = open_base(overlay, O_RDONLY);

	if (fd < 0 || pread(fd, buffer, length, start) != (ssize_t)length)
		give_up("the base of overlay %u: %s", overlay, strerror(errno));
	close(fd);
}

/* Shared ones. */

static void check_shared(struct worker *worker, const struct reloop_attach *request,
			 unsigned int overlay)
{
	uint64_t start = rng_below(&worker->rng, (PRIVATE_BYTES - PIECE_BYTES) / ALIGNMENT) *
			 ALIGNMENT;
	int fd;
	char *expected;

	if (!content_trylock(request->number))
		return;
	fd = open_attachment(worker, request, O_RDONLY | O_DIRECT);
	if (fd >= 0) {
		expected = allocate(PIECE_BYTES);
		read_base(overlay, expected, start, PIECE_BYTES);
		expect_bytes(worker, fd, expected, start, PIECE_BYTES, "what the base has");
		free(expected);
		close(fd);
	}
	content_unlock(request->number);
}

/* The right one mostly; else another one, a device, or the overlay itself. */
static int pick_base(struct worker *worker, unsigned int overlay, int file, bool *is_right)
{
	*is_right = false;
	switch (rng_below(&worker->rng, 16)) {
	case 0:
		return open_base(overlay + 1, O_RDONLY);
	case 1:
	case 2:
		return open_device(worker, pick_device(worker), O_RDONLY);
	case 3:
		return fcntl(file, F_DUPFD_CLOEXEC, 0);
	default:
		*is_right = true;
		return open_base(overlay, O_RDONLY);
	}
}

/* What a program of its own attached goes with it. */
static int attach_owned(struct worker *worker, struct reloop_attach *request)
{
	int control = open_or_give_up("/dev/loop-control", O_RDWR), ret;

	request->flags |= RELOOP_ATTACH_OWNER;
	ret = loop_call(control, RELOOP_CTL_ATTACH, (unsigned long)request);
	usleep(rng_below(&worker->rng, 5000));
	close(control);
	return ret;
}

static int attach_shared(struct worker *worker, unsigned int overlay, int file, int base,
			 bool is_right)
{
	struct reloop_attach request;
	int ret;

	fill_request(worker, &request, pick_device(worker), file, base);
	if (rng_one_in(&worker->rng, 4))
		request.flags |= RELOOP_ATTACH_READ_ONLY;
	/* Of another base it shows a mixture, and nobody looks. */
	if (!is_right && !rng_one_in(&worker->rng, 4))
		request.flags |= RELOOP_ATTACH_ANY_BASE;
	if (rng_one_in(&worker->rng, 8))
		return attach_owned(worker, &request);
	ret = loop_control(RELOOP_CTL_ATTACH, (long)&request);
	if (ret < 0)
		return ret;
	if (is_right && rng_one_in(&worker->rng, 2))
		check_shared(worker, &request, overlay);
	if (rng_one_in(&worker->rng, 4))
		detach_attachment(worker, &request);
	return ret;
}

int op_attach_overlay(struct worker *worker)
{
	static const int modes[] = { O_RDWR, O_RDWR, O_RDWR, O_RDONLY };
	unsigned int overlay = rng_below(&worker->rng, SHARED_OVERLAYS);
	int file, base, ret = SKIPPED;
	char path[PATH_BYTES];
	bool is_right;

	overlay_path(path, overlay);
	file = open_or_give_up(path, RNG_PICK(&worker->rng, modes));
	base = pick_base(worker, overlay, file, &is_right);
	if (base >= 0) {
		ret = attach_shared(worker, overlay, file, base, is_right);
		close(base);
	}
	close(file);
	return ret;
}

/* Whoever has it open for writing keeps it from being a base. */
int op_open_base(struct worker *worker)
{
	int fd = open_base(rng_below(&worker->rng, OVERLAY_BASES), O_WRONLY);

	if (fd < 0)
		return -errno;
	usleep(rng_below(&worker->rng, 1000));
	close(fd);
	return 0;
}

/* Private ones. */

/* A range of a thread's overlay: what is there, and the way to it. */
struct known {
	char *content;
	uint64_t start;
	uint64_t length;
	int fd;
	int direct;
};

static char *known_content(struct worker *worker)
{
	static char *known[MAX_THREADS];

	if (!known[worker->number]) {
		known[worker->number] = allocate(KNOWN_BYTES);
		read_base(private_overlay(worker->number), known[worker->number], 0, KNOWN_BYTES);
	}
	return known[worker->number];
}

static void pick_sectors(struct worker *worker, struct known *known)
{
	int size;

	if (ioctl(known->fd, BLKSSZGET, &size))
		give_up("BLKSSZGET: %s", strerror(errno));
	known->length = (1 + rng_below(&worker->rng, PIECE_BYTES / size)) * size;
	if (rng_one_in(&worker->rng, 2))
		known->length = size;
	known->start = rng_below(&worker->rng, (KNOWN_BYTES - known->length) / size) * size;
}

static void write_known(struct worker *worker, const struct known *known)
{
	bool is_direct = rng_one_in(&worker->rng, 2);
	char *at = known->content + known->start, *buffer = allocate(PIECE_BYTES);
	uint64_t i;
	ssize_t ret;

	for (i = 0; i < known->length; i += sizeof(uint64_t))
		*(uint64_t *)(buffer + i) = rng_mix(worker->round, known->start + i);
	memcpy(at, buffer, known->length);
	ret = pwrite(is_direct ? known->direct : known->fd, buffer, known->length, known->start);
	if (ret != (ssize_t)known->length)
		complain(worker, "write of %llu bytes at %llu: %s",
			 (unsigned long long)known->length, (unsigned long long)known->start,
			 ret < 0 ? strerrorname_np(errno) : "short");
	free(buffer);
	/* See sync_content(): the first error may be about what another has left in the cache. */
	if (!is_direct && fsync(known->fd) && fsync(known->fd))
		complain(worker, "fsync: %s", strerrorname_np(errno));
}

static void zero_known(struct worker *worker, const struct known *known)
{
	uint64_t range[2] = { known->start, known->length };

	memset(known->content + known->start, 0, known->length);
	if (ioctl(known->fd, rng_one_in(&worker->rng, 2) ? BLKDISCARD : BLKZEROOUT, range))
		complain(worker, "discard or zeroes: %s", strerrorname_np(errno));
}

static void use_known(struct worker *worker, int fd, int direct)
{
	struct known known = { .content = known_content(worker), .fd = fd, .direct = direct };
	unsigned int i, count = rng_below(&worker->rng, 6);

	expect_bytes(worker, direct, known.content, 0, KNOWN_BYTES, "an overlay, attached again");
	for (i = 0; i < count; i++) {
		pick_sectors(worker, &known);
		if (rng_one_in(&worker->rng, 4))
			zero_known(worker, &known);
		else
			write_known(worker, &known);
	}
	expect_bytes(worker, direct, known.content, 0, KNOWN_BYTES, "an overlay");
	if (rng_one_in(&worker->rng, 4))
		expect_bytes(worker, fd, known.content, 0, KNOWN_BYTES,
			     "an overlay, through the page cache");
}

static int hold_overlay(struct worker *worker, unsigned int device, int file, int base)
{
	struct reloop_attach request;
	int ret, fd, direct;

	fill_request(worker, &request, device, file, base);
	ret = loop_control(RELOOP_CTL_ATTACH, (long)&request);
	if (ret < 0)
		return ret;
	/* Nobody has it open by now, so it may be gone. */
	fd = open_attachment(worker, &request, O_RDWR);
	direct = fd < 0 ? -1 : open_attachment(worker, &request, O_RDWR | O_DIRECT);
	if (direct >= 0)
		use_known(worker, fd, direct);
	else
		ret = SKIPPED;
	if (direct >= 0)
		close(direct);
	if (fd >= 0)
		close(fd);
	detach_attachment(worker, &request);
	return ret;
}

int op_hold_overlay(struct worker *worker)
{
	unsigned int device = pick_device(worker), overlay = private_overlay(worker->number);
	char path[PATH_BYTES];
	int file, base, ret = SKIPPED;

	if (!content_trylock(device))
		return SKIPPED;
	overlay_path(path, overlay);
	file = open_or_give_up(path, O_RDWR);
	base = open_base(overlay, O_RDONLY);
	if (base >= 0) {
		ret = hold_overlay(worker, device, file, base);
		close(base);
	}
	close(file);
	content_unlock(device);
	return ret;
}
