// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/nospace.h"
#include "lib/attributes.h"
#include "lib/find.h"
#include "lib/signals.h"
#include "words/explain.h"
#include "words/report.h"

static const char *sector_size, *cache, *submit, *read_only, *nospace;
static bool keep, partscan, retry;

static const struct option_row set_options[] = {
	{ "sector-size", "SIZE", "a power of two from 512", 'b', .text = &sector_size },
	{ "cache", "HOW", "auto, buffered, direct or dontcache", .text = &cache },
	{ "submit", "HOW", "auto or worker: who issues requests", .text = &submit },
	{ "nospace", "HOW", "error or wait: for space; wait:60: so long",
	  .text = &nospace },
	{ "retry", NULL, "try now what waits for space", .flag = &retry },
	{ "read-only", "YES|NO", "allow no writes, or allow them", 'r', .text = &read_only },
	{ "partscan", NULL, "make block devices of its partitions", 'P', .flag = &partscan },
	{ "keep", NULL, "do not detach it at its last close", .flag = &keep },
	{ 0 }
};

/* The device to change, and its state before. */
struct target {
	struct dev before;
	int fd;				/* unless needs_open() says no */
};

/*
 * A process that waits for a write may keep the device from being opened, and this command may be
 * the way to end that.
 */
static bool needs_open(void)
{
	return sector_size || cache || submit || read_only || keep || partscan;
}

static int set_sector_size(const struct target *target, const char *value)
{
	return ioctl(target->fd, LOOP_SET_BLOCK_SIZE, strtoul(value, NULL, 10)) ? -errno : 0;
}

static int set_cache(const struct target *target, const char *value)
{
	return dev_write_own(&target->before, "cache", value);
}

static int set_submit(const struct target *target, const char *value)
{
	return dev_write_own(&target->before, "submit", value);
}

static int set_nospace(const struct target *target, const char *value)
{
	return dev_write_own(&target->before, "nospace", value);
}

static int set_read_only(const struct target *target, const char *value)
{
	int flag = !strcmp(value, "yes");
	struct dev now = target->before;

	if (ioctl(target->fd, BLKROSET, &flag))
		return -errno;
	return !dev_read(&now) && now.read_only != flag ? -EROFS : 0;
}

/*
 * Settings that can be changed and changed back, each as a text. A sector size may change the cache
 * mode, so it comes first.
 */
