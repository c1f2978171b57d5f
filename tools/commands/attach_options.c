// SPDX-License-Identifier: GPL-2.0-only
#include "commands/attach_options.h"

#include <string.h>

#include "commands/nospace.h"
#include "control/label.h"
#include "lib/wait.h"
#include "words/report.h"

struct attach_options attach_options = {
	.create = CREATE_NOT,
	.sector_bytes = SECTOR_DEFAULT,
	.wait_ms = 5000,
};

const struct option_row attach_option_rows[] = {
	{ "offset", "SIZE", "begin SIZE bytes into the image", 'o',
	  .size = &attach_options.offset },
	{ "size-limit", "SIZE", "use at most SIZE bytes of the image",
	  .size = &attach_options.size_limit },
	{ "read-only", NULL, "allow no writes", 'r', .flag = &attach_options.read_only },
	{ "sector-size", "SIZE", "a power of two; auto: what the image was made for", 'b',
	  .text = &attach_options.sector_size },
	{ "format", "HOW", "raw: it is meant as it is, whatever it looks like",
	  .text = &attach_options.format },
	{ "partscan", NULL, "make block devices of its partitions", 'P',
	  .flag = &attach_options.partscan },
	{ "direct-io", NULL, "bypass the page cache for the image",
	  .flag = &attach_options.direct_io },
	{ "cache", "HOW", "auto, buffered, direct or dontcache", .text = &attach_options.cache },
	{ "flush", "HOW", "honour or ignore: a crash ruins the image",
	  .text = &attach_options.flush },
	{ "nospace", "HOW", "error or wait: for space; wait:60: so long",
	  .text = &attach_options.nospace },
	{ "label", "NAME", "a name that no other device has", .text = &attach_options.label },
	{ "private", NULL, "nobody is to look what is in the image by himself",
	  .flag = &attach_options.is_private },
	{ "device", "DEVICE", "use this device instead of the first free one",
	  .text = &attach_options.device },
	{ "create", "SIZE", "make the image first, of SIZE zeros",
	  .size = &attach_options.create },
	{ "preallocate", NULL, "with --create: take all its space now",
	  .flag = &attach_options.preallocate },
	{ "overlay", "FILE|tmp|HOW:FILE", "write there instead; HOW: reflink or auto",
	  .text = &attach_options.overlay },
	{ "force-base", NULL, "with --overlay: whatever has become of the image",
	  .flag = &attach_options.force_base },
	{ "force-share", NULL, "with --read-only: whoever else uses the image",
	  .flag = &attach_options.force_share },
	{ "volatile", NULL, "what is not flushed is lost by: reloop powercut",
	  .flag = &attach_options.is_volatile },
	{ "nodes", NULL, "make its nodes, where /dev gets none by itself",
	  .flag = &attach_options.nodes },
	{ "wait", NULL, "for the nodes of its partitions, and for udev",
	  .flag = &attach_options.wait },
	{ "timeout", "SECONDS", "wait for them that long; 5 if not given",
	  .text = &attach_options.timeout },
	{ 0 }
};

static int check_sector_size(const char *command)
{
	const char *text = attach_options.sector_size;

	if (!text)
		return STATUS_OK;
	if (!strcmp(text, "auto")) {
		attach_options.sector_bytes = SECTOR_AUTO;
		return STATUS_OK;
	}
	return options_check_sector_size(command, text, &attach_options.sector_bytes);
}

/* Accepts only what the module accepts. */
static bool is_label(const char *text)
{
	char label[RELOOP_LABEL_SIZE] = "";
	size_t length = strlen(text);

	return length && length < sizeof(label) &&
	       reloop_label_ok(memcpy(label, text, length));
}

static int check_timeout(const char *command)
{
	const char *text = attach_options.timeout;

	if (!text)
		return STATUS_OK;
	attach_options.wait = true;
	if (wait_parse_seconds(text, &attach_options.wait_ms))
		return STATUS_OK;
	return report_usage(command, "--timeout: '%s' is not a time; "
			    "give seconds, such as 10 or 0.5", text);
}

