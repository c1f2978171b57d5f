// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of the control node. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/loop.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../include/uapi/reloop.h"
#include "ops.h"

static int control_number(struct worker *worker, unsigned int cmd, const char *name, long number)
{
	int fd = table_fd(worker, CONTROLS);

	say(worker, "%s of fd %d: %ld", name, fd, number);
	return call(ioctl(fd, cmd, number));
}

int op_add(struct worker *worker)
{
	return control_number(worker, LOOP_CTL_ADD, "LOOP_CTL_ADD", draw_number(worker));
}

/* What is made beside the first must go, or they get too many. */
int op_remove(struct worker *worker)
{
	int number = one_in(worker, 2) ? draw_number(worker) : (int)(6 + below(worker, 20));

	return control_number(worker, LOOP_CTL_REMOVE, "LOOP_CTL_REMOVE", number);
}

int op_get_free(struct worker *worker)
{
	return control_number(worker, LOOP_CTL_GET_FREE, "LOOP_CTL_GET_FREE", draw_border(worker));
}

int op_unknown_control(struct worker *worker)
{
	unsigned int cmd = one_in(worker, 2) ? 0x4c83 + below(worker, 100) :
			   _IOC(below(worker, 4), 'L', 0xa0 + below(worker, 6), below(worker, 64));

	/* Not an attach, which may make devices without end. */
	return control_number(worker, cmd, "another ioctl", 0);
}

/* Structs that begin with their size. */

#define TAIL_MAX	8000

static uint32_t draw_size(struct worker *worker, uint32_t size, uint32_t smallest)
{
	switch (below(worker, 24)) {
	case 0:
		return smallest;
	case 1:
		return smallest - 1 - below(worker, smallest);
	case 2:
		return size + 1 + below(worker, 64);
	case 3:
		return 4094 + below(worker, 4);
	case 4:
		return draw_border(worker);
	default:
		return size;
	}
}

/* As long as it says, with something in what the driver does not know, perhaps. */
static int control_struct(struct worker *worker, unsigned int cmd, const char *name, void *request,
			  uint32_t size)
{
	uint32_t said = *(uint32_t *)request;
	uint32_t length = said > TAIL_MAX ? TAIL_MAX : said < size ? size : said;
	char data[TAIL_MAX] = { 0 };
	int fd = table_fd(worker, CONTROLS);
	void *place;

	memcpy(data, request, size);
	if (length > size && one_in(worker, 2))
		data[size + below(worker, length - size)] = 1;
	place = draw_place(worker, data, length);
	say(worker, "%s of fd %d: %u bytes at %p", name, fd, said, place);
	return call(ioctl(fd, cmd, place));
}

/* Attach. */

static void draw_label(struct worker *worker, char *label)
{
	static const char *const labels[] = {
		".", "..", "a/b", "x-part1", "a", "a b", "\x80", "\n",
	};

	if (one_in(worker, 3))
		snprintf(label, RELOOP_LABEL_SIZE, "fuzz-%u", below(worker, 8));
	else if (one_in(worker, 8))
		strcpy(label, PICK(worker, labels));
	else if (one_in(worker, 16))
		memset(label, 'x', RELOOP_LABEL_SIZE - below(worker, 2));
}

static void draw_attach(struct worker *worker, struct reloop_attach *request, int fd)
{
	static const uint32_t flags[] = {
		RELOOP_ATTACH_READ_ONLY, RELOOP_ATTACH_PARTSCAN, RELOOP_ATTACH_DIRECT_IO,
		RELOOP_ATTACH_OWNER, RELOOP_ATTACH_FLUSH_IGNORE, RELOOP_ATTACH_ANY_BASE,
		RELOOP_ATTACH_UNSHARED, RELOOP_ATTACH_PRIVATE, LO_FLAGS_AUTOCLEAR,
	};

	*request = (struct reloop_attach){
		.size = draw_size(worker, sizeof(*request), RELOOP_ATTACH_SIZE_VER0),
		.flags = one_in(worker, 2) ? 0 : PICK(worker, flags) | PICK(worker, flags),
		.fd = fd,
		.number = one_in(worker, 3) ? -1 : draw_number(worker),
		.block_size = draw_block_size(worker),
		.nospace = one_in(worker, 3) ? (uint32_t)draw_border(worker) : 0,
	};
	draw_label(worker, request->label);
}

static int call_attach(struct worker *worker, struct reloop_attach *request)
{
	draw_mutation(worker, request, sizeof(*request));
	if ((unsigned int)request->fd < 3)
		request->fd = 999;
	/* With RAW it has to be 0. */
	if (request->format && (unsigned int)request->base_fd < 3)
		request->base_fd = 999;
	return control_struct(worker, RELOOP_CTL_ATTACH, "RELOOP_CTL_ATTACH", request,
			      sizeof(*request));
}

