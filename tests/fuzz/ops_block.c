// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of all block devices. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/pr.h>
#include <string.h>
#include <sys/ioctl.h>

#include "ops.h"

struct named {
	const char *name;
	unsigned long cmd;
};

#define NAMED(cmd) { #cmd, cmd }

static int call_struct(struct worker *worker, const struct named *named, const void *data,
		       size_t length)
{
	void *place = draw_place(worker, data, length);
	int fd = table_fd(worker, DEVICES);

	say(worker, "%s of fd %d: at %p", named->name, fd, place);
	return call(ioctl(fd, named->cmd, place));
}

int op_range(struct worker *worker)
{
	static const struct named cmds[] = {
		NAMED(BLKDISCARD), NAMED(BLKZEROOUT), NAMED(BLKDISCARD), NAMED(BLKZEROOUT),
		NAMED(BLKSECDISCARD),
	};
	uint64_t range[2] = { draw_start(worker), draw_length(worker) };
	const struct named *named = &PICK(worker, cmds);
	void *place = draw_place(worker, range, sizeof(range));
	int fd = table_fd(worker, DEVICES);

	say(worker, "%s of fd %d: %#llx bytes at %#llx, at %p", named->name, fd,
	    (unsigned long long)range[1], (unsigned long long)range[0], place);
	return call(ioctl(fd, named->cmd, place));
}

/* A number in memory. */
int op_set_number(struct worker *worker)
{
	static const struct named cmds[] = { NAMED(BLKROSET), NAMED(BLKBSZSET), NAMED(BLKRASET) };
	const struct named *named = &PICK(worker, cmds);
	uint64_t number = 0;
	int fd;

	if (named->cmd == BLKBSZSET)
		number = draw_block_size(worker);
	else if (named->cmd == BLKRASET)
		number = below(worker, 4096);
	else if (!one_in(worker, 3))
		number = below(worker, 2);
	/* Of these the argument is the number itself. */
	if (named->cmd == BLKRASET) {
		fd = table_fd(worker, DEVICES);
		say(worker, "%s of fd %d: %llu", named->name, fd, (unsigned long long)number);
		return call(ioctl(fd, named->cmd, (unsigned long)number));
	}
	return call_struct(worker, named, &number, sizeof(number));
}

int op_get_number(struct worker *worker)
{
	static const struct named cmds[] = {
		NAMED(BLKROGET), NAMED(BLKGETSIZE), NAMED(BLKGETSIZE64), NAMED(BLKRAGET),
		NAMED(BLKSSZGET), NAMED(BLKPBSZGET), NAMED(BLKIOMIN), NAMED(BLKIOOPT),
		NAMED(BLKALIGNOFF), NAMED(BLKBSZGET), NAMED(BLKDISCARDZEROES), NAMED(BLKROTATIONAL),
		NAMED(HDIO_GETGEO), NAMED(BLKSECTGET), { "BLKGETDISKSEQ", _IOR(0x12, 128, __u64) },
	};
	uint64_t number[4] = { 0 };

	return call_struct(worker, &PICK(worker, cmds), number, sizeof(number));
}

int op_flush_buffers(struct worker *worker)
{
	int fd = table_fd(worker, DEVICES);

	say(worker, "BLKFLSBUF of fd %d", fd);
	return call(ioctl(fd, BLKFLSBUF, 0));
}

int op_reread(struct worker *worker)
{
	int fd = table_fd(worker, DEVICES);

	say(worker, "BLKRRPART of fd %d", fd);
	return call(ioctl(fd, BLKRRPART, 0));
}

/* The description lies in memory as well as what it points to. */
int op_partition(struct worker *worker)
{
	static const struct named blkpg = NAMED(BLKPG);
	struct blkpg_partition partition = {
		.start = one_in(worker, 4) ? draw_border(worker) : (1 + below(worker, 4)) * MIB,
		.length = one_in(worker, 4) ? draw_border(worker) : MIB,
		.pno = one_in(worker, 12) ? (int)draw_border(worker) : (int)below(worker, 5),
	};
	struct blkpg_ioctl_arg argument = {
		.op = one_in(worker, 16) ? (int)draw_border(worker) : (int)below(worker, 5),
		.datalen = one_in(worker, 8) ? (int)draw_border(worker) : (int)sizeof(partition),
		.data = one_in(worker, 16) ? (void *)(uintptr_t)draw_border(worker) : &partition,
	};

	return call_struct(worker, &blkpg, &argument, sizeof(argument));
}

int op_reservation(struct worker *worker)
{
	static const struct named cmds[] = {
		NAMED(IOC_PR_REGISTER), NAMED(IOC_PR_RESERVE), NAMED(IOC_PR_RELEASE),
		NAMED(IOC_PR_PREEMPT), NAMED(IOC_PR_CLEAR), { "SG_IO", 0x2285 },
		{ "CDROMEJECT", 0x5309 }, { "SCSI_IOCTL_GET_IDLUN", 0x5382 },
	};
	uint64_t data[12] = { draw_border(worker), draw_border(worker) };

	return call_struct(worker, &PICK(worker, cmds), data, sizeof(data));
}
