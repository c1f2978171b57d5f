// SPDX-License-Identifier: GPL-2.0-only
#include "commands/mount_helper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/mounting.h"
#include "lib/mounts.h"
#include "lib/size.h"
#include "lib/spawn.h"
#include "words/report.h"
#include "words/text.h"

#define SAID_MAX 256

/* What getopt returns for an operand, with a '-' before the letters. */
#define OPERAND 1

/* As mount(8) has them. */
enum {
	MOUNT_DONE = 0,
	MOUNT_USAGE = 1,	/* or no permission */
	MOUNT_SYSTEM = 2,
	MOUNT_FAILED = 32,
};

/* The image and the directory, and the arguments that mount(8) adds after them. */
struct helper {
	struct mounting mounting;
	char *operands[2];
	int count;
	char *options;		/* the options for the file system */
	char *type;
	const char *part;
	bool is_private;
	bool is_sloppy;
	bool is_fake;
	bool is_verbose;
	bool may_be_missing;
	bool is_remount;
};

static int refuse(const char *what, const char *why)
{
	report_failure("%s: %s; see: man " MOUNT_HELPER, what, why);
	return MOUNT_USAGE;
}

/* --- options -------------------------------------------------------------------------------- */

static const struct option_row *find_row(const char *option, size_t length, bool has_value)
{
	const struct option_row *row = attach_option_rows;

	for (; row->name; row++)
		if (strlen(row->name) == length && !strncmp(row->name, option, length) &&
		    !row->argument == !has_value)
			return row;
	return NULL;
}

static bool store(const struct option_row *row, const char *value)
{
	if (row->flag)
		*row->flag = true;
	if (row->text)
		*row->text = value;
	return !row->size || !size_parse(value, row->size);
}

static void pass_on(struct helper *helper, const char *option)
{
	if (*helper->options)
		strcat(helper->options, ",");
	strcat(helper->options, option);
}

static int take_option(struct helper *helper, const char *option)
{
	size_t length = strcspn(option, "=");
	const char *value = option[length] ? option + length + 1 : NULL;
	const struct option_row *row = find_row(option, length, value);

	if (row)
		return store(row, value) ? MOUNT_DONE : refuse(option, "it is not a size");
	if (!strcmp(option, "remount"))
		helper->is_remount = true;
	/* Of mount(8) it would be a device that may be missing. */
	else if (!strcmp(option, "nofail"))
		helper->may_be_missing = true;
	/* "private" is of mount(8) as well, which keeps it to itself. */
	else if (!strcmp(option, "no-probe"))
		attach_options.is_private = true;
	else if (!strncmp(option, "part=", strlen("part=")))
		helper->part = value;
	else
		pass_on(helper, option);
	return MOUNT_DONE;
}

/* @list is cut into pieces that remain in use. */
static int take_options(struct helper *helper, char *list)
{
	int status = MOUNT_DONE;
	char *option;

	while (status == MOUNT_DONE && (option = strsep(&list, ",")))
		if (*option)
			status = take_option(helper, option);
	return status;
}

static int refuse_usage(void)
{
	return refuse("wrong usage", "give an image and a directory, as mount does");
}

static int take_operand(struct helper *helper, char *operand)
{
	if (helper->count == 2)
		return refuse_usage();
	helper->operands[helper->count++] = operand;
	return MOUNT_DONE;
}

static int take_letter(struct helper *helper, int letter, char *value)
{
	switch (letter) {
	case OPERAND:
		return take_operand(helper, value);
	case 'n':
		helper->is_private = true;
		return MOUNT_DONE;
	case 's':
		helper->is_sloppy = true;
		return MOUNT_DONE;
	case 'f':
		helper->is_fake = true;
		return MOUNT_DONE;
	case 'v':
		helper->is_verbose = true;
		return MOUNT_DONE;
	case 'o':
		return take_options(helper, value);
	case 't':
		/* "reloop.ext4" names the file system. */
		helper->type = strchr(value, '.');
		return MOUNT_DONE;
	case 'N':
		return refuse("-N", "it cannot mount into another namespace; use nsenter");
	default:
		return refuse_usage();
	}
}

