// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loop ioctls one at a time, for tests: what losetup would hide by retrying,
 * falling back or choosing another ioctl is seen here.
 *
 *	loopctl [--control NODE] add|remove|get-free [INDEX]
 *	loopctl VERB DEVICE [ARGUMENT...]
 *
 * Prints what the kernel answers; a refusal is the errno's name on standard output
 * and exit status 1. Wrong use is exit status 2.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "loopctl: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void misused(const char *what)
{
	fprintf(stderr, "loopctl: %s\n", what);
	exit(2);
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

/* Read-only where it can't be written, as losetup does for images and devices. */
static int open_writable(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? open_or_die(path, O_RDONLY) : fd;
}

static long long parse_number(const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 0);
	if (errno || end == text || *end)
		misused("not a number");
	return value;
}

static int report(int ret)
{
	if (ret >= 0)
		return 0;
	puts(strerrorname_np(errno));
	return 1;
}

/* KEY=VALUE words, the same for every struct the kernel takes them in. */
static void parse_info(struct loop_info64 *info, char **words)
{
	for (; *words; words++) {
		const char *value = strchr(*words, '=');
		size_t length;

		if (!value++)
			misused("KEY=VALUE expected");
		length = value - *words;
		if (!strncmp(*words, "offset=", length))
			info->lo_offset = parse_number(value);
		else if (!strncmp(*words, "sizelimit=", length))
			info->lo_sizelimit = parse_number(value);
		else if (!strncmp(*words, "flags=", length))
			info->lo_flags = parse_number(value);
		else if (!strncmp(*words, "encrypt=", length))
			info->lo_encrypt_type = parse_number(value);
		else if (!strncmp(*words, "name=", length))
			strncpy((char *)info->lo_file_name, value, LO_NAME_SIZE - 1);
		else if (strncmp(*words, "block_size=", length))
			misused("unknown key");
	}
}

static unsigned int parse_block_size(char **words)
{
	for (; *words; words++)
		if (!strncmp(*words, "block_size=", 11))
			return parse_number(*words + 11);
	return 0;
}

static int do_add(int fd, char **args)
{
	int index = ioctl(fd, LOOP_CTL_ADD, args[0] ? parse_number(args[0]) : -1);

	if (index >= 0)
		printf("%d\n", index);
	return index;
}

static int do_remove(int fd, char **args)
{
	return ioctl(fd, LOOP_CTL_REMOVE, args[0] ? parse_number(args[0]) : -1);
}

static int do_get_free(int fd, char **args)
{
	int index = ioctl(fd, LOOP_CTL_GET_FREE);

	(void)args;
	if (index >= 0)
		printf("%d\n", index);
	return index;
}

static int do_configure(int fd, char **args)
{
	struct loop_config config = {
		.fd = open_writable(args[0]),
		.block_size = parse_block_size(args + 1),
	};

	parse_info(&config.info, args + 1);
	return ioctl(fd, LOOP_CONFIGURE, &config);
}

static int do_set_fd(int fd, char **args)
{
	return ioctl(fd, LOOP_SET_FD, open_writable(args[0]));
}

static int do_change_fd(int fd, char **args)
{
	return ioctl(fd, LOOP_CHANGE_FD, open_or_die(args[0], O_RDONLY));
}

static int do_clr_fd(int fd, char **args)
{
	(void)args;
	return ioctl(fd, LOOP_CLR_FD);
}

/* Keys not given keep their values, flags included. */
static int do_set_status(int fd, char **args)
{
	struct loop_info64 info;

	if (ioctl(fd, LOOP_GET_STATUS64, &info))
		return -1;
	parse_info(&info, args);
	return ioctl(fd, LOOP_SET_STATUS64, &info);
}

