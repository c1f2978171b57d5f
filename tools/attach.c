// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
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

/* What people and time-outs send to end us. */
static const int ending_signals[] = { SIGHUP, SIGINT, SIGTERM };

/*
 * They wait until all is attached and announced, or nothing is: half of it would stay for ever.
 * Returns the mask before.
 */
static sigset_t hold_signals(void)
{
	sigset_t held, before;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof(ending_signals) / sizeof(ending_signals[0]); i++)
		sigaddset(&held, ending_signals[i]);
	sigprocmask(SIG_BLOCK, &held, &before);
	return before;
}

static bool signal_came(void)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < sizeof(ending_signals) / sizeof(ending_signals[0]); i++)
		if (sigismember(&pending, ending_signals[i]))
			return true;
	return false;
}

static int check_signals(const char *path)
{
	if (!signal_came())
		return STATUS_OK;
	return report_failure("%s: not attached: a signal came; try again", path);
}

/* All of them or none. */
static int attach_all(const struct attaching *attaching, char **paths, int count,
		      struct attachment *attachments)
{
	int status = STATUS_OK, done = 0;

	while (done < count && status == STATUS_OK) {
		status = attaching_attach(attaching, paths[done], &attachments[done]);
		if (status != STATUS_OK)
			break;
		status = check_signals(paths[done++]);
	}
	if (status == STATUS_OK)
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
	sigset_t before;

	if (status == STATUS_OK)
		status = check_operands(paths, count);
	if (status != STATUS_OK)
		return status;
	status = attaching_begin(&attaching, 0, paths[0]);
	if (status != STATUS_OK)
		return status;
	attachments = calloc(count, sizeof(*attachments));
	before = hold_signals();
	if (attachments)
		status = attach_all(&attaching, paths, count, attachments);
	else
		status = report_failure("%s: not attached: out of memory; free some and try again",
					paths[0]);
	/* What is announced has succeeded, whatever has come meanwhile. */
	if (status != STATUS_OK)
		sigprocmask(SIG_SETMASK, &before, NULL);
	free(attachments);
	attaching_end(&attaching);
	return status;
}

const struct command attach_command = {
	.name = "attach",
	.operands = "IMAGE...",
	.summary = "Attach images, files or block devices, and print the devices.",
	.options = attach_option_rows,
	.run = run_attach,
};