/* mount(8) puts the options last: without the '-', POSIXLY_CORRECT would make operands of them. */
static int parse(struct helper *helper, int argc, char **argv)
{
	int letter, status = MOUNT_DONE;

	opterr = 0;
	while (status == MOUNT_DONE && (letter = getopt(argc, argv, "-fnsvN:o:t:")) != -1)
		status = take_letter(helper, letter, optarg);
	while (status == MOUNT_DONE && optind < argc)
		status = take_operand(helper, argv[optind++]);
	return status == MOUNT_DONE && helper->count != 2 ? refuse_usage() : status;
}

/* --- from the beginning to the end ---------------------------------------------------------- */

static int tell(const struct attachment *attachment)
{
	fputs(MOUNT_HELPER ": ", stdout);
	text_print(stdout, attachment->path);
	printf(": mounted by way of %s\n", attachment->dev.path);
	return STATUS_OK;
}

static int mount_status(int status)
{
	switch (status) {
	case STATUS_OK:
		return MOUNT_DONE;
	case STATUS_PERMISSION:
		return MOUNT_USAGE;
	case STATUS_MODULE:
		return MOUNT_SYSTEM;
	default:
		return MOUNT_FAILED;
	}
}

/* mount(8) takes the image from fstab, and only the device is mounted there. */
static int mount_anew(const struct helper *helper, const char *image, const char *directory)
{
	char options[sizeof("remount,") + MOUNT_OPTIONS_MAX], source[PATH_MAX], said[SAID_MAX] = "";
	const char *const argv[] = {
		"mount", "-i", "-o", options, "--", source, directory, NULL,
	};
	char prefix[DEV_PREFIX_MAX];
	struct dev dev;
	int status;

	if (dev_prefix(prefix) || !mounts_image_at(directory, prefix, image, &dev, source)) {
		report_failure("%s: not remounted: it is not mounted on %s; see: reloop list",
			       image, directory);
		return MOUNT_FAILED;
	}
	snprintf(options, sizeof(options), "remount,%s", helper->options);
	status = spawn(argv, said, sizeof(said));
	if (!status)
		return MOUNT_DONE;
	report_failure("%s: not remounted: %s; the reason may be in: dmesg", image,
		       *said ? said : "mount does not say why");
	return MOUNT_FAILED;
}

/* As with a file system that does not answer, a failure to find out is one. */
static bool is_missing(const char *path)
{
	return access(path, F_OK) && (errno == ENOENT || errno == ENOTDIR);
}

static int run(struct helper *helper)
{
	char *image = helper->operands[0], *directory = helper->operands[1];
	struct mounting *mounting = &helper->mounting;

	mounting->image = image;
	if (helper->part && !part_parse(helper->part, &mounting->part))
		return refuse(helper->part, "it is no partition; give a number, or LABEL=, UUID=, "
			      "PARTLABEL= or PARTUUID= and what it is");
	if (attach_options_check("mount") != STATUS_OK ||
	    mount_prepare(&mounting->mount, "mount", directory, helper->options) != STATUS_OK)
		return MOUNT_USAGE;
	mounting->mount.is_private = helper->is_private;
	mounting->mount.is_sloppy = helper->is_sloppy;
	mounting->mount.type = helper->type ? helper->type + 1 : NULL;
	mounting->announce = helper->is_verbose ? tell : NULL;
	if (helper->is_remount && !helper->is_fake)
		return mount_anew(helper, image, directory);
	if (helper->is_fake || (helper->may_be_missing && is_missing(mounting->image)))
		return MOUNT_DONE;
	return mount_status(mounting_do(mounting));
}

int mount_helper(int argc, char **argv)
{
	struct helper helper = { 0 };
	size_t room = 1;
	int status;

	report_as(MOUNT_HELPER);
	for (int i = 0; i < argc; i++)
		room += strlen(argv[i]) + 1;
	helper.options = calloc(1, room);
	if (!helper.options) {
		report_failure("out of memory; free some and try again");
		return MOUNT_SYSTEM;
	}
	status = parse(&helper, argc, argv);
	if (status == MOUNT_DONE)
		status = run(&helper);
	free(helper.options);
	return status;
}
