// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls that reloop adds to the control node, one at a time, for tests.
 *
 *	ownctl attach FILE [KEY=VALUE...]	prints what it got, KEY=VALUE
 *	ownctl detach NUMBER DISKSEQ TIMEOUT [KEY=VALUE...]
 *	ownctl fault NUMBER DISKSEQ [KEY=VALUE...]
 *	ownctl powercut NUMBER DISKSEQ [KEY=VALUE...]	prints what it got
 *	ownctl storm CHILDREN ROUNDS		see storm()
 *	ownctl renew FILE NUMBER ROUNDS		see renew()
 *	ownctl race FILE NUMBER ROUNDS		see race()
 *	ownctl rivals FILE ROUNDS		see rivals()
 *
 * A key is a member of the struct, or:
 *
 *	tail=N	there are 8 more bytes than the size says at least, with this value
 *	null=1	there is no struct
 *	const=1	there is one, but it cannot be written to
 *	open=ro	open the control node for reading only
 *	hold=1	after an attach, keep the control node open until a signal comes
 *	poll=1	after an attach, until poll() says that all it owned has gone
 *	again=1	and attaches the same again at once
 *	and=FILE	after an attach, attach this too, by the same control node, which owns it
 *
 * A refusal is the errno's name on standard output and exit status 1. Wrong use is status 2.
 * SIGUSR1 interrupts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/uapi/reloop.h"

#define CONTROL_NODE	"/dev/loop-control"

