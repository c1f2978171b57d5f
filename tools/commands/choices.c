// SPDX-License-Identifier: GPL-2.0-only
#include "commands/choices.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "words/reason.h"
#include "words/report.h"

#define ASKED_FOR "as asked for"

static const char *why_cache(const struct dev *dev)
{
	if (attach_options.cache)
		return ASKED_FOR;
	if (!attach_options.direct_io)
		return "the default";
	return dev->direct_io ? ASKED_FOR : "direct I/O is not possible here";
}

static const char *what_bypasses(const struct dev *dev)
{
	if (strcmp(dev->cache, "auto"))
		return dev->direct_io ? "all I/O bypasses the page cache" :
		       "no I/O bypasses the page cache";
	return dev->direct_io ? "all I/O bypasses the page cache, but for reads of what it has" :
	       "what can bypass the page cache does, but for reads of what it has";
}

static const char *why_sector(const struct attachment *attachment)
{
	if (attach_options.sector_bytes == SECTOR_DEFAULT)
		return "the module's choice";
	if (attach_options.sector_bytes != SECTOR_AUTO)
		return ASKED_FOR;
	return attachment->asked_sector ? "what the image was made for" :
	       "the module's choice, since the image does not say what it was made for";
}

static const char *why_read_only(const struct attachment *attachment)
{
	const char *reason = reason_words(attachment->reason);

	if (attach_options.read_only)
		return ASKED_FOR;
	return reason ? reason : "the image cannot be written";
}

static const char *why_partitions(const struct dev *dev)
{
	if (attach_options.partscan)
		return "looked for " ASKED_FOR;
	return dev->partscan ? "looked for, as the module's parameter max_part says" :
	       "not looked for; they are with --partscan";
}

/* Those that the kernel knows by now. */
static size_t count_partitions(const struct dev *dev)
{
	struct partitions partitions = { 0 };

	if (!dev_partitions(dev, &partitions))
		free(partitions.numbers);
	return partitions.count;
}

void choices_report(const struct attaching *attaching, const struct attachment *attachment)
{
	const char *path = attachment->path;
	struct dev dev = attachment->dev;

	if (dev_read(&dev)) {
		report_note("%s: %s has been detached again", path, dev.path);
		return;
	}
	report_note("%s: %s: %s", path, dev.path, strcmp(attaching->prefix, RELOOP_NAMES_LOOP) ?
		    "the module has names of its own; who has loop's: reloop status" :
		    "the module has loop's names");
	report_note("%s: cache %s: %s; %s", path, dev.cache, what_bypasses(&dev), why_cache(&dev));
	report_note("%s: sectors of %" PRIu64 ": %s", path, dev.sector_size,
		    why_sector(attachment));
	report_note("%s: %s%s", path, dev.read_only ? "read-only: " : "writable",
		    dev.read_only ? why_read_only(attachment) : "");
	report_note("%s: partitions %zu: %s", path, count_partitions(&dev), why_partitions(&dev));
}
