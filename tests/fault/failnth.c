// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does one thing again and again, and each time has the kernel refuse another of the
 * allocations made on the way: the first, then the second, until there are no more.
 *
 *	failnth [--errno NAME] [--from N] [--every N] VERB TARGET [FILE [FILE]]
 *
 * The verbs are at the end; TARGET is a device, its number, or a module, as the verb needs.
 * Each time the verb either fails with that error (ENOMEM) and all is as it was before, or
 * succeeds as if nothing had been refused. Where it does neither, the kernel is asked to log
 * what it refuses, the step is repeated and the walk ends with status 1.
 *
 * With --every, only each Nth of them is refused.
 *
 * What is refused is set up in debugfs by the caller: fail-nth counts all that can fail.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../include/uapi/reloop.h"

static const char *target;
static const char *files[2];

static int device_fd = -1;
static int control_fd = -1;

static void die(const char *format, ...)
{
	va_list args;

	fputs("failnth: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

static void write_file(const char *path, const char *text)
{
	int fd = open_or_die(path, O_WRONLY);

	if (write(fd, text, strlen(text)) < 0)
		die("%s: %s", path, strerror(errno));
	close(fd);
}

/* Refusals. */

static int fail_nth_fd;

/* Have the @nth allocation of this thread from now on refused; 0 for none. */
static void refuse(unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	/* Reading this number from us is one of the things that can be refused. */
	while (pwrite(fail_nth_fd, text, length, 0) < 0)
		if (errno != EFAULT)
			die("fail-nth: %s", strerror(errno));
}

/* End it. Returns whether something was refused. */
static bool has_refused(void)
{
	char text[16] = "";
	bool refused = false;

	/* EFAULT: refused now, so it had not been yet. */
	if (pread(fail_nth_fd, text, sizeof(text) - 1, 0) > 0)
		refused = atoi(text) == 0;
	else if (errno != EFAULT)
		die("fail-nth: %s", strerror(errno));
	refuse(0);
	return refused;
}

/* With a trace of who asked. */
static void log_refusals(void)
{
	write_file("/sys/kernel/debug/failslab/verbose", "2");
	write_file("/sys/kernel/debug/fail_page_alloc/verbose", "2");
	write_file("/sys/kernel/debug/fail_usercopy/verbose", "2");
}

/* What can be seen of the target, as a text to compare. */

/*
 * picture - @text is complete after picture_end()
 * @exact: with what may be different after each success
 */
struct picture {
	FILE *stream;
	char *text;
	size_t size;
	bool exact;
};

static void picture_begin(struct picture *picture, bool exact)
{
	picture->exact = exact;
	picture->stream = open_memstream(&picture->text, &picture->size);
	if (!picture->stream)
		die("out of memory");
}

static void picture_end(struct picture *picture)
{
	fclose(picture->stream);
}

static void picture_file(struct picture *picture, const char *path)
{
	char text[4096];
	FILE *file = fopen(path, "re");
	size_t length;

	if (!file)
		return;
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fprintf(picture->stream, "%s: %s\n", path, text);
	fclose(file);
}

/* These change by themselves. */
static bool is_counter(const char *name)
{
	return !strcmp(name, "stat") || !strcmp(name, "inflight");
}

/*
 * Each medium has a number of its own. And blk-mq makes do with fewer requests where it does
 * not get the memory for as many as it was asked for, whoever the driver is.
 */
static bool may_differ(const char *name)
{
	return !strcmp(name, "diskseq") || !strcmp(name, "uevent") || !strcmp(name, "nr_requests");
}

static bool is_to_be_read(const struct picture *picture, const struct dirent *entry)
{
	if (entry->d_type != DT_REG || is_counter(entry->d_name))
		return false;
	return picture->exact || !may_differ(entry->d_name);
}

static void picture_directory(struct picture *picture, const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char *name;

	if (!directory) {
		fprintf(picture->stream, "%s: absent\n", path);
		return;
	}
	while ((entry = readdir(directory))) {
		fprintf(picture->stream, "%s/%s\n", path, entry->d_name);
		if (!is_to_be_read(picture, entry))
			continue;
		if (asprintf(&name, "%s/%s", path, entry->d_name) < 0)
			die("out of memory");
		picture_file(picture, name);
		free(name);
	}
	closedir(directory);
}

static void picture_status(struct picture *picture)
{
	const unsigned char *byte;
	struct loop_info64 info;
	size_t i;

	if (device_fd < 0)
		return;
	if (ioctl(device_fd, LOOP_GET_STATUS64, &info)) {
		fprintf(picture->stream, "status: %s\n", strerrorname_np(errno));
		return;
	}
	byte = (const unsigned char *)&info;
	for (i = 0; i < sizeof(info); i++)
		fprintf(picture->stream, "%02x", byte[i]);
}

static void picture_block_device(struct picture *picture, const char *name)
{
	static const char * const parts[] = { "", "/loop", "/queue", NULL };
	const char * const *part;
	char path[128];

	for (part = parts; *part; part++) {
		snprintf(path, sizeof(path), "/sys/block/%s%s", name, *part);
		picture_directory(picture, path);
	}
}

static void picture_device(struct picture *picture)
{
	picture_block_device(picture, strrchr(target, '/') + 1);
	picture_status(picture);
	/* Nobody is told of what did not happen. */
	if (picture->exact)
		picture_file(picture, "/sys/kernel/uevent_seqnum");
}

static void picture_number(struct picture *picture)
{
	char name[32];

	snprintf(name, sizeof(name), "loop%s", target);
	picture_block_device(picture, name);
	picture_directory(picture, "/sys/class/bdi");
}

static void picture_module(struct picture *picture)
{
	static const char * const directories[] = {
		"/sys/module", "/sys/block", "/sys/class/bdi", "/sys/class/misc",
		"/sys/devices/virtual/block", "/sys/kernel/debug/block", NULL
	};
	const char * const *directory;

	picture_file(picture, "/proc/devices");
	picture_file(picture, "/proc/misc");
	for (directory = directories; *directory; directory++)
		picture_directory(picture, *directory);
}

static void print_difference(const char *before, const char *after)
{
	FILE *was = fopen("before", "we"), *is = fopen("after", "we");

	if (!was || !is)
		die("cannot write here: %s", strerror(errno));
	fputs(before, was);
	fputs(after, is);
	fclose(was);
	fclose(is);
	fflush(stdout);
	if (system("diff before after") < 0)
		die("diff: %s", strerror(errno));
}

/* A device: attached to files[0] or not. Between two steps it is detached, and not open. */

static bool is_attached(void)
{
	struct loop_info64 info;

	return !ioctl(device_fd, LOOP_GET_STATUS64, &info);
}

static void attach_or_die(int file_flags)
{
	struct loop_config config = {
		.fd = open_or_die(files[0], file_flags),
	};

	if (ioctl(device_fd, LOOP_CONFIGURE, &config))
		die("LOOP_CONFIGURE: %s", strerror(errno));
	close(config.fd);
}

static void prepare_open(void)
{
	device_fd = open_or_die(target, O_RDWR);
}

static void prepare_attached(void)
{
	prepare_open();
	attach_or_die(O_RDWR);
}

static void prepare_attached_read_only(void)
{
	prepare_open();
	attach_or_die(O_RDONLY);
}

static void finish_device(void)
{
	if (device_fd < 0)
		device_fd = open_or_die(target, O_RDWR);
	if (is_attached() && ioctl(device_fd, LOOP_CLR_FD))
		die("LOOP_CLR_FD: %s", strerror(errno));
	close(device_fd);
	device_fd = open_or_die(target, O_RDWR);
	if (is_attached())
		die("%s stays attached", target);
	close(device_fd);
	device_fd = -1;
}

/* The file is opened before anything is refused, and closed after. */
static int file_fd = -1;

static void prepare_configure(void)
{
	prepare_open();
	file_fd = open_or_die(files[0], O_RDWR);
}

static void finish_configure(void)
{
	close(file_fd);
	finish_device();
}

static int configure(unsigned int flags)
{
	struct loop_config config = { .fd = file_fd, .info.lo_flags = flags };

	return ioctl(device_fd, LOOP_CONFIGURE, &config);
}

static int do_configure(void)
{
	return configure(0);
}

static int do_configure_direct(void)
{
	return configure(LO_FLAGS_DIRECT_IO);
}

static int do_configure_partscan(void)
{
	return configure(LO_FLAGS_PARTSCAN);
}

static int do_set_fd(void)
{
	return ioctl(device_fd, LOOP_SET_FD, file_fd);
}

static int do_set_status(void)
{
	struct loop_info64 info = { .lo_offset = 4096, .lo_sizelimit = 65536 };

	return ioctl(device_fd, LOOP_SET_STATUS64, &info);
}

static int do_set_status_partscan(void)
{
	struct loop_info64 info = { .lo_flags = LO_FLAGS_PARTSCAN };

	return ioctl(device_fd, LOOP_SET_STATUS64, &info);
}

static void prepare_change_fd(void)
{
	prepare_attached_read_only();
	file_fd = open_or_die(files[1], O_RDONLY);
}

static int do_change_fd(void)
{
	return ioctl(device_fd, LOOP_CHANGE_FD, file_fd);
}

static int do_set_block_size(void)
{
	return ioctl(device_fd, LOOP_SET_BLOCK_SIZE, 4096UL);
}

static int do_set_direct_io(void)
{
	return ioctl(device_fd, LOOP_SET_DIRECT_IO, 1UL);
}

static void resize_file(off_t size)
{
	if (truncate(files[0], size))
		die("%s: %s", files[0], strerror(errno));
}

static void prepare_set_capacity(void)
{
	resize_file(1 << 20);
	prepare_attached();
	resize_file(2 << 20);
}

static int do_set_capacity(void)
{
	return ioctl(device_fd, LOOP_SET_CAPACITY);
}

static int do_get_status(void)
{
	struct loop_info64 info;

	return ioctl(device_fd, LOOP_GET_STATUS64, &info);
}

/* Half of a detach is done by the last close. */
static int do_detach(void)
{
	int ret = ioctl(device_fd, LOOP_CLR_FD);
	int error = errno;

	if (!ret) {
		close(device_fd);
		device_fd = -1;
	}
	errno = error;
	return ret;
}

/* Device number TARGET: between two steps it is not there. */

static bool has_number(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/block/loop%s", target);
	return !access(path, F_OK);
}

static int do_add(void)
{
	return ioctl(control_fd, LOOP_CTL_ADD, atol(target)) < 0 ? -1 : 0;
}

static int do_remove(void)
{
	return ioctl(control_fd, LOOP_CTL_REMOVE, atol(target));
}

static int do_get_free(void)
{
	return ioctl(control_fd, LOOP_CTL_GET_FREE) < 0 ? -1 : 0;
}

static void prepare_control(void)
{
	if (control_fd < 0)
		control_fd = open_or_die("/dev/loop-control", O_RDWR);
}

static void prepare_remove(void)
{
	prepare_control();
	if (do_add())
		die("LOOP_CTL_ADD: %s", strerror(errno));
}

static void finish_number(void)
{
	if (has_number() && do_remove())
		die("LOOP_CTL_REMOVE: %s", strerror(errno));
}

/*
 * By one ioctl of the control node: to device number TARGET, which is there already or has to
 * be made. Between two steps it is not attached.
 */

static char *node_of_number(void)
{
	static char node[64];

	snprintf(node, sizeof(node), "/dev/loop%s", target);
	return node;
}

static void picture_attached_number(struct picture *picture)
{
	picture_block_device(picture, node_of_number() + strlen("/dev/"));
	picture_directory(picture, "/sys/class/bdi");
}

static void prepare_control_attach(void)
{
	prepare_control();
	file_fd = open_or_die(files[0], O_RDWR);
}

/* What is attached. */
static __u64 diskseq;

static int do_control_attach(void)
{
	struct reloop_attach attach = {
		.size = sizeof(attach),
		.fd = file_fd,
		.number = atoi(target),
		.label = "walk",
	};

	if (ioctl(control_fd, RELOOP_CTL_ATTACH, &attach))
		return -1;
	diskseq = attach.diskseq;
	return 0;
}

static int do_control_detach(void)
{
	struct reloop_detach detach = {
		.size = sizeof(detach),
		.number = atoi(target),
		.timeout_ms = -1,
		.diskseq = diskseq,
	};

	return ioctl(control_fd, RELOOP_CTL_DETACH, &detach);
}

/* It may not be attached: then there is another number, or none. */
static void finish_control_attach(void)
{
	close(file_fd);
	if (do_control_detach() && errno != ESTALE && errno != ENODEV)
		die("RELOOP_CTL_DETACH: %s", strerror(errno));
}

static void finish_control_attach_new(void)
{
	finish_control_attach();
	finish_number();
}

static void prepare_control_detach(void)
{
	prepare_control_attach();
	if (do_control_attach())
		die("RELOOP_CTL_ATTACH: %s", strerror(errno));
}

/* Module TARGET, with parameters FILE: between two steps it is not loaded. */

static int module_fd;

static void prepare_load(void)
{
	if (module_fd <= 0)
		module_fd = open_or_die(target, O_RDONLY);
}

static int do_load(void)
{
	return syscall(SYS_finit_module, module_fd, files[0] ?: "", 0);
}

static void finish_load(void)
{
	if (access("/sys/module/reloop", F_OK))
		return;
	if (syscall(SYS_delete_module, "reloop", O_NONBLOCK))
		die("delete_module: %s", strerror(errno));
}

/*
 * verb - something that allocates
 * @prepare, @finish: make the state it begins with; make the state between two steps
 * @run: what is done; 0, or -1 and errno
 * @draw: what is compared
 * @judgement: LENIENT if it may succeed with less, for part of it is not worth failing for:
 *             the kernel reports no partition that it could not add, nor a debugfs entry;
 *             and a module whose node may be open by now cannot fail for want of a device
 * @other_error: another error it may fail with; the block layer does not look whether it could
 *               name a disk and is then told that one without a name is invalid
 */
enum judgement { STRICT, LENIENT };

struct verb {
	const char *name;
	void (*prepare)(void);
	int (*run)(void);
	void (*finish)(void);
	void (*draw)(struct picture *picture);
	enum judgement judgement;
	int other_error;
};

static const struct verb verbs[] = {
	{
		.name = "configure",
		.prepare = prepare_configure,
		.run = do_configure,
		.finish = finish_configure,
		.draw = picture_device,
	},
	{
		.name = "configure-direct",
		.prepare = prepare_configure,
		.run = do_configure_direct,
		.finish = finish_configure,
		.draw = picture_device,
	},
	{
		.name = "configure-partscan",
		.prepare = prepare_configure,
		.run = do_configure_partscan,
		.finish = finish_configure,
		.draw = picture_device,
		.judgement = LENIENT,
	},
	{
		.name = "set-fd",
		.prepare = prepare_configure,
		.run = do_set_fd,
		.finish = finish_configure,
		.draw = picture_device,
	},
	{
		.name = "set-status",
		.prepare = prepare_attached,
		.run = do_set_status,
		.finish = finish_device,
		.draw = picture_device,
	},
	{
		.name = "set-status-partscan",
		.prepare = prepare_attached,
		.run = do_set_status_partscan,
		.finish = finish_device,
		.draw = picture_device,
		.judgement = LENIENT,
	},
	{
		.name = "change-fd",
		.prepare = prepare_change_fd,
		.run = do_change_fd,
		.finish = finish_configure,
		.draw = picture_device,
	},
	{
		.name = "set-block-size",
		.prepare = prepare_attached,
		.run = do_set_block_size,
		.finish = finish_device,
		.draw = picture_device,
	},
	{
		.name = "set-direct-io",
		.prepare = prepare_attached,
		.run = do_set_direct_io,
		.finish = finish_device,
		.draw = picture_device,
	},
	{
		.name = "set-capacity",
		.prepare = prepare_set_capacity,
		.run = do_set_capacity,
		.finish = finish_device,
		.draw = picture_device,
	},
	{
		.name = "get-status",
		.prepare = prepare_attached,
		.run = do_get_status,
		.finish = finish_device,
		.draw = picture_device,
	},
	{
		.name = "detach",
		.prepare = prepare_attached,
		.run = do_detach,
		.finish = finish_device,
		.draw = picture_device,
	},
	{
		.name = "add",
		.prepare = prepare_control,
		.run = do_add,
		.finish = finish_number,
		.draw = picture_number,
		.other_error = EINVAL,
	},
	{
		.name = "remove",
		.prepare = prepare_remove,
		.run = do_remove,
		.finish = finish_number,
		.draw = picture_number,
	},
	{
		.name = "get-free",
		.prepare = prepare_control,
		.run = do_get_free,
		.finish = finish_number,
		.draw = picture_number,
		.other_error = EINVAL,
	},
	{
		.name = "control-attach",
		.prepare = prepare_control_attach,
		.run = do_control_attach,
		.finish = finish_control_attach,
		.draw = picture_attached_number,
	},
	{
		.name = "control-attach-new",
		.prepare = prepare_control_attach,
		.run = do_control_attach,
		.finish = finish_control_attach_new,
		.draw = picture_attached_number,
		.other_error = EINVAL,
	},
	{
		.name = "control-detach",
		.prepare = prepare_control_detach,
		.run = do_control_detach,
		.finish = finish_control_attach,
		.draw = picture_attached_number,
	},
	{
		.name = "load",
		.prepare = prepare_load,
		.run = do_load,
		.finish = finish_load,
		.draw = picture_module,
		.judgement = LENIENT,
	},
	{ .name = NULL }
};

/* The walk. */

static const char *expected_error = "ENOMEM";
static char *picture_of_success;

static bool is_success_whole(const struct verb *verb, const char *after)
{
	if (!picture_of_success)
		picture_of_success = strdup(after);
	if (!picture_of_success)
		die("out of memory");
	if (verb->judgement == LENIENT || !strcmp(after, picture_of_success))
		return true;

	printf("it succeeded, but not wholly:\n");
	print_difference(picture_of_success, after);
	return false;
}

static bool is_failure_clean(const struct verb *verb, int error, const char *before,
			     const char *after)
{
	if (strcmp(strerrorname_np(error), expected_error) && error != verb->other_error) {
		printf("it failed with %s\n", strerrorname_np(error));
		return false;
	}
	if (strcmp(before, after)) {
		printf("it failed and left traces:\n");
		print_difference(before, after);
		return false;
	}
	return true;
}

enum outcome { NOTHING_REFUSED, FAILED, SUCCEEDED, WRONG };

/* Once, with the @nth allocation refused. */
static enum outcome take_step(const struct verb *verb, unsigned int nth)
{
	struct picture before, after;
	bool refused, good;
	int ret, error;

	verb->prepare();
	picture_begin(&before, true);
	verb->draw(&before);
	picture_end(&before);

	refuse(nth);
	ret = verb->run();
	error = errno;
	refused = has_refused() && nth;

	picture_begin(&after, ret != 0);
	verb->draw(&after);
	picture_end(&after);
	verb->finish();

	if (ret)
		good = is_failure_clean(verb, error, before.text, after.text);
	else
		good = is_success_whole(verb, after.text);
	free(before.text);
	free(after.text);

	if (!good)
		return WRONG;
	if (!refused)
		return ret ? WRONG : NOTHING_REFUSED;
	return ret ? FAILED : SUCCEEDED;
}

static int walk(const struct verb *verb, unsigned int nth, unsigned int step)
{
	unsigned int failed = 0, succeeded = 0;
	enum outcome outcome;

	if (take_step(verb, 0) != NOTHING_REFUSED) {
		printf("%s does not succeed when nothing is refused\n", verb->name);
		return 1;
	}
	for (;; nth += step) {
		outcome = take_step(verb, nth);
		if (outcome == NOTHING_REFUSED)
			break;
		if (outcome == WRONG) {
			printf("that was %s without number %u\n", verb->name, nth);
			log_refusals();
			take_step(verb, nth);
			return 1;
		}
		if (outcome == FAILED)
			failed++;
		else
			succeeded++;
	}
	printf("%s: %u refusals: it failed after %u and succeeded after %u\n",
	       verb->name, failed + succeeded, failed, succeeded);
	return 0;
}

static const struct verb *find_verb(const char *name)
{
	const struct verb *verb;

	for (verb = verbs; verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	die("no verb %s", name);
	return NULL;
}

int main(int argc, char **argv)
{
	const struct verb *verb;
	unsigned int from = 1, every = 1;

	for (; argc > 2 && !strncmp(argv[1], "--", 2); argc -= 2, argv += 2) {
		if (!strcmp(argv[1], "--errno"))
			expected_error = argv[2];
		else if (!strcmp(argv[1], "--from"))
			from = atoi(argv[2]);
		else if (!strcmp(argv[1], "--every"))
			every = atoi(argv[2]);
		else
			die("no option %s", argv[1]);
	}
	if (argc < 3 || argc > 5)
		die("[--errno NAME] [--from N] [--every N] VERB TARGET [FILE [FILE]]");
	verb = find_verb(argv[1]);
	target = argv[2];
	files[0] = argv[3];
	files[1] = argc > 4 ? argv[4] : NULL;
	fail_nth_fd = open_or_die("/proc/thread-self/fail-nth", O_RDWR);

	return walk(verb, from, every);
}