static void die(const char *what)
{
	fprintf(stderr, "ownctl: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void misused(const char *what)
{
	fprintf(stderr, "ownctl: %s?\n", what);
	exit(2);
}

static long long parse_number(const char *text)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 0);
	if (errno || end == text || *end)
		misused(text);
	return value;
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

/* What of the call is not in a struct. */
struct call {
	int open_flags;
	uint64_t tail;
	bool has_tail;
	bool is_null;
	bool is_const;
	bool holds;
	bool polls;
	bool again;
	const char *also;
};

/* Where KEY=VALUE is cut. */
static const char *value_of(const char *word)
{
	const char *value = strchr(word, '=');

	if (!value)
		misused(word);
	return value + 1;
}

static bool has_key(const char *word, const char *key)
{
	size_t length = strlen(key);

	return !strncmp(word, key, length) && word[length] == '=';
}

static bool parse_call(struct call *call, const char *word)
{
	const char *value = value_of(word);

	if (has_key(word, "tail")) {
		call->tail = parse_number(value);
		call->has_tail = true;
	} else if (has_key(word, "open")) {
		call->open_flags = strcmp(value, "ro") ? O_RDWR : O_RDONLY;
	} else if (has_key(word, "null")) {
		call->is_null = parse_number(value);
	} else if (has_key(word, "const")) {
		call->is_const = parse_number(value);
	} else if (has_key(word, "hold")) {
		call->holds = parse_number(value);
	} else if (has_key(word, "poll")) {
		call->polls = parse_number(value);
	} else if (has_key(word, "again")) {
		call->again = parse_number(value);
	} else if (has_key(word, "and")) {
		call->also = value;
	} else {
		return false;
	}
	return true;
}

static void *const_copy(const void *argument, size_t size)
{
	void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		die("mmap");
	memcpy(copy, argument, size);
	if (mprotect(copy, size, PROT_READ))
		die("mprotect");
	return copy;
}

/* What @user is before the call. */
#define NO_USER	-1

static void print_reason(const struct reloop_attach *attach)
{
	if (attach->reason)
		printf(" %u", attach->reason);
	if (attach->user != NO_USER && attach->size == sizeof(*attach))
		printf(" loop%d", attach->user);
}

/* @size bytes of struct, and room for what is behind it. */
static int call_ioctl(const struct call *call, unsigned long number, void *argument, size_t size)
{
	int fd = open_or_die(CONTROL_NODE, call->open_flags);
	uint32_t *given = argument;

	if (call->has_tail) {
		memcpy((char *)argument + size, &call->tail, sizeof(call->tail));
		*given += sizeof(call->tail);
	}
	if (call->is_null)
		argument = NULL;
	else if (call->is_const)
		argument = const_copy(argument, size);
	if (ioctl(fd, number, argument)) {
		printf("%s", strerrorname_np(errno));
		if (argument && number == RELOOP_CTL_ATTACH)
			print_reason(argument);
		puts("");
		exit(1);
	}
	return fd;
}

static void parse_attach(struct reloop_attach *attach, const char *word)
{
	const char *value = value_of(word);

	if (has_key(word, "size"))
		attach->size = parse_number(value);
	else if (has_key(word, "flags"))
		attach->flags = parse_number(value);
	else if (has_key(word, "fd"))
		attach->fd = parse_number(value);
	else if (has_key(word, "number"))
		attach->number = parse_number(value);
	else if (has_key(word, "block_size"))
		attach->block_size = parse_number(value);
	else if (has_key(word, "reserved"))
		attach->reserved = parse_number(value);
	else if (has_key(word, "cache"))
		attach->cache = parse_number(value);
	else if (has_key(word, "offset"))
		attach->offset = parse_number(value);
	else if (has_key(word, "size_limit"))
		attach->size_limit = parse_number(value);
	else if (has_key(word, "format"))
		attach->format = parse_number(value);
	else if (has_key(word, "base_fd"))
		attach->base_fd = parse_number(value);
	else if (has_key(word, "base"))
		attach->base_fd = open_or_die(value, O_RDONLY);
	else if (has_key(word, "side"))
		attach->base_fd = open_or_die(value, O_RDWR);
	else if (has_key(word, "label"))
		memcpy(attach->label, value, strnlen(value, sizeof(attach->label)));
	else
		misused(word);
}

static int open_image(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? open_or_die(path, O_RDONLY) : fd;
}

static void wait_for_hangup(int control)
{
	struct pollfd end = { .fd = control };

	if (poll(&end, 1, -1) == 1)
		puts(end.revents == POLLHUP ? "gone" : "something else");
}

static void print_attached(const struct reloop_attach *attach)
{
	printf("number=%d diskseq=%llu flags=%#x block_size=%u capacity=%llu\n", attach->number,
	       (unsigned long long)attach->diskseq, attach->flags, attach->block_size,
	       (unsigned long long)attach->capacity);
}

static void attach_also(int control, const char *image)
{
	struct reloop_attach attach = { .size = sizeof(attach), .flags = RELOOP_ATTACH_OWNER,
					.fd = open_image(image), .number = -1 };

	if (ioctl(control, RELOOP_CTL_ATTACH, &attach))
		die(image);
	print_attached(&attach);
}

static int do_attach(char **args)
{
	struct call call = { .open_flags = O_RDWR };
	struct {
		struct reloop_attach attach;
		char room[8];
	} argument = { .attach = { .size = sizeof(argument.attach), .number = -1,
				     .user = NO_USER } };
	struct reloop_attach *attach = &argument.attach, again;
	int control;

	attach->fd = open_image(*args++);
	for (; *args; args++)
		if (!parse_call(&call, *args))
			parse_attach(attach, *args);
	again = *attach;
	control = call_ioctl(&call, RELOOP_CTL_ATTACH, &argument, sizeof(*attach));

	print_attached(attach);
	if (call.also)
		attach_also(control, call.also);
	fflush(stdout);
	if (call.holds)
		pause();
	if (call.polls)
		wait_for_hangup(control);
	if (call.again && ioctl(control, RELOOP_CTL_ATTACH, &again))
		die("again");
	return 0;
}

static void parse_detach(struct reloop_detach *detach, const char *word)
{
	const char *value = value_of(word);

	if (has_key(word, "size"))
		detach->size = parse_number(value);
	else if (has_key(word, "flags"))
		detach->flags = parse_number(value);
	else
		misused(word);
}

static int do_detach(char **args)
{
	struct call call = { .open_flags = O_RDWR };
	struct {
		struct reloop_detach detach;
		char room[8];
	} argument = { .detach = { .size = sizeof(argument.detach) } };
	struct reloop_detach *detach = &argument.detach;

	if (!args[1] || !args[2])
		misused("NUMBER DISKSEQ TIMEOUT");
	detach->number = parse_number(*args++);
	detach->diskseq = parse_number(*args++);
	detach->timeout_ms = parse_number(*args++);
	for (; *args; args++)
		if (!parse_call(&call, *args))
			parse_detach(detach, *args);
	call_ioctl(&call, RELOOP_CTL_DETACH, &argument, sizeof(*detach));
	return 0;
}

static void parse_fault(struct reloop_fault *fault, const char *word)
{
	const char *value = value_of(word);
	const struct member {
		const char *name;
		__u32 *narrow;
		__u64 *wide;
	} members[] = {
		{ "size", .narrow = &fault->size },
		{ "action", .narrow = &fault->action },
		{ "error", .narrow = &fault->error },
		{ "ops", .narrow = &fault->ops },
		{ "delay_ms", .narrow = &fault->delay_ms },
		{ "reserved", .narrow = &fault->reserved },
		{ "start", .wide = &fault->start },
		{ "length", .wide = &fault->length },
		{ "seed", .wide = &fault->seed },
		{ 0 }
	}, *member = members;

	while (member->name && !has_key(word, member->name))
		member++;
	if (!member->name)
		misused(word);
	if (member->narrow)
		*member->narrow = parse_number(value);
	else
		*member->wide = parse_number(value);
}

static int do_fault(char **args)
{
	struct call call = { .open_flags = O_RDWR };
	struct {
		struct reloop_fault fault;
		char room[8];
	} argument = { .fault = { .size = sizeof(argument.fault) } };
	struct reloop_fault *fault = &argument.fault;

	if (!args[1])
		misused("NUMBER DISKSEQ");
	fault->number = parse_number(*args++);
	fault->diskseq = parse_number(*args++);
	for (; *args; args++)
		if (!parse_call(&call, *args))
			parse_fault(fault, *args);
	call_ioctl(&call, RELOOP_CTL_FAULT, &argument, sizeof(*fault));
	return 0;
}

static void parse_powercut(struct reloop_powercut *cut, const char *word)
{
	const char *value = value_of(word);

	if (has_key(word, "size"))
		cut->size = parse_number(value);
	else if (has_key(word, "keep"))
		cut->keep = parse_number(value);
	else if (has_key(word, "argument"))
		cut->argument = parse_number(value);
	else if (has_key(word, "reserved"))
		cut->reserved = parse_number(value);
	else if (has_key(word, "reserved2"))
		cut->reserved2 = parse_number(value);
	else
		misused(word);
}

static int do_powercut(char **args)
{
	struct call call = { .open_flags = O_RDWR };
	struct {
		struct reloop_powercut cut;
		char room[8];
	} argument = { .cut = { .size = sizeof(argument.cut) } };
	struct reloop_powercut *cut = &argument.cut;

	if (!args[1])
		misused("NUMBER DISKSEQ");
	cut->number = parse_number(*args++);
	cut->diskseq = parse_number(*args++);
	for (; *args; args++)
		if (!parse_call(&call, *args))
			parse_powercut(cut, *args);
	call_ioctl(&call, RELOOP_CTL_POWERCUT, &argument, sizeof(*cut));
	printf("kept=%llu dropped=%llu block_size=%u\n", (unsigned long long)cut->kept,
	       (unsigned long long)cut->dropped, cut->block_size);
	return 0;
}

/* A file of one block that says whose it is. */
static int make_own_file(unsigned int child)
{
	char name[32], block[4096] = "";
	int fd;

	snprintf(name, sizeof(name), "storm.%u", child);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	snprintf(block, sizeof(block), "child %u", child);
	if (fd < 0 || write(fd, block, sizeof(block)) != sizeof(block))
		die(name);
	return fd;
}

static bool device_is_own(int number, unsigned int child)
{
	char name[32], text[32] = "", expected[32];
	int fd;

	snprintf(name, sizeof(name), "/dev/loop%d", number);
	snprintf(expected, sizeof(expected), "child %u", child);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		return false;
	}
	close(fd);
	if (!strcmp(text, expected))
		return true;
	fprintf(stderr, "%s: %s, not %s\n", name, text, expected);
	return false;
}

