// SPDX-License-Identifier: GPL-2.0-only
/* LOOP_SET_CAPACITY, LOOP_SET_DIRECT_IO and LOOP_SET_BLOCK_SIZE. */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "contract.h"

static void resize_image(off_t size)
{
	if (truncate(file_path(FILE_IMAGE), size))
		die("truncate");
}

static void grow(struct world *world)
{
	(void)world;
	resize_image(3 << 20);
}

static void grow_a_little(struct world *world)
{
	(void)world;
	resize_image((1 << 20) + 100);
}

static void shrink(struct world *world)
{
	(void)world;
	resize_image(1 << 19);
}

static void empty(struct world *world)
{
	(void)world;
	resize_image(0);
}

#define CAPACITY(_case, ...) { .name = "set-capacity/" _case, .call = set_capacity, __VA_ARGS__ }

const struct row set_capacity_rows[] = {
	CAPACITY("same", ATTACHED()),
	CAPACITY("unattached"),
	CAPACITY("grown", ATTACHED(), .prepare = grow),
	CAPACITY("grown-a-little", ATTACHED(), .prepare = grow_a_little),
	CAPACITY("grown-beyond-sizelimit", ATTACHED(.info.lo_sizelimit = 65536), .prepare = grow),
	CAPACITY("grown-behind-offset", ATTACHED(.info.lo_offset = 1 << 20), .prepare = grow),
	CAPACITY("shrunk", ATTACHED(), .prepare = shrink),
	CAPACITY("emptied", ATTACHED(), .prepare = empty),
	CAPACITY("argument", ATTACHED(), .arg = 12345),
	CAPACITY("other-exclusive", ATTACHED(), .prepare = grow, .rival = RIVAL_EXCLUSIVE),
	CAPACITY("read-only", ATTACHED(FLAGS(LO_FLAGS_READ_ONLY)), .prepare = grow,
		 .open = OPEN_READ_ONLY),
	CAPACITY("nobody", ATTACHED(), .prepare = grow, .caller = CALLER_NOBODY),
	CAPACITY("nobody-open-read-only", ATTACHED(), .prepare = grow, .open = OPEN_READ_ONLY,
		 .caller = CALLER_NOBODY),
	CAPACITY("nobody-open-read-only-unattached", .open = OPEN_READ_ONLY,
		 .caller = CALLER_NOBODY),
	{ }
};

#define DIO(_case, ...) { .name = "set-direct-io/" _case, .call = set_direct_io, __VA_ARGS__ }
#define DIRECT(...)	ATTACHED(FLAGS(LO_FLAGS_DIRECT_IO), __VA_ARGS__)

const struct row set_direct_io_rows[] = {
	DIO("on", ATTACHED(), .arg = 1),
	DIO("on-again", DIRECT(), .arg = 1),
	DIO("off", DIRECT(), .arg = 0),
	DIO("off-again", ATTACHED(), .arg = 0),
	DIO("off-o-direct", ATTACHED(), .before_file = FILE_O_DIRECT, .arg = 0),
	DIO("2", ATTACHED(), .arg = 2),
	DIO("minus-1", ATTACHED(), .arg = ULONG_MAX),
	DIO("unattached", .arg = 1),
	DIO("unattached-off", .arg = 0),
	DIO("unaligned-offset", ATTACHED(.info.lo_offset = 1000), .arg = 1),
	DIO("aligned-offset", ATTACHED(.info.lo_offset = 512), .arg = 1),
	DIO("4k-disk-512-blocks", ATTACHED(), .before_file = FILE_4K, .arg = 1),
	DIO("4k-disk-4096-blocks", ATTACHED(.block_size = 4096), .before_file = FILE_4K,
	    .arg = 1),
	DIO("4k-disk-offset-512", ATTACHED(.block_size = 4096, .info.lo_offset = 512),
	    .before_file = FILE_4K, .arg = 1),
	DIO("tmpfs", ATTACHED(), .before_file = FILE_TMPFS, .arg = 1),
	DIO("read-only", ATTACHED(FLAGS(LO_FLAGS_READ_ONLY)), .arg = 1),
	DIO("other-exclusive", ATTACHED(), .arg = 1, .rival = RIVAL_EXCLUSIVE),
	DIO("nobody", ATTACHED(), .arg = 1, .caller = CALLER_NOBODY),
	DIO("nobody-open-read-only", ATTACHED(), .arg = 1, .open = OPEN_READ_ONLY,
	    .caller = CALLER_NOBODY),
	{ }
};