static int do_get_status(int fd, char **args)
{
	struct loop_info64 info;

	(void)args;
	if (ioctl(fd, LOOP_GET_STATUS64, &info))
		return -1;
	printf("number=%u inode=%llu offset=%llu sizelimit=%llu flags=%u name=%s\n",
	       info.lo_number, (unsigned long long)info.lo_inode,
	       (unsigned long long)info.lo_offset,
	       (unsigned long long)info.lo_sizelimit, info.lo_flags,
	       info.lo_file_name);
	return 0;
}

static int do_set_status_old(int fd, char **args)
{
	struct loop_info64 wanted = { 0 };
	struct loop_info info;

	if (ioctl(fd, LOOP_GET_STATUS, &info))
		return -1;
	wanted.lo_offset = info.lo_offset;
	wanted.lo_flags = info.lo_flags;
	parse_info(&wanted, args);
	info.lo_offset = wanted.lo_offset;
	info.lo_flags = wanted.lo_flags;
	return ioctl(fd, LOOP_SET_STATUS, &info);
}

static int do_get_status_old(int fd, char **args)
{
	struct loop_info info;

	(void)args;
	if (ioctl(fd, LOOP_GET_STATUS, &info))
		return -1;
	printf("number=%d inode=%lu offset=%d flags=%d name=%s\n", info.lo_number,
	       (unsigned long)info.lo_inode, info.lo_offset, info.lo_flags,
	       info.lo_name);
	return 0;
}

static int do_set_capacity(int fd, char **args)
{
	(void)args;
	return ioctl(fd, LOOP_SET_CAPACITY);
}

static int do_set_direct_io(int fd, char **args)
{
	return ioctl(fd, LOOP_SET_DIRECT_IO, (unsigned long)parse_number(args[0]));
}

static int do_set_block_size(int fd, char **args)
{
	return ioctl(fd, LOOP_SET_BLOCK_SIZE, (unsigned long)parse_number(args[0]));
}

/* An ioctl that no loop driver knows. */
static int do_unknown(int fd, char **args)
{
	(void)args;
	return ioctl(fd, _IO('L', 0xee));
}

struct verb {
	const char *name;
	int (*run)(int fd, char **args);
	int min_args;
};

static const struct verb control_verbs[] = {
	{ "add", do_add, 0 },
	{ "remove", do_remove, 0 },
	{ "get-free", do_get_free, 0 },
	{ "control-unknown", do_unknown, 0 },
	{ 0 }
};

static const struct verb device_verbs[] = {
	{ "configure", do_configure, 1 },
	{ "set-fd", do_set_fd, 1 },
	{ "change-fd", do_change_fd, 1 },
	{ "clr-fd", do_clr_fd, 0 },
	{ "set-status", do_set_status, 0 },
	{ "get-status", do_get_status, 0 },
	{ "set-status-old", do_set_status_old, 0 },
	{ "get-status-old", do_get_status_old, 0 },
	{ "set-capacity", do_set_capacity, 0 },
	{ "set-direct-io", do_set_direct_io, 1 },
	{ "set-block-size", do_set_block_size, 1 },
	{ "unknown", do_unknown, 0 },
	{ 0 }
};

static const struct verb *find_verb(const struct verb *verbs, const char *name)
{
	for (; verbs->name; verbs++)
		if (!strcmp(verbs->name, name))
			return verbs;
	return NULL;
}

static int run_verb(const struct verb *verb, const char *node, char **args)
{
	int count = 0;

	while (args[count])
		count++;
	if (count < verb->min_args)
		misused("too few arguments");
	return report(verb->run(open_writable(node), args));
}

int main(int argc, char **argv)
{
	const char *control_node = "/dev/loop-control";
	const struct verb *verb;
	char **args = argv + 1;

	if (argc > 2 && !strcmp(*args, "--control")) {
		control_node = args[1];
		args += 2;
	}
	if (!*args)
		misused("which verb?");
	verb = find_verb(control_verbs, *args);
	if (verb)
		return run_verb(verb, control_node, args + 1);
	verb = find_verb(device_verbs, *args);
	if (!verb || !args[1])
		misused("VERB DEVICE expected");
	return run_verb(verb, args[1], args + 2);
}