/* Each third time the owner just goes. */
static bool storm_round(unsigned int child, unsigned int round, int file)
{
	struct reloop_attach attach = { .size = sizeof(attach), .fd = file, .number = -1 };
	struct reloop_detach detach = { .size = sizeof(detach), .timeout_ms = -1 };
	int control = open_or_die(CONTROL_NODE, O_RDWR);
	bool leaves = round % 3 == 0, good = true;

	attach.flags = round % 3 == 2 ? 0 : RELOOP_ATTACH_OWNER;
	if (ioctl(control, RELOOP_CTL_ATTACH, &attach)) {
		perror("attach");
		return false;
	}
	good = device_is_own(attach.number, child);
	detach.number = attach.number;
	detach.diskseq = attach.diskseq;
	if (!leaves && ioctl(control, RELOOP_CTL_DETACH, &detach)) {
		perror("detach");
		good = false;
	}
	close(control);
	return good;
}

static void storm_child(unsigned int child, unsigned int rounds)
{
	int file = make_own_file(child);
	unsigned int round;

	for (round = 0; round < rounds; round++)
		if (!storm_round(child, round, file))
			exit(1);
	exit(0);
}

/*
 * Many at once attach, each its own file, look whether it is what the device shows, and
 * detach, again and again. Nothing of it may fail.
 */