static const struct setting {
	const char *name;
	const char **wanted;
	int (*apply)(const struct target *target, const char *value);
} settings[] = {
	{ "sector-size", &sector_size, set_sector_size },
	{ "cache", &cache, set_cache },
	{ "submit", &submit, set_submit },
	{ "read-only", &read_only, set_read_only },
	{ "nospace", &nospace, set_nospace },
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static const char *value_of(const struct dev *dev, const struct setting *setting,
			    char room[SYSFS_WORD_MAX])
{
	if (setting->wanted == &cache)
		return dev->cache;
	if (setting->wanted == &submit)
		return dev->submit;
	if (setting->wanted == &nospace)
		return dev->nospace;
	if (setting->wanted == &read_only)
		return dev->read_only ? "yes" : "no";
	snprintf(room, SYSFS_WORD_MAX, "%" PRIu64, dev->sector_size);
	return room;
}

/* A sector size may have changed the cache mode. */
static bool may_have_changed(const struct setting *setting)
{
	return *setting->wanted || (setting->wanted == &cache && sector_size);
}

/* What this command has changed, among the first @tried. */
static void restore(const struct target *target, size_t tried)
{
	char old[SYSFS_WORD_MAX], new[SYSFS_WORD_MAX];
	struct dev now = target->before;
	const char *value;

	for (size_t i = 0; i < tried && !dev_read(&now); i++) {
		if (!may_have_changed(&settings[i]))
			continue;
		value = value_of(&target->before, &settings[i], old);
		if (strcmp(value, value_of(&now, &settings[i], new)))
			settings[i].apply(target, value);
	}
}

/* Sets both at once, and last, since a partition scan cannot be taken back. */
static int set_flags(const struct target *target)
{
	struct loop_info64 info;

	if (!keep && !partscan)
		return 0;
	if (ioctl(target->fd, LOOP_GET_STATUS64, &info))
		return -errno;
	if (keep)
		info.lo_flags &= ~LO_FLAGS_AUTOCLEAR;
	if (partscan)
		info.lo_flags |= LO_FLAGS_PARTSCAN;
	return ioctl(target->fd, LOOP_SET_STATUS64, &info) ? -errno : 0;
}

static const struct explanation set_errors[] = {
	{ -EBUSY, "it is in use, see who uses it: reloop who DEVICE; or writes wait for space, "
		  "or requests hang by a rule, see: reloop status" },
	{ -EINVAL, "its image or this kernel does not allow that; give another" },
	{ -ENXIO, "it is not attached any more; see: reloop list" },
	{ -EROFS, "it was attached for reading only; attach it again" },
	{ -ENOSYS, "the loaded module cannot do that; load the one that came with this command: "
		   "modprobe -r reloop; modprobe reloop" },
	{ 0 }
};

#define READ_ONLY_SYSFS "/sys is mounted read-only; mount it writable, or do it outside of this " \
			"container"

static int report_set(const char *path, const char *name, int err)
{
	/* The attribute is missing, not the device. */
	int meant = err == -ENOENT ? -ENOSYS : err;
	bool is_sysfs = err == -EROFS && strcmp(name, "read-only");

	return report_error(meant, "%s: not changed: --%s: %s", path, name,
			    is_sysfs ? READ_ONLY_SYSFS : explain(set_errors, meant));
}

static int apply(const struct target *target, const struct setting *setting)
{
	if (signals_came())
		return -EINTR;
	/* A process that has mounted it would not expect that. */
	if (setting->wanted == &read_only && !strcmp(read_only, "yes") && target->before.claimed)
		return -EBUSY;
	return setting->apply(target, *setting->wanted);
}

/* @name: receives the option that failed; @tried: how many of the settings have been tried. */
static int apply_all(const struct target *target, const char **name, size_t *tried)
{
	int err = 0;

	for (*tried = 0; *tried < SETTINGS && !err; ++*tried) {
		if (!*settings[*tried].wanted)
			continue;
		*name = settings[*tried].name;
		err = apply(target, &settings[*tried]);
	}
	if (err)
		return err;
	/* There is nothing to take back of it. */
	if (retry) {
		*name = "retry";
		err = set_nospace(target, "retry");
	}
	if (err)
		return err;
	*name = !keep ? "partscan" : !partscan ? "keep" : "keep --partscan";
	return set_flags(target);
}

static bool is_several(void)
{
	int count = keep || partscan;

	for (size_t i = 0; i < SETTINGS; i++)
		if (*settings[i].wanted)
			count++;
	return count > 1;
}

static int set_all(const char *path, const struct target *target)
{
	int err, status = STATUS_OK;
	const char *name;
	size_t tried;

	if (is_several())
		signals_hold();
	err = apply_all(target, &name, &tried);
	if (err) {
		restore(target, tried);
		status = report_set(path, name, err);
	}
	signals_release();
	return status;
}

static int check(void)
{
	static char text[32];
	uint32_t seconds;
	uint64_t size;
	int status = options_check_sector_size("set", sector_size, &size);

	if (status == STATUS_OK)
		status = options_check_word("set", "cache", cache, CACHE_WORDS);
	if (status == STATUS_OK)
		status = options_check_word("set", "submit", submit, " auto worker ");
	if (status == STATUS_OK)
		status = options_check_word("set", "read-only", read_only, " yes no ");
	if (status == STATUS_OK)
		status = nospace_check("set", nospace, &seconds);
	if (status != STATUS_OK)
		return status;
	if (!needs_open() && !nospace && !retry)
		return report_usage("set", "nothing to set; give an option");
	if (sector_size) {
		snprintf(text, sizeof(text), "%" PRIu64, size);
		sector_size = text;
	}
	return STATUS_OK;
}

/* If the image does not answer here, it would not answer to the kernel, with the device locked. */
static int open_target(struct target *target)
{
	struct stat st;

	target->fd = -1;
	if (!needs_open())
		return 0;
	if (dev_ask_image(&target->before, &st) == -ETIMEDOUT)
		return -ETIMEDOUT;
	target->fd = dev_open(&target->before, O_RDONLY);
	return target->fd < 0 ? target->fd : 0;
}

static int change(const char *path, struct target *target)
{
	int status, err = open_target(target);

	if (err)
		return report_error(err, "%s: not changed: %s", path, err == -ETIMEDOUT ?
				    NO_ANSWER : explain_open(&target->before, err));
	status = set_all(path, target);
	if (target->fd >= 0)
		close(target->fd);
	return status;
}

static int run_set(char **operands, int count)
{
	char prefix[DEV_PREFIX_MAX];
	struct target target;
	int err, status = check();

	if (status != STATUS_OK)
		return status;
	if (count != 1)
		return report_usage("set", count ? "'%s' is too much; give one device or image" :
				    "no device given; give one, or its image",
				    count ? operands[1] : "");
	err = dev_prefix(prefix);
	if (err)
		return report_error(err, "%s: not changed: %s", operands[0], explain_module(err));
	err = dev_find_attached(prefix, operands[0], &target.before);
	if (err)
		return report_error(err, "%s: not changed: %s", operands[0],
				    explain_attached(err));
	return change(operands[0], &target);
}

const struct command set_command = {
	.name = "set",
	.operands = "DEVICE|IMAGE",
	.summary = "Change how a device works: all that is asked for, or nothing.",
	.options = set_options,
	.run = run_set,
};
