// SPDX-License-Identifier: GPL-2.0-only
/* What sysfs shows of a device, and what can be set there; and nodes. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ops.h"

#define LOOP_MAJOR	7

/* One of a directory; @name has twice PATH_BYTES. */
static bool draw_entry(struct worker *worker, const char *path, char *name)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned int seen = 0;

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_REG && one_in(worker, ++seen))
			snprintf(name, 2 * PATH_BYTES, "%s/%s", path, entry->d_name);
	closedir(dir);
	return seen > 0;
}

int op_read_attribute(struct worker *worker)
{
	static const char *const dirs[] = {
		"/loop", "/loop", "/reloop", "/reloop", "/reloop", "/queue", "", "/integrity", "/mq/0",
	};
	char path[PATH_BYTES], name[2 * PATH_BYTES], text[4096];
	size_t length = one_in(worker, 8) ? 1 + below(worker, 3) : sizeof(text);
	int fd, ret;

	snprintf(path, sizeof(path), "/sys/block/loop%d%s", draw_number(worker),
		 PICK(worker, dirs));
	say(worker, "list %s", path);
	if (!draw_entry(worker, path, name))
		return -ENOENT;
	say(worker, "read %s", name);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* It may stay open while the device goes. */
	usleep(one_in(worker, 4) ? below(worker, 2000) : 0);
	ret = call(pread(fd, text, length, one_in(worker, 8) ? below(worker, 5000) : 0));
	close(fd);
	return ret;
}

struct setting {
	const char *name;
	const char *values[8];
};

static const struct setting attributes[] = {
	{ "reloop/submit", { "auto", "worker", "auto\n", "", "autoworker" } },
	{ "reloop/cache", { "auto", "buffered", "direct", "dontcache", "none", "direct\n" } },
	{ "reloop/nospace", { "error", "wait", "wait:1", "wait:0", "wait:4294967295", "retry",
			      "wait:-1" } },
	{ "reloop/state", { "idle" } },
	{ "loop/offset", { "0" } },
	{ "queue/nr_requests", { "4", "64", "128", "256", "0", "-1", "4294967296" } },
	{ "queue/scheduler", { "none", "mq-deadline", "none", "bfq", "kyber", "nosuch" } },
	{ "queue/read_ahead_kb", { "0", "128", "4", "1024" } },
	{ "queue/max_sectors_kb", { "1280", "4", "64", "0", "1", "99999999" } },
	{ "queue/nomerges", { "0", "1", "2" } },
	{ "queue/rq_affinity", { "0", "1", "2" } },
	{ "queue/write_cache", { "write back", "write through", "none" } },
	{ "queue/discard_max_bytes", { "0", "4096", "4294966784", "511", "-1" } },
	{ "queue/iostats", { "0", "1" } },
	{ "queue/rotational", { "0", "1" } },
	{ "queue/add_random", { "0", "1" } },
	{ "queue/io_poll", { "0", "1" } },
	{ "queue/io_timeout", { "30000", "100", "0" } },
	{ "queue/wbt_lat_usec", { "0", "-1", "1000" } },
	{ "uevent", { "change", "add", "remove", "nosuch" } },
	{ "events_poll_msecs", { "-1", "0", "100" } },
};

static const char *draw_value(struct worker *worker, const struct setting *setting)
{
	unsigned int count = 0;

	while (count < ARRAY_COUNT(setting->values) && setting->values[count])
		count++;
	return setting->values[below(worker, count)];
}

int op_write_attribute(struct worker *worker)
{
	const struct setting *setting = one_in(worker, 2) ? &attributes[below(worker, 3)] :
							    &PICK(worker, attributes);
	const char *value = draw_value(worker, setting);
	char path[PATH_BYTES];
	int fd, ret;

	snprintf(path, sizeof(path), "/sys/block/loop%d/%s", draw_number(worker), setting->name);
	say(worker, "write '%s' to %s", value, path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = call(write(fd, value, strlen(value)));
	close(fd);
	return ret;
}

/* One that is there without the device: who opens it makes that. */
int op_make_node(struct worker *worker)
{
	unsigned int number = below(worker, 16);
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/node-%u", settings.dirs[0], number);
	say(worker, "make %s", path);
	unlink(path);
	return call(mknod(path, S_IFBLK | 0600, makedev(LOOP_MAJOR, number)));
}