static int storm(char **args)
{
	unsigned int children, rounds, child, failed = 0;
	int status;

	if (!args[1])
		misused("CHILDREN ROUNDS");
	children = parse_number(args[0]);
	rounds = parse_number(args[1]);
	for (child = 0; child < children; child++)
		if (!fork())
			storm_child(child, rounds);
	while (wait(&status) > 0)
		failed += status != 0;
	printf("%u of %u failed\n", failed, children);
	return failed != 0;
}

/*
 * Attaches with an owner to the device of that number, which is made for it, and closes that, again
 * and again. Each time the device before is just being removed.
 */
static int renew(char **args)
{
	struct reloop_attach attach = { .size = sizeof(attach), .flags = RELOOP_ATTACH_OWNER };
	unsigned int rounds;
	int control;

	if (!args[1] || !args[2])
		misused("FILE NUMBER ROUNDS");
	attach.fd = open_image(args[0]);
	attach.number = parse_number(args[1]);
	for (rounds = parse_number(args[2]); rounds; rounds--) {
		control = open_or_die(CONTROL_NODE, O_RDWR);
		attach.flags = RELOOP_ATTACH_OWNER;
		if (ioctl(control, RELOOP_CTL_ATTACH, &attach)) {
			printf("%s, %u rounds before the end\n", strerrorname_np(errno), rounds);
			return 1;
		}
		close(control);
	}
	return 0;
}

static bool is_there(int number)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/block/loop%d", number);
	return !access(path, F_OK);
}

static bool is_gone_soon(int number)
{
	for (int tries = 0; is_there(number) && tries < 5000; tries++)
		usleep(10000);
	return !is_there(number);
}

/* A child attaches to the device and ends, while it is removed. */
static void attach_and_remove(struct reloop_attach *attach)
{
	int control = open_or_die(CONTROL_NODE, O_RDWR), own;

	ioctl(control, LOOP_CTL_ADD, attach->number);
	if (!fork()) {
		own = open_or_die(CONTROL_NODE, O_RDWR);
		ioctl(own, RELOOP_CTL_ATTACH, attach);
		_exit(0);
	}
	while (ioctl(control, LOOP_CTL_REMOVE, attach->number) && errno == EBUSY)
		;
	wait(NULL);
	close(control);
}

/*
 * Attaches to a device that is being removed, again and again. What is removed stays so: whoever
 * attached has made a device that goes with him, or has not got any.
 */