static int set_block_size_dirty(struct world *world, const struct row *row)
{
	int ret = set_block_size(world, row);

	world_tell_dirty(world);
	return ret;
}

#define BLOCK(_case, ...) { .name = "set-block-size/" _case, .call = set_block_size, __VA_ARGS__ }

const struct row set_block_size_rows[] = {
	BLOCK("0", ATTACHED(), .arg = 0),
	BLOCK("0-from-4096", ATTACHED(.block_size = 4096), .arg = 0),
	BLOCK("0-direct-io", ATTACHED(FLAGS(LO_FLAGS_DIRECT_IO), .block_size = 4096),
	      .before_file = FILE_4K, .arg = 0),
	BLOCK("0-unattached", .arg = 0),
	BLOCK("1", ATTACHED(), .arg = 1),
	BLOCK("256", ATTACHED(), .arg = 256),
	BLOCK("513", ATTACHED(), .arg = 513),
	BLOCK("1024", ATTACHED(), .arg = 1024),
	BLOCK("2048", ATTACHED(), .arg = 2048),
	BLOCK("3000", ATTACHED(), .arg = 3000),
	BLOCK("4096", ATTACHED(), .arg = 4096),
	BLOCK("8192", ATTACHED(), .arg = 8192),
	BLOCK("65536", ATTACHED(), .arg = 65536),
	BLOCK("131072", ATTACHED(), .arg = 131072),
	BLOCK("minus-1", ATTACHED(), .arg = ULONG_MAX),
	BLOCK("same", ATTACHED(), .arg = 512),
	BLOCK("same-4096", ATTACHED(.block_size = 4096), .arg = 4096),
	BLOCK("smaller", ATTACHED(.block_size = 4096), .arg = 512),
	{ .name = "set-block-size/dirty", .call = set_block_size_dirty, ATTACHED(),
	  .prepare = world_make_dirty, .arg = 4096 },
	BLOCK("larger-than-device", ATTACHED(.info.lo_sizelimit = 512), .arg = 4096),
	BLOCK("direct-io", DIRECT(), .arg = 4096),
	BLOCK("direct-io-too-small", DIRECT(.block_size = 4096), .before_file = FILE_4K,
	      .arg = 512),
	BLOCK("direct-io-large-enough", ATTACHED(), .before_file = FILE_4K, .arg = 4096),
	BLOCK("o-direct-file", ATTACHED(), .before_file = FILE_O_DIRECT, .arg = 4096),
	BLOCK("unattached", .arg = 4096),
	BLOCK("unattached-513", .arg = 513),
	BLOCK("open-exclusive", ATTACHED(), .arg = 4096, .open = OPEN_EXCLUSIVE),
	BLOCK("other-reader", ATTACHED(), .arg = 4096, .rival = RIVAL_READER),
	BLOCK("other-exclusive", ATTACHED(), .arg = 4096, .rival = RIVAL_EXCLUSIVE),
	BLOCK("other-exclusive-513", ATTACHED(), .arg = 513, .rival = RIVAL_EXCLUSIVE),
	BLOCK("mounted", ATTACHED(), .before_file = FILE_FS, .arg = 4096, .rival = RIVAL_MOUNT),
	BLOCK("partition-open", ATTACHED(FLAGS(LO_FLAGS_PARTSCAN)),
	      .before_file = FILE_PARTITIONED, .arg = 4096, .rival = RIVAL_PARTITION),
	BLOCK("nobody", ATTACHED(), .arg = 4096, .caller = CALLER_NOBODY),
	BLOCK("nobody-open-read-only", ATTACHED(), .arg = 4096, .open = OPEN_READ_ONLY,
	      .caller = CALLER_NOBODY),
	BLOCK("nobody-other-exclusive", ATTACHED(), .arg = 4096, .open = OPEN_READ_ONLY,
	      .caller = CALLER_NOBODY, .rival = RIVAL_EXCLUSIVE),
	{ }
};
