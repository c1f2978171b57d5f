// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/keep.h"
#include "lib/bind.h"
#include "lib/find.h"
#include "words/explain.h"
#include "words/report.h"

static const char *keep;

static const struct option_row powercut_options[] = {
	{ "keep", "HOW", KEEP_HELP, .text = &keep },
	{ 0 }
};

static int cut_power(const char *path, const char *prefix, struct reloop_powercut *cut)
{
	int control, err;
	struct dev dev;

	err = dev_find_attached(prefix, path, &dev);
	if (err)
		return report_error(err, "%s: %s", path, explain_attached(err));
	control = bind_open_control(prefix);
	if (control < 0)
		return report_error(control, "%s: /dev/%s" RELOOP_NAMES_CONTROL ": %s", path,
				    prefix, explain_control(control));
	err = bind_powercut(control, &dev, cut);
	close(control);
	return err ? report_error(err, "%s: %s", path, keep_explain(err)) : STATUS_OK;
}

static int run_powercut(char **operands, int count)
{
	char prefix[DEV_PREFIX_MAX], text[KEEP_TEXT_MAX];
	struct reloop_powercut cut;
	int err, status = keep_parse("powercut", "keep", keep, &cut);

	if (status != STATUS_OK)
		return status;
	if (count != 1)
		return report_usage("powercut", count ? "several devices given; give one" :
				    "no device given; give one, or its image");
	err = dev_prefix(prefix);
	if (err)
		return report_error(err, "%s: %s", operands[0], explain_module(err));
	status = cut_power(operands[0], prefix, &cut);
	if (status != STATUS_OK)
		return status;
	keep_describe(&cut, text);
	puts(text);
	return STATUS_OK;
}

static void print_more(void)
{
	puts("\nOf a device that was attached with --volatile. All I/O of it fails from then\n"
	     "on; detach it, attach the image again, and look. The same SEED keeps the same.");
}

const struct command powercut_command = {
	.name = "powercut",
	.operands = "DEVICE|IMAGE",
	.summary = "Cut the power of a device: what was not flushed is lost.",
	.options = powercut_options,
	.help = print_more,
	.run = run_powercut,
};