/* A file with such a name can be given as ./tmp. */
static const struct {
	const char *beginning;
	enum overlay_kind kind;
	bool has_file;
} overlay_kinds[] = {
	{ "tmp", OVERLAY_TEMPORARY, false },
	{ "reflink:", OVERLAY_REFLINK, true },
	{ "auto:", OVERLAY_AUTO, true },
	{ "", OVERLAY_FILE, true },
};

static bool is_kind(const char *text, int kind)
{
	const char *beginning = overlay_kinds[kind].beginning;

	return overlay_kinds[kind].has_file ? !strncmp(text, beginning, strlen(beginning)) :
	       !strcmp(text, beginning);
}

static int check_overlay(const char *command)
{
	const char *text = attach_options.overlay;
	int kind = 0;

	if (!text)
		return STATUS_OK;
	while (!is_kind(text, kind))
		kind++;
	attach_options.overlay_kind = overlay_kinds[kind].kind;
	attach_options.overlay_file = text + strlen(overlay_kinds[kind].beginning);
	if (overlay_kinds[kind].has_file && !*attach_options.overlay_file)
		return report_usage(command, "--overlay: '%s' has no name of a file; give one",
				    text);
	if (attach_options.offset)
		return report_usage(command, "both --overlay and --offset; an overlay is of all "
				    "of the image");
	if (attach_options.create != CREATE_NOT)
		return report_usage(command, "both --overlay and --create; give one of them");
	return STATUS_OK;
}

static int check_force(const char *command)
{
	const struct attach_options *options = &attach_options;

	if (options->force_base && !options->overlay)
		return report_usage(command, "--force-base without --overlay; give both");
	if (options->force_base && options->overlay_kind != OVERLAY_FILE)
		return report_usage(command, "--force-base is for --overlay FILE; what is made anew "
				    "has the base it is made for");
	if (options->force_share && (!options->read_only || options->overlay))
		return report_usage(command, "--force-share is for --read-only, without --overlay");
	return STATUS_OK;
}

static int check_volatile(const char *command)
{
	const struct attach_options *options = &attach_options;

	if (!options->is_volatile)
		return STATUS_OK;
	if (options->overlay)
		return report_usage(command, "both --volatile and --overlay; give one of them");
	if (options->read_only)
		return report_usage(command, "both --volatile and --read-only; nothing would be "
				    "written that could be lost");
	if (options->flush && !strcmp(options->flush, "ignore"))
		return report_usage(command, "both --volatile and --flush=ignore; nothing would "
				    "ever get to the image");
	return STATUS_OK;
}

int attach_options_check(const char *command)
{
	const struct attach_options *options = &attach_options;
	int status = check_sector_size(command);

	if (status == STATUS_OK)
		status = check_timeout(command);
	if (status == STATUS_OK)
		status = check_overlay(command);
	if (status == STATUS_OK)
		status = check_force(command);
	if (status == STATUS_OK)
		status = check_volatile(command);
	if (status == STATUS_OK)
		status = options_check_word(command, "flush", options->flush, " honour ignore ");
	if (status == STATUS_OK)
		status = options_check_word(command, "format", options->format, " raw ");
	if (status == STATUS_OK)
		status = options_check_word(command, "cache", options->cache, CACHE_WORDS);
	if (status == STATUS_OK)
		status = nospace_check(command, options->nospace,
				       &attach_options.nospace_seconds);
	if (status != STATUS_OK)
		return status;
	if (options->cache && options->direct_io)
		return report_usage(command, "both --cache and --direct-io; give one of them");
	if (options->label && !is_label(options->label))
		return report_usage(command, "--label: '%s' cannot be one; give 1 to %d letters, "
				    "digits or signs of ASCII without a slash, and no -part1 at the end",
				    options->label, RELOOP_LABEL_SIZE - 1);
	if (options->preallocate && options->create == CREATE_NOT)
		return report_usage(command, "--preallocate without --create; give both");
	return STATUS_OK;
}
