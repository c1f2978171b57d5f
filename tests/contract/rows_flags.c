// SPDX-License-Identifier: GPL-2.0-only
/* READ_ONLY, AUTOCLEAR, PARTSCAN and DIRECT_IO: what becomes of a flag. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "contract.h"

#define PARTITIONED	.before_file = FILE_PARTITIONED

static int open_for_writing(struct world *world, const struct row *row)
{
	(void)world;
	(void)row;
	return open_once_more(O_RDWR);
}

static void set_read_only(struct world *world, int value)
{
	if (ioctl(world->fd, BLKROSET, &value))
		die("BLKROSET");
}

static void make_writable(struct world *world)
{
	set_read_only(world, 0);
}

static void make_read_only(struct world *world)
{
	set_read_only(world, 1);
}

/* The block layer may be talked into writing; the driver is not. */
static int write_through(struct world *world, const struct row *row)
{
	int fd = open(DEVICE_NODE, O_RDWR | O_CLOEXEC), ret;

	(void)world;
	(void)row;
	if (fd < 0)
		return -1;
	ret = pwrite(fd, "x", 1, 0) < 0 ? -1 : fsync(fd);
	close(fd);
	return ret;
}

static int reread_partitions(struct world *world, const struct row *row)
{
	(void)row;
	return ioctl(world->fd, BLKRRPART);
}

static void add_partition(struct world *world)
{
	struct blkpg_partition partition = { .start = 4096, .length = 65536, .pno = 1 };
	struct blkpg_ioctl_arg arg = {
		.op = BLKPG_ADD_PARTITION,
		.datalen = sizeof(partition),
		.data = &partition,
	};

	if (ioctl(world->fd, BLKPG, &arg))
		die("BLKPG");
}

static int nothing(struct world *world, const struct row *row)
{
	(void)world;
	(void)row;
	return 0;
}

#define FLAG(_case, _call, ...) { .name = "flags/" _case, .call = _call, __VA_ARGS__ }
#define BEFORE(_flags, ...)	ATTACHED(FLAGS(_flags), __VA_ARGS__)

const struct row flag_rows[] = {
	FLAG("read-only-open-for-writing", open_for_writing, BEFORE(LO_FLAGS_READ_ONLY)),
	FLAG("read-only-blkroset-write", write_through, BEFORE(LO_FLAGS_READ_ONLY),
	     .prepare = make_writable),
	FLAG("writable-blkroset-detach", clr_fd, ATTACHED(), .prepare = make_read_only,
	     .after = AFTER_CLOSE),
	FLAG("unattached-blkroset-attach", configure, .prepare = make_read_only),

	FLAG("autoclear-close", nothing, BEFORE(LO_FLAGS_AUTOCLEAR), .after = AFTER_CLOSE),
	FLAG("autoclear-close-other-reader", nothing, BEFORE(LO_FLAGS_AUTOCLEAR),
	     .rival = RIVAL_READER, .after = AFTER_CLOSE),
	FLAG("autoclear-close-mounted", nothing, BEFORE(LO_FLAGS_AUTOCLEAR),
	     .before_file = FILE_FS, .rival = RIVAL_MOUNT, .after = AFTER_CLOSE),
	FLAG("autoclear-set-close", set_status64, ATTACHED(), FLAGS(LO_FLAGS_AUTOCLEAR),
	     .after = AFTER_CLOSE),
	FLAG("autoclear-cleared-close", set_status64, BEFORE(LO_FLAGS_AUTOCLEAR),
	     .after = AFTER_CLOSE),
	FLAG("autoclear-attach-close", configure, FLAGS(LO_FLAGS_AUTOCLEAR),
	     .after = AFTER_CLOSE),
	FLAG("no-autoclear-close", nothing, ATTACHED(), .after = AFTER_CLOSE),

	FLAG("partscan-reread", reread_partitions, BEFORE(LO_FLAGS_PARTSCAN), PARTITIONED),
	FLAG("no-partscan", configure, .file = FILE_PARTITIONED),
	FLAG("no-partscan-reread", reread_partitions, ATTACHED(), PARTITIONED),
	FLAG("partscan-detach", clr_fd, BEFORE(LO_FLAGS_PARTSCAN), PARTITIONED,
	     .after = AFTER_CLOSE),
	FLAG("no-partscan-added-detach", clr_fd, ATTACHED(), .prepare = add_partition,
	     .after = AFTER_CLOSE),

	FLAG("direct-io", configure, FLAGS(LO_FLAGS_DIRECT_IO)),
	FLAG("direct-io-o-direct-file", configure, .file = FILE_O_DIRECT),
	FLAG("direct-io-unaligned-offset", configure, FLAGS(LO_FLAGS_DIRECT_IO),
	     .info.lo_offset = 1000),
	FLAG("direct-io-read-only-file", configure, FLAGS(LO_FLAGS_DIRECT_IO),
	     .file = FILE_READ_ONLY),
	FLAG("direct-io-4k-disk", configure, FLAGS(LO_FLAGS_DIRECT_IO), .file = FILE_4K),
	FLAG("direct-io-4k-disk-o-direct-file", configure, .file = FILE_4K_O_DIRECT),
	FLAG("direct-io-4k-disk-512-blocks", configure, FLAGS(LO_FLAGS_DIRECT_IO),
	     .file = FILE_4K, .block_size = 512),
	FLAG("direct-io-4k-disk-4096-blocks", configure, FLAGS(LO_FLAGS_DIRECT_IO),
	     .file = FILE_4K, .block_size = 4096),
	FLAG("direct-io-4k-disk-offset-512", configure, FLAGS(LO_FLAGS_DIRECT_IO),
	     .file = FILE_4K, .info.lo_offset = 512),
	FLAG("direct-io-on-disk", configure, FLAGS(LO_FLAGS_DIRECT_IO), .file = FILE_DISK_4K),
	FLAG("direct-io-tmpfs", configure, FLAGS(LO_FLAGS_DIRECT_IO), .file = FILE_TMPFS),
	{ }
};
