// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/attach_options.h"
#include "commands/attaching.h"
#include "commands/commands.h"
#include "commands/keep.h"
#include "commands/leftovers.h"
#include "commands/mount.h"
#include "commands/private.h"
#include "lib/bind.h"
#include "lib/signals.h"
#include "words/explain.h"
#include "words/report.h"

#define PARTITION_VARIABLE "RELOOP_PART"

static struct texts wanted_mounts;
static const char *powercut;
static bool no_private;

static const struct option_row rows[] = {
	{ "mount", "DIR[:PART[:OPTIONS]]", "mount it, or its partition PART, on DIR", 'm',
	  .texts = &wanted_mounts },
	{ "no-private", NULL, "let others look what is in the image", .flag = &no_private },
	{ "powercut", "HOW", KEEP_HELP, .text = &powercut },
	{ 0 }
};

struct run {
	struct attaching attaching;
	struct attachment attachment;
	struct mount mounts[TEXTS_MAX];
	struct partitions partitions;
	struct reloop_powercut cut;
	int cut_control;	/* belongs to the process that cuts the power */
};

static const struct explanation hold_errors[] = {
	{ -ENXIO, "somebody has detached it again; try again" },
	{ 0 }
};

/* --- --powercut ----------------------------------------------------------------------------- */

/* Opens it while /dev is still the original one. Nothing belongs to this open file. */
static int open_to_cut(struct run *run)
{
	const char *prefix = run->attaching.prefix;

	if (!powercut)
		return STATUS_OK;
	run->cut_control = bind_open_control(prefix);
	if (run->cut_control >= 0)
		return STATUS_OK;
	not_run(run->attachment.path, "/dev/%s" RELOOP_NAMES_CONTROL ": %s", prefix,
		explain_control(run->cut_control));
	return STATUS_RUN_FAILED;
}

/* What the command has left running goes on until its mounts go, as in a real power cut. */
static int cut_power(struct run *run, int status)
{
	int err = bind_powercut(run->cut_control, &run->attachment.dev, &run->cut);
	char text[KEEP_TEXT_MAX];

	/* The command has cut the power itself. */
	if (err == -EALREADY)
		return status;
	if (err) {
		report_failure("%s: %s%s", run->attachment.path,
			       bind_is_lost(err) ? "" : "no power cut: ", keep_explain(err));
		return status ? status : STATUS_RUN_FAILED;
	}
	keep_describe(&run->cut, text);
	report_note("%s: power cut: %s", run->attachment.path, text);
	return status;
}

/* --- in the namespaces ---------------------------------------------------------------------- */

static int prepare_held(struct run *run)
{
	int status = open_to_cut(run);

	for (int i = 0; i < wanted_mounts.count && status == STATUS_OK; i++)
		status = mount_do(run->mounts, i, &run->attachment);
	return status;
}

/*
 * As long as the device is open here, nobody can detach it and give its number to another image.
 * That ends before the command starts: what its programs write to the device has to leave the
 * page cache when they close it, for partitions and others to see it.
 */
static int prepare(void *data)
{
	struct run *run = data;
	const char *path = run->attachment.path, *device = run->attachment.dev.path;
	int status, held = dev_open(&run->attachment.dev, O_RDONLY);

	if (held < 0) {
		not_run(path, "%s: %s", device, explain(hold_errors, held));
		return STATUS_RUN_FAILED;
	}
	status = prepare_held(run);
	dev_forget(held);
	close(held);
	return status;
}

/* Their end alone tells nobody what mounts lose. What is temporary may be lost. */
static int finish(void *data, int status)
{
	struct run *run = data;
	int err;

	if (powercut)
		return cut_power(run, status);
	if (attach_options.overlay_kind == OVERLAY_TEMPORARY)
		return status;
	for (int i = wanted_mounts.count - 1; i >= 0; i--) {
		err = mount_end(&run->mounts[i], &run->attachment);
		status = status ? status : err;
	}
	return status;
}

/* --- partitions ----------------------------------------------------------------------------- */

static bool has_partition(const struct run *run, unsigned int number)
{
	for (size_t i = 0; i < run->partitions.count; i++)
		if (run->partitions.numbers[i] == number)
			return true;
	return false;
}

static int check_partitions(const struct run *run)
{
	const char *path = run->attachment.path;

	for (int i = 0; i < wanted_mounts.count; i++)
		if (run->mounts[i].number && !has_partition(run, run->mounts[i].number))
			return not_run(path, "it has no partition %u to mount; see: fdisk -l %s",
				       run->mounts[i].number, path);
	return STATUS_OK;
}

/* --- the environment ------------------------------------------------------------------------ */

/* RELOOP_PART and a number: left by an outer run, which had another image. */
static bool is_partition_variable(const char *entry)
{
	size_t length = strlen(PARTITION_VARIABLE);

	return !strncmp(entry, PARTITION_VARIABLE, length) &&
	       entry[length + strspn(entry + length, "0123456789")] == '=';
}

static void forget_partitions(void)
{
	char **kept = environ;

	for (char **entry = environ; *entry; entry++)
		if (!is_partition_variable(*entry))
			*kept++ = *entry;
	*kept = NULL;
}

