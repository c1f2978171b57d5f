// SPDX-License-Identifier: GPL-2.0-only
#include "commands/keep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/size.h"
#include "words/explain.h"
#include "words/report.h"

static const struct {
	const char *name;
	bool takes_number;
	bool needs_number;
} ways[] = {
	[RELOOP_KEEP_NONE] = { "none" },
	[RELOOP_KEEP_ALL] = { "all" },
	[RELOOP_KEEP_RANDOM] = { "random", .takes_number = true },
	[RELOOP_KEEP_PREFIX] = { "prefix", .takes_number = true, .needs_number = true },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static const struct explanation errors[] = {
	{ -ENXIO, "it is not attached any more; see: reloop list" },
	{ -ESTALE, "it is attached to something else by now; see: reloop list" },
	{ -EOPNOTSUPP, "its write cache is not volatile; attach it with --volatile" },
	{ -EALREADY, "its power has been cut already; detach it" },
	{ -EINVAL, "the loaded module knows no such power cut; load the one that came with this "
		   "command: modprobe -r reloop; modprobe reloop" },
	{ -ENOSYS, "the loaded module is too old for this command; "
		   "load the one that came with it: modprobe -r reloop; modprobe reloop" },
	{ -ENOSPC, "power is cut, but not all is kept that was to be: no space is left for the "
		   "image; detach it, and free some" },
	{ -EDQUOT, "power is cut, but not all is kept that was to be: the quota for the image is "
		   "used up; detach it, and free some" },
	{ -EIO, "power is cut, but not all is kept that was to be: the disk or the server of the "
		"image fails, see: dmesg; detach it" },
	{ 0 }
};

const char *keep_explain(int err)
{
	return explain(errors, err);
}

static bool is_named(const char *text, size_t length, unsigned int way)
{
	return strlen(ways[way].name) == length && !strncmp(ways[way].name, text, length);
}

/* Small enough to be typed again. */
static __u64 draw_seed(void)
{
	uint32_t seed = 0;

	return getrandom(&seed, sizeof(seed), 0) == sizeof(seed) ? seed : 0;
}

static bool parse(const char *text, struct reloop_powercut *cut)
{
	size_t length = strcspn(text, ":");
	const char *number = text[length] ? text + length + 1 : NULL;
	unsigned int way = 0;
	uint64_t argument = 0;

	while (way < WAYS && !is_named(text, length, way))
		way++;
	if (way == WAYS || (number && !ways[way].takes_number))
		return false;
	cut->keep = way;
	if (number && !size_parse_number(number, 0, UINT64_MAX, &argument))
		return false;
	cut->argument = argument;
	if (number)
		return true;
	if (way == RELOOP_KEEP_RANDOM)
		cut->argument = draw_seed();
	return !ways[way].needs_number;
}

int keep_parse(const char *command, const char *option, const char *text,
	       struct reloop_powercut *cut)
{
	*cut = (struct reloop_powercut) { .keep = RELOOP_KEEP_NONE };
	if (!text || parse(text, cut))
		return STATUS_OK;
	return report_usage(command, "--%s: '%s' is not what can be kept; give none, all, random, "
			    "random:SEED or prefix:NUMBER", option, text);
}

void keep_describe(const struct reloop_powercut *cut, char text[KEEP_TEXT_MAX])
{
	char number[32] = "";

	if (ways[cut->keep].takes_number)
		snprintf(number, sizeof(number), ":%" PRIu64, (uint64_t)cut->argument);
	snprintf(text, KEEP_TEXT_MAX, "%s%s: kept %" PRIu64 ", dropped %" PRIu64
		 " blocks of %u bytes", ways[cut->keep].name, number, (uint64_t)cut->kept,
		 (uint64_t)cut->dropped, cut->block_size);
}
