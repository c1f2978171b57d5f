// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attaching.h"
#include "commands.h"
#include "report.h"

static int report_output(const char *path, int error)
{
	return report_failure("%s: not attached: cannot write the device's name to standard output: "
			      "%s; give it a place to go", path, strerror(error));
}

/* An attachment whose name nobody has learnt would stay for ever, so this may still fail. */
static int announce(const struct attachment *attachments, int count)
{
	errno = 0;
	for (int i = 0; i < count; i++)
		puts(attachments[i].dev.path);
	if (!fflush(stdout) && !ferror(stdout))
		return STATUS_OK;
	return report_output(attachments[0].path, errno);
}

/* All of them or none. */
static int attach_all(const struct attaching *attaching, char **paths, int count,
		      struct attachment *attachments)
{
	int status = STATUS_OK, done;

	for (done = 0; done < count && status == STATUS_OK; done++)
		status = attaching_attach(attaching, paths[done], &attachments[done]);
	if (status != STATUS_OK)
		done--;
	else
		status = announce(attachments, count);
	while (status != STATUS_OK && done-- > 0)
		attaching_undo(attaching, &attachments[done]);
	return status;
}

static int check_operands(char **paths, int count)
{
	if (!count)
		return report_usage("attach", "no image given; give one");
	for (int i = 0; i < count; i++)
		if (!*paths[i])
			return report_usage("attach", "the image's name is empty; give one");
	if (count > 1 && (attach_options.device || attach_options.label))
		return report_usage("attach", "--%s is for one image, and here are %d; "
				    "attach that one by itself",
				    attach_options.device ? "device" : "label", count);
	return STATUS_OK;
}

static int run_attach(char **paths, int count)
{
	int status = attaching_check_options("attach");
	struct attachment *attachments;
	struct attaching attaching;

	if (status == STATUS_OK)
		status = check_operands(paths, count);
	if (status != STATUS_OK)
		return status;
	status = attaching_begin(&attaching, 0, paths[0]);
	if (status != STATUS_OK)
		return status;
	attachments = calloc(count, sizeof(*attachments));
	if (attachments)
		status = attach_all(&attaching, paths, count, attachments);
	else
		status = report_failure("%s: not attached: out of memory; free some and try again",
					paths[0]);
	free(attachments);
	attaching_end(&attaching);
	return status;
}

const struct command attach_command = {
	.name = "attach",
	.operands = "IMAGE...",
	.summary = "Attach image files (or block devices) to devices, and print the devices.",
	.options = attach_option_rows,
	.run = run_attach,
};
