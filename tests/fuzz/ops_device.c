// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of a loop device. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>

#include "ops.h"

#ifndef LOOP_SET_BLOCK_SIZE
#define LOOP_SET_BLOCK_SIZE	0x4C09
#endif

#define CALL_NUMBER(worker, fd, cmd, number) ({					\
	unsigned long number_ = (number);					\
	int fd_ = (fd);								\
										\
	say(worker, #cmd " of fd %d: %#lx", fd_, number_);			\
	call(ioctl(fd_, cmd, number_));						\
})

#define CALL_STRUCT(worker, fd, cmd, data) ({					\
	void *place_ = draw_place(worker, data, sizeof(*(data)));		\
	int fd_ = (fd);								\
										\
	say(worker, #cmd " of fd %d: at %p", fd_, place_);			\
	call(ioctl(fd_, cmd, place_));						\
})

static uint32_t draw_flags(struct worker *worker)
{
	if (one_in(worker, 20))
		return draw_border(worker);
	/* AUTOCLEAR would detach it soon. */
	return below(worker, 32) & (one_in(worker, 4) ? 31 : ~LO_FLAGS_AUTOCLEAR);
}

static void draw_name(struct worker *worker, void *name, size_t length)
{
	memset(name, 'a' + below(worker, 26), one_in(worker, 4) ? length : below(worker, length));
}

static void draw_info(struct worker *worker, struct loop_info64 *info)
{
	*info = (struct loop_info64){
		.lo_offset = draw_offset(worker),
		.lo_sizelimit = one_in(worker, 4) ? draw_length(worker) : 0,
		.lo_flags = draw_flags(worker),
	};
	draw_name(worker, info->lo_file_name, sizeof(info->lo_file_name));
	draw_mutation(worker, info, sizeof(*info));
}

/* No call gets one of the first three descriptors, which are the program's own. */
static uint32_t other_fd(uint32_t fd)
{
	return fd < 3 ? 999 : fd;
}

int op_set_fd(struct worker *worker)
{
	return CALL_NUMBER(worker, table_fd(worker, DEVICES), LOOP_SET_FD,
			   other_fd(table_fd(worker, FILES)));
}

int op_configure(struct worker *worker)
{
	struct loop_config config = {
		.fd = table_fd(worker, FILES),
		.block_size = draw_block_size(worker),
	};

	draw_info(worker, &config.info);
	draw_mutation(worker, &config, sizeof(config));
	config.fd = other_fd(config.fd);
	return CALL_STRUCT(worker, table_fd(worker, DEVICES), LOOP_CONFIGURE, &config);
}

int op_change_fd(struct worker *worker)
{
	return CALL_NUMBER(worker, table_fd(worker, DEVICES), LOOP_CHANGE_FD,
			   other_fd(table_fd(worker, FILES)));
}

int op_clr_fd(struct worker *worker)
{
	return CALL_NUMBER(worker, table_fd(worker, DEVICES), LOOP_CLR_FD, draw_border(worker));
}

int op_set_status64(struct worker *worker)
{
	struct loop_info64 info;

	draw_info(worker, &info);
	return CALL_STRUCT(worker, table_fd(worker, DEVICES), LOOP_SET_STATUS64, &info);
}

int op_set_status(struct worker *worker)
{
	struct loop_info info = {
		.lo_offset = draw_offset(worker),
		.lo_flags = draw_flags(worker),
	};

	draw_name(worker, info.lo_name, sizeof(info.lo_name));
	draw_mutation(worker, &info, sizeof(info));
	return CALL_STRUCT(worker, table_fd(worker, DEVICES), LOOP_SET_STATUS, &info);
}

int op_get_status64(struct worker *worker)
{
	struct loop_info64 info = { 0 };

	return CALL_STRUCT(worker, table_fd(worker, DEVICES), LOOP_GET_STATUS64, &info);
}

int op_get_status(struct worker *worker)
{
	struct loop_info info = { 0 };

	return CALL_STRUCT(worker, table_fd(worker, DEVICES), LOOP_GET_STATUS, &info);
}

int op_set_capacity(struct worker *worker)
{
	return CALL_NUMBER(worker, table_fd(worker, DEVICES), LOOP_SET_CAPACITY,
			   draw_border(worker));
}

int op_set_direct_io(struct worker *worker)
{
	unsigned long value = one_in(worker, 8) ? draw_border(worker) : below(worker, 2);

	return CALL_NUMBER(worker, table_fd(worker, DEVICES), LOOP_SET_DIRECT_IO, value);
}

int op_set_block_size(struct worker *worker)
{
	unsigned long size = one_in(worker, 8) ? draw_border(worker) : draw_block_size(worker);

	return CALL_NUMBER(worker, table_fd(worker, DEVICES), LOOP_SET_BLOCK_SIZE, size);
}

/* Numbers of the letter that are nobody's, or another size, or a letter of others. */
int op_unknown(struct worker *worker)
{
	char data[256] = { 0 };
	unsigned long cmd = _IOC(below(worker, 4), one_in(worker, 4) ? 0x12 : 'L',
				 one_in(worker, 2) ? 0x0b + below(worker, 245) : below(worker, 11),
				 8 + below(worker, 64));
	void *place = draw_place(worker, data, sizeof(data));
	int fd = table_fd(worker, DEVICES);

	say(worker, "ioctl %#lx of fd %d: at %p", cmd, fd, place);
	return call(ioctl(fd, cmd, place));
}

int op_scribble(struct worker *worker)
{
	say(worker, "scribble");
	draw_scribble(worker);
	return 0;
}
