// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/attach_options.h"
#include "commands/attaching.h"
#include "commands/commands.h"
#include "commands/keep.h"
#include "commands/leftovers.h"
#include "commands/private.h"
#include "lib/bind.h"
#include "lib/signals.h"
#include "lib/size.h"
#include "lib/spawn.h"
#include "words/explain.h"
#include "words/report.h"

#define PARTITION_VARIABLE "RELOOP_PART"
#define SAID_MAX 256
#define DEFAULT_OPTIONS "defaults"
/* mount(2) cuts off without a word what does not fit a page. */
#define MOUNT_OPTIONS_MAX 4000

static struct texts wanted_mounts;
static const char *powercut;

static const struct option_row rows[] = {
	{ "mount", "DIR[:PART[:OPTIONS]]", "mount it, or its partition PART, on DIR", 'm',
	  .texts = &wanted_mounts },
	{ "powercut", "HOW", KEEP_HELP, .text = &powercut },
	{ 0 }
};

/* One --mount, taken apart; a number of 0 is the whole device. */
struct wanted_mount {
	char *directory;
	const char *options;
	unsigned int number;
};

struct run {
	struct attaching attaching;
	struct attachment attachment;
	struct wanted_mount mounts[TEXTS_MAX];
	struct partitions partitions;
	struct reloop_powercut cut;
	int cut_control;	/* of the process that cuts the power */
};

#define not_run(path, format, ...) \
	report_failure("%s: not run: " format, path, ##__VA_ARGS__)

/* --- --mount -------------------------------------------------------------------------------- */

static bool parse_number(const char *text, unsigned int *number)
{
	uint64_t value;

	if (!*text)
		return true;
	if (!size_parse_number(text, 1, UINT_MAX, &value))
		return false;
	*number = value;
	return true;
}

static int parse_mount(const char *text, struct wanted_mount *mount)
{
	char *rest = strdup(text), *number;

	*mount = (struct wanted_mount) { .directory = strsep(&rest, ":"), .options = "" };
	number = strsep(&rest, ":");
	if (rest)
		mount->options = rest;
	if (!mount->directory || !*mount->directory)
		return report_usage("run", "--mount: '%s' has no directory; "
				    "write it like /mnt, /mnt:1 or /mnt:1:ro", text);
	if (number && !parse_number(number, &mount->number))
		return report_usage("run", "--mount: '%s' is not the number of a partition; "
				    "write it like /mnt:1", number);
	if (strlen(mount->options) > MOUNT_OPTIONS_MAX)
		return report_usage("run", "--mount: the options for %s are too long; "
				    "the kernel takes %d bytes", mount->directory,
				    MOUNT_OPTIONS_MAX);
	return STATUS_OK;
}

static const struct explanation directory_errors[] = {
	{ -ENOTDIR, "it is no directory; give one" },
	{ 0 }
};

static int check_directory(const char *directory)
{
	struct stat st;

	if (stat(directory, &st))
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static int do_mount(const struct run *run, const struct wanted_mount *mount)
{
	char node[DEV_NODE_MAX], said[SAID_MAX] = "";
	char options[sizeof(DEFAULT_OPTIONS ",") + MOUNT_OPTIONS_MAX];
	const char *const argv[] = { "mount", "-n", "-o", options, "--", node, mount->directory,
				     NULL };
	int status, err = check_directory(mount->directory);

	if (err == -ENOENT)
		not_run(run->attachment.path, "cannot mount on %s: there is no such directory; "
			"make it first: mkdir %s", mount->directory, mount->directory);
	else if (err)
		not_run(run->attachment.path, "cannot mount on %s: %s", mount->directory,
			explain(directory_errors, err));
	if (err)
		return STATUS_RUN_FAILED;
	dev_node(&run->attachment.dev, mount->number, node);
	snprintf(options, sizeof(options), "%s%s%s",
		 run->attachment.is_read_only ? "ro" : DEFAULT_OPTIONS, *mount->options ? "," : "",
		 mount->options);
	status = spawn(argv, said, sizeof(said));
	if (!status)
		return STATUS_OK;
	if (signals_came())
		not_run(run->attachment.path, "cannot mount %s on %s: a signal came; try again",
			node, mount->directory);
	else if (status == SPAWN_NO_COMMAND && !*said)
		not_run(run->attachment.path, "cannot mount %s on %s: there is no mount program; "
			"install one, as of util-linux", node, mount->directory);
	else
		not_run(run->attachment.path, "cannot mount %s on %s: %s; the reason may be "
			"in: dmesg", node, mount->directory, *said ? said : "mount does not say why");
	return STATUS_RUN_FAILED;
}

/* --- --powercut ----------------------------------------------------------------------------- */

/* As long as /dev is still what it was. Nothing belongs to this one. */
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

/* What the command has left running goes on until its mounts do; so it is as if power was cut. */
static int cut_power(void *data, int status)
{
	char text[KEEP_TEXT_MAX];
	struct run *run = data;
	int err;

	if (!powercut)
		return status;
	err = bind_powercut(run->cut_control, &run->attachment.dev, &run->cut);
	/* The command has done it. */
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

static int prepare(void *data)
{
	struct run *run = data;
	int status = open_to_cut(run);

	for (int i = 0; i < wanted_mounts.count && status == STATUS_OK; i++)
		status = do_mount(run, &run->mounts[i]);
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

/* RELOOP_PART and a number: what an outer run has left, whose image was another one. */
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
 * If this is not waited for, the kernel does it all the same, as this process is the owner.
 * @status: of the command, which is no success if what it wrote and meant to keep is lost.
 */
static int detach(const struct run *run, int status)
{
	const struct dev *dev = &run->attachment.dev;
	int err = attaching_finish(&run->attaching, &run->attachment);

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
 * In the namespaces, and as long as signals are held, none ends who waits for a server: wait before
 * there is anything to undo.
 */
static void touch_directories(const struct run *run)
{
	for (int i = 0; i < wanted_mounts.count; i++)
		check_directory(run->mounts[i].directory);
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
	return private_run(argv, run->attaching.control, prepare, cut_power, run);
}

/* With POSIXLY_CORRECT the options end at the image, and the "--" behind it is left. */
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
	if (count == 1)
		return report_usage("run", "no command given; give one behind the image: "
				    "reloop run %s -- COMMAND", operands[0]);
	for (int i = 0; i < wanted_mounts.count && status == STATUS_OK; i++)
		status = parse_mount(wanted_mounts.items[i], &run->mounts[i]);
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
					 RELOOP_ATTACH_PARTSCAN, operands[0]);
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
	/* Whatever ends this process, the owner, the device goes; its nodes only go by us. */
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