int op_attach(struct worker *worker)
{
	struct reloop_attach request;

	draw_attach(worker, &request, table_fd(worker, FILES));
	request.flags &= ~RELOOP_ATTACH_ANY_BASE;
	request.offset = draw_offset(worker);
	request.size_limit = one_in(worker, 4) ? draw_length(worker) : 0;
	return call_attach(worker, &request);
}

/* A file and a second one, which are closed when the call is over. */
static int attach_two(struct worker *worker, uint32_t format, uint32_t not_flags, int fd,
		      int second)
{
	struct reloop_attach request;
	int ret;

	draw_attach(worker, &request, fd);
	if (!one_in(worker, 16))
		request.flags &= ~not_flags;
	request.format = format;
	request.base_fd = one_in(worker, 12) ? table_fd(worker, FILES) : second;
	ret = call_attach(worker, &request);
	if (fd >= 0)
		close(fd);
	if (second >= 0)
		close(second);
	return ret;
}

int op_attach_overlay(struct worker *worker)
{
	int fd = open_overlay(worker);

	return attach_two(worker, RELOOP_FORMAT_OVERLAY, 0, fd, open_base(worker));
}

int op_attach_volatile(struct worker *worker)
{
	const uint32_t not_flags = RELOOP_ATTACH_READ_ONLY | RELOOP_ATTACH_FLUSH_IGNORE |
				   RELOOP_ATTACH_ANY_BASE;
	int fd = open_raw(worker, 2);

	return attach_two(worker, RELOOP_FORMAT_VOLATILE, not_flags, fd, open_side(worker));
}

/* What has a sequence number. */

static uint64_t draw_diskseq(struct worker *worker, int number)
{
	return one_in(worker, 12) ? draw_border(worker) : diskseq_of(number);
}

int op_detach(struct worker *worker)
{
	static const int timeouts[] = { 0, 0, 1, 50, 1000, -1, INT_MAX, INT_MIN };
	struct reloop_detach request = {
		.size = draw_size(worker, sizeof(request), RELOOP_DETACH_SIZE_VER0),
		.number = draw_number(worker),
		.timeout_ms = PICK(worker, timeouts),
	};
	int ret;

	request.diskseq = draw_diskseq(worker, request.number);
	draw_mutation(worker, &request, sizeof(request));
	worker->may_wait = true;
	ret = control_struct(worker, RELOOP_CTL_DETACH, "RELOOP_CTL_DETACH", &request,
			     sizeof(request));
	worker->may_wait = false;
	return ret;
}

static void draw_rule(struct worker *worker, struct reloop_fault *request)
{
	static const uint32_t kinds[] = { 31, 31, 1, 2, 4, 8, 16, 1, 30 };
	/* Of each action: what it can be done to. */
	static const uint32_t fit[] = { 0, 31, 31, 3, 30, 2, 31, 31 };
	static const uint32_t errors[] = { 0, 0, EIO, ENOSPC, ENOMEM, EILSEQ, EPERM };

	request->ops = PICK(worker, kinds) & fit[request->action];
	if (request->action == RELOOP_FAULT_ERROR || request->action == RELOOP_FAULT_TORN)
		request->error = PICK(worker, errors);
	if (request->action == RELOOP_FAULT_DELAY)
		request->delay_ms = 1 + below(worker, 2000);
	request->after = below(worker, 4);
	request->count = below(worker, 8);
	request->chance = below(worker, 4);
	request->seed = draw(worker);
	if (!(request->ops & RELOOP_FAULT_FLUSH) && one_in(worker, 2)) {
		request->start = draw_start(worker);
		request->length = draw_length(worker);
	}
}

int op_fault(struct worker *worker)
{
	struct reloop_fault request = {
		.size = draw_size(worker, sizeof(request), RELOOP_FAULT_SIZE_VER0),
		.action = below(worker, 8),
		.number = draw_number(worker),
	};

	request.diskseq = draw_diskseq(worker, request.number);
	if (request.action)
		draw_rule(worker, &request);
	draw_mutation(worker, &request, sizeof(request));
	return control_struct(worker, RELOOP_CTL_FAULT, "RELOOP_CTL_FAULT", &request,
			      sizeof(request));
}

int op_powercut(struct worker *worker)
{
	struct reloop_powercut request = {
		.size = draw_size(worker, sizeof(request), RELOOP_POWERCUT_SIZE_VER0),
		.keep = below(worker, 5),
		.number = draw_number(worker),
	};

	request.diskseq = draw_diskseq(worker, request.number);
	request.argument = request.keep > RELOOP_KEEP_ALL ? below(worker, 100) : 0;
	draw_mutation(worker, &request, sizeof(request));
	return control_struct(worker, RELOOP_CTL_POWERCUT, "RELOOP_CTL_POWERCUT", &request,
			      sizeof(request));
}

int op_poll(struct worker *worker)
{
	struct pollfd poll_fd = { .fd = table_fd(worker, CONTROLS), .events = POLLIN | POLLPRI };

	say(worker, "poll fd %d", poll_fd.fd);
	return call(poll(&poll_fd, 1, below(worker, 10)));
}