static void set_environment(const struct run *run)
{
	char name[64], node[DEV_NODE_MAX];
	unsigned int number;

	forget_partitions();
	setenv("RELOOP_DEVICE", run->attachment.dev.path, true);
	for (size_t i = 0; i < run->partitions.count; i++) {
		number = run->partitions.numbers[i];
		snprintf(name, sizeof(name), PARTITION_VARIABLE "%u", number);
		dev_node(&run->attachment.dev, number, node);
		setenv(name, node, true);
	}
}

/* --- from the beginning to the end ---------------------------------------------------------- */

/*
 * Even without this wait the kernel detaches the device, since this process is the owner.
 * @status: of the command; it is no success if what it wrote and meant to keep is lost.
 */
static int detach(const struct run *run, int status)
{
	const struct dev *dev = &run->attachment.dev;
	int err = attaching_finish(&run->attaching, &run->attachment);

	/* Somebody else has asked for that, and the last close has told nobody how it ended. */
	if (err == -ENXIO && !run->attachment.is_read_only && bind_has_last_flush(dev))
		err = BIND_UNTOLD;
	if (bind_is_lost(err) && attach_options.overlay_kind != OVERLAY_TEMPORARY) {
		if (err == BIND_UNTOLD)
			leftovers_report_lost(run->attachment.path, err);
		else
			leftovers_report_flush(run->attachment.path, err);
		return status ? status : STATUS_RUN_FAILED;
	}
	if (err == -ETIMEDOUT)
		report_warning("%s: %s is still in use; it will be detached when the last user "
			       "closes it; see: reloop who %s", run->attachment.path, dev->path,
			       dev->path);
	return status;
}

/*
 * In the namespaces, and while signals are held, a process that waits for a server cannot be ended:
 * wait here, before there is anything to undo.
 */
static void touch_directories(const struct run *run)
{
	for (int i = 0; i < wanted_mounts.count; i++)
		mount_check_directory(&run->mounts[i]);
}

static int run_attached(struct run *run, char **argv)
{
	if (dev_partitions(&run->attachment.dev, &run->partitions)) {
		not_run(run->attachment.path, "out of memory; free some and try again");
		return STATUS_RUN_FAILED;
	}
	if (check_partitions(run) != STATUS_OK)
		return STATUS_RUN_FAILED;
	set_environment(run);
	return private_run(argv, run->attaching.control, prepare, finish, run);
}

/* With POSIXLY_CORRECT the options end at the image, and the "--" behind it remains. */
static void drop_dashes(char **operands, int *count)
{
	if (*count < 2 || strcmp(operands[1], "--"))
		return;
	memmove(&operands[1], &operands[2], (*count - 1) * sizeof(*operands));
	--*count;
}

static int check_arguments(struct run *run, char **operands, int count)
{
	int status = keep_parse("run", "powercut", powercut, &run->cut);

	if (powercut)
		attach_options.is_volatile = true;
	if (status == STATUS_OK)
		status = attach_options_check("run");
	if (status != STATUS_OK)
		return status;
	if (!count || !*operands[0])
		return report_usage("run", "no image given; give one, and a command behind it");
	if (no_private && attach_options.is_private)
		return report_usage("run", "both --private and --no-private; give one of them");
	if (count == 1)
		return report_usage("run", "no command given; give one behind the image: "
				    "reloop run %s -- COMMAND", operands[0]);
	for (int i = 0; i < wanted_mounts.count && status == STATUS_OK; i++)
		status = mount_parse(wanted_mounts.items[i], &run->mounts[i]);
	return status;
}

static int run_run(char **operands, int count)
{
	struct run run = { 0 };
	int status;

	drop_dashes(operands, &count);
	status = check_arguments(&run, operands, count);
	if (status == STATUS_OK)
		status = attaching_begin(&run.attaching, RELOOP_ATTACH_OWNER |
					 RELOOP_ATTACH_PARTSCAN |
					 (no_private ? 0 : RELOOP_ATTACH_PRIVATE), operands[0]);
	if (status != STATUS_OK)
		return STATUS_RUN_FAILED;
	touch_directories(&run);
	run.attaching.needs_partitions = true;
	status = attaching_attach(&run.attaching, operands[0], &run.attachment);
	if (status == STATUS_OK) {
		attaching_keep(&run.attachment);
		status = run_attached(&run, operands + 1);
		run.attachment.dev.powercut = powercut;
		status = detach(&run, status);
	} else {
		status = STATUS_RUN_FAILED;
	}
	/* Whatever ends this process, the owner, the device goes; its nodes go only by this. */
	signals_release();
	attaching_end(&run.attaching);
	free(run.partitions.numbers);
	return status;
}

static void print_more(void)
{
	puts("\nThe command finds the device in RELOOP_DEVICE, its partitions in RELOOP_PART1,\n"
	     "RELOOP_PART2... Its mounts and processes are its own; what it leaves running is\n"
	     "killed when it ends, or when reloop is killed, and then the device is detached.\n"
	     "Exit status: the command's; 128+N if signal N killed it; 127 if there is no\n"
	     "such command, 126 if it cannot be run, 125 if it did not come to that,\n"
	     "or if what it wrote could not be kept, or the power not be cut.");
}

const struct command run_command = {
	.name = "run",
	.operands = "IMAGE -- COMMAND [ARGUMENT]...",
	.summary = "Attach an image while a command runs, and leave nothing behind.",
	.options = rows,
	.more_options = attach_option_rows,
	.like = "attach",
	.usage_status = STATUS_RUN_FAILED,
	.help = print_more,
	.run = run_run,
};