static int race(char **args)
{
	struct reloop_attach attach = { .size = sizeof(attach), .flags = RELOOP_ATTACH_OWNER };
	unsigned int rounds;

	if (!args[1] || !args[2])
		misused("FILE NUMBER ROUNDS");
	attach.fd = open_image(args[0]);
	attach.number = parse_number(args[1]);
	for (rounds = parse_number(args[2]); rounds; rounds--) {
		attach_and_remove(&attach);
		if (is_gone_soon(attach.number))
			continue;
		printf("it is there again, %u rounds before the end\n", rounds);
		return 1;
	}
	return 0;
}

/* One of two, and what became of it. */
struct rival {
	struct reloop_attach attach;
	int error;
};

/* Both begin when both are there. */
static void attach_as_rival(struct rival *rival, int *there, int file)
{
	int control = open_or_die(CONTROL_NODE, O_RDWR);

	rival->attach = (struct reloop_attach){
		.size = sizeof(rival->attach), .flags = RELOOP_ATTACH_UNSHARED, .fd = file,
		.number = -1, .user = NO_USER,
	};
	__atomic_add_fetch(there, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(there, __ATOMIC_SEQ_CST) < 2)
		;
	rival->error = ioctl(control, RELOOP_CTL_ATTACH, &rival->attach) ? errno : 0;
	_exit(0);
}

static bool one_has_won(const struct rival *winner, const struct rival *loser)
{
	return !winner->error && loser->error == EBUSY &&
	       loser->attach.reason == RELOOP_REASON_ATTACHED &&
	       loser->attach.user == winner->attach.number;
}

static void detach_rival(const struct rival *rival)
{
	struct reloop_detach detach = {
		.size = sizeof(detach), .number = rival->attach.number, .timeout_ms = -1,
		.diskseq = rival->attach.diskseq,
	};
	int control = open_or_die(CONTROL_NODE, O_RDWR);

	if (!rival->error && ioctl(control, RELOOP_CTL_DETACH, &detach))
		die("detach");
	close(control);
}

/*
 * Two attach one file at once and share it with nobody, again and again: one of them
 * gets it, and the other is told which device that has.
 */
static int rivals(char **args)
{
	struct {
		struct rival rivals[2];
		int there;
	} *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rival *a = &shared->rivals[0], *b = &shared->rivals[1];
	int file;

	if (!args[1])
		misused("FILE ROUNDS");
	if (shared == MAP_FAILED)
		die("mmap");
	file = open_image(args[0]);
	for (unsigned int rounds = parse_number(args[1]); rounds; rounds--) {
		shared->there = 0;
		for (int i = 0; i < 2; i++)
			if (!fork())
				attach_as_rival(&shared->rivals[i], &shared->there, file);
		while (wait(NULL) > 0)
			;
		detach_rival(a);
		detach_rival(b);
		if (one_has_won(a, b) || one_has_won(b, a))
			continue;
		printf("%d reason %u user %d, %d reason %u user %d, %u rounds before the end\n",
		       a->error, a->attach.reason, a->attach.user, b->error, b->attach.reason,
		       b->attach.user, rounds);
		return 1;
	}
	return 0;
}

static void ignore(int signal)
{
	(void)signal;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = ignore };

	sigaction(SIGUSR1, &action, NULL);
	if (argc < 3)
		misused("VERB");
	if (!strcmp(argv[1], "attach"))
		return do_attach(argv + 2);
	if (!strcmp(argv[1], "detach"))
		return do_detach(argv + 2);
	if (!strcmp(argv[1], "fault"))
		return do_fault(argv + 2);
	if (!strcmp(argv[1], "powercut"))
		return do_powercut(argv + 2);
	if (!strcmp(argv[1], "storm"))
		return storm(argv + 2);
	if (!strcmp(argv[1], "renew"))
		return renew(argv + 2);
	if (!strcmp(argv[1], "race"))
		return race(argv + 2);
	if (!strcmp(argv[1], "rivals"))
		return rivals(argv + 2);
	misused(argv[1]);
	return 2;
}
