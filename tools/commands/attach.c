// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/attaching.h"
#include "commands/choices.h"
#include "commands/commands.h"
#include "commands/keeper.h"
#include "lib/signals.h"
#include "words/json.h"
#include "words/report.h"

static const char *owner_text;
static bool as_json, verbose;

static const struct option_row attach_options_of_its_own[] = {
	{ "json", NULL, "print JSON, with the partitions", 'J', .flag = &as_json },
	{ "owner", "PID", "detach when this process has ended", .text = &owner_text },
	{ "verbose", NULL, "tell what was chosen, and why", 'v', .flag = &verbose },
	{ 0 }
};

/* The process of --owner, as opened by keeper_open_owner(). */
#define NO_OWNER -1
static int owner = NO_OWNER;

static int report_output(const char *path, int error)
{
	return report_failure("%s: not attached: cannot write the device's name to standard output: "
			      "%s; give it a place to go", path, strerror(error));
}

static int print_plainly(const struct attachment *attachments, int count)
{
	for (int i = 0; i < count; i++)
		puts(attachments[i].dev.path);
	return 0;
}

/* Prints the partitions that exist by now. Returns 0 or -errno. */
static int print_partitions(struct json *json, const struct dev *dev)
{
	struct partitions partitions;
	char node[DEV_NODE_MAX];
	int err = dev_partitions(dev, &partitions);

	json_array_begin(json, "partitions");
	for (size_t i = 0; i < partitions.count; i++) {
		dev_node(dev, partitions.numbers[i], node);
		json_text(json, NULL, node);
	}
	json_array_end(json);
	free(partitions.numbers);
	return err;
}

static int write_json(FILE *out, const struct attachment *attachments, int count)
{
	struct json json;
	int err = 0;

	json_begin(&json, out);
	json_array_begin(&json, "devices");
	for (int i = 0; i < count && !err; i++) {
		json_row_begin(&json);
		json_text(&json, "device", attachments[i].dev.path);
		json_text(&json, "image", attachments[i].path);
		err = print_partitions(&json, &attachments[i].dev);
		json_object_end(&json);
	}
	json_rows_end(&json);
	json_end(&json);
	return err;
}

/* Prints everything or nothing. */
static int print_json(const struct attachment *attachments, int count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err = out ? write_json(out, attachments, count) : -ENOMEM;

	if (out && fclose(out))
		err = -ENOMEM;
	if (!err)
		fputs(text, stdout);
	free(text);
	return err;
}

/* An attachment whose name nobody has learned would stay forever, so this may still fail. */
static int announce(const struct attachment *attachments, int count)
{
	int err;

	errno = 0;
	err = (as_json ? print_json : print_plainly)(attachments, count);
	if (!err && !fflush(stdout) && !ferror(stdout))
		return STATUS_OK;
	return report_output(attachments[0].path, err ? -err : errno);
}

/* Whatever is announced is kept, and what is not kept is not announced. */
static int keep_and_announce(const struct attaching *attaching,
			     const struct attachment *attachments, int count)
{
	pid_t keeper = 0;
	int status;

	if (owner != NO_OWNER)
		keeper = keeper_start(owner, attaching, attachments, count);
	if (keeper < 0)
		return report_failure("%s: not attached: no process to watch %s: %s; %s",
				      attachments[0].path, owner_text, strerror(-keeper),
				      keeper == -EACCES ? "allow it the directory /" :
				      keeper == -ENOENT ? "make /dev/null" : "end some");
	status = announce(attachments, count);
	if (status != STATUS_OK && keeper)
		keeper_stop(keeper);
	return status;
}

/* Attaches all of them or none. */
static int attach_all(const struct attaching *attaching, char **paths, int count,
		      struct attachment *attachments)
{
	int status = STATUS_OK, done = 0;

	while (done < count && status == STATUS_OK) {
		status = attaching_attach(attaching, paths[done], &attachments[done]);
		if (status == STATUS_OK)
			done++;
	}
	if (status == STATUS_OK)
		status = keep_and_announce(attaching, attachments, count);
	for (int i = 0; verbose && status == STATUS_OK && i < done; i++)
		choices_report(attaching, &attachments[i]);
	while (done-- > 0) {
		if (status != STATUS_OK)
			attaching_undo(attaching, &attachments[done]);
		else
			attaching_keep(&attachments[done]);
	}
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
	if (count > 1 && attach_options.overlay_kind > OVERLAY_NONE &&
	    attach_options.overlay_kind != OVERLAY_TEMPORARY)
		return report_usage("attach", "--overlay is for one image, and here are %d; attach "
				    "that one by itself, or use --overlay tmp", count);
	return STATUS_OK;
}

static int check_owner(const char *path)
{
	long pid;
	char *end;

	if (!owner_text)
		return STATUS_OK;
	errno = 0;
	pid = strtol(owner_text, &end, 10);
	if (errno || *end || pid < 1 || pid > INT_MAX)
		return report_usage("attach", "--owner: '%s' is not the number of a process; "
				    "give one, such as $$", owner_text);
	owner = keeper_open_owner(pid);
	if (owner >= 0)
		return STATUS_OK;
	if (owner != -ESRCH)
		return report_error(owner, "%s: not attached: process %ld: %s", path, pid,
				    strerror(-owner));
	return report_error(-ENOENT, "%s: not attached: there is no process %ld; "
			    "give one that is there, such as $$", path, pid);
}

static int run_attach(char **paths, int count)
{
	int status = attach_options_check("attach");
	struct attachment *attachments;
	struct attaching attaching;

	if (status == STATUS_OK)
		status = check_operands(paths, count);
	if (status == STATUS_OK)
		status = check_owner(paths[0]);
	if (status != STATUS_OK)
		return status;
	status = attaching_begin(&attaching, owner == NO_OWNER ? 0 : RELOOP_ATTACH_OWNER,
				 paths[0]);
	if (status != STATUS_OK)
		return status;
	attachments = calloc(count, sizeof(*attachments));
	if (attachments)
		status = attach_all(&attaching, paths, count, attachments);
	else
		status = report_failure("%s: not attached: out of memory; free some and try again",
					paths[0]);
	/* Once announced, it has succeeded, whatever signal has come meanwhile. */
	if (status != STATUS_OK)
		signals_release();
	free(attachments);
	attaching_end(&attaching);
	return status;
}

const struct command attach_command = {
	.name = "attach",
	.operands = "IMAGE...",
	.summary = "Attach images, files or block devices, and print the devices.",
	.options = attach_options_of_its_own,
	.more_options = attach_option_rows,
	.run = run_attach,
};
