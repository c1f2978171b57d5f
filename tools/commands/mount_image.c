// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/mounting.h"
#include "words/report.h"

static const char *mount_options = "", *part;
static bool show;

static const struct option_row rows[] = {
	{ "options", "OPTIONS", "those of mount(8), such as ro,noatime", 'o',
	  .text = &mount_options },
	{ "part", "PART", "a number, LABEL=, UUID=, PARTLABEL= or PARTUUID=",
	  .text = &part },
	{ "show", NULL, "print the device", .flag = &show },
	{ 0 }
};

/* A mount whose device nobody has learned is undone, like an attach. */
static int announce(const struct attachment *attachment)
{
	errno = 0;
	puts(attachment->dev.path);
	if (!fflush(stdout) && !ferror(stdout))
		return STATUS_OK;
	return report_failure("%s: not mounted: cannot write the device's name to standard output: "
			      "%s; give it a place to go", attachment->path, strerror(errno));
}

/* Cuts off ":2", unless there is a file of that name. */
static const char *cut_number(char *image)
{
	char *colon = strrchr(image, ':');

	if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")] ||
	    !access(image, F_OK))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int check_operands(char **operands, int count)
{
	if (count > 2)
		return report_usage("mount", "'%s' is too much; give one image and one directory",
				    operands[2]);
	if (!count || !*operands[0])
		return report_usage("mount", "no image given; give one, and a directory");
	if (count == 1 || !*operands[1])
		return report_usage("mount", "no directory given; give one behind the image");
	return STATUS_OK;
}

static int run_mount(char **operands, int count)
{
	struct mounting mounting = { 0 };
	int status = attach_options_check("mount");
	const char *number;

	if (status == STATUS_OK)
		status = check_operands(operands, count);
	if (status != STATUS_OK)
		return status;
	number = cut_number(operands[0]);
	if (number && part)
		return report_usage("mount", "both --part and :%s; give one of them", number);
	part = part ? part : number;
	if (part && !part_parse(part, &mounting.part))
		return report_usage("mount", "'%s' is no partition; give a number, or LABEL=, "
				    "UUID=, PARTLABEL= or PARTUUID= and what it is", part);
	mounting.image = operands[0];
	mounting.announce = show ? announce : NULL;
	status = mount_prepare(&mounting.mount, "mount", operands[1], mount_options);
	return status == STATUS_OK ? mounting_do(&mounting) : status;
}

static void print_more(void)
{
	puts("\nWithout PART, the only file system there is. Partitions are always scanned for.\n"
	     "The device is detached by the last unmount, of umount(8) as well.");
}

const struct command mount_command = {
	.name = "mount",
	.operands = "IMAGE[:PART] DIR",
	.summary = "Attach an image and mount it; it is detached when it is unmounted.",
	.options = rows,
	.more_options = attach_option_rows,
	.like = "attach",
	.help = print_more,
	.run = run_mount,
};
