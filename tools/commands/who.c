// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/commands.h"
#include "lib/find.h"
#include "lib/users.h"
#include "words/explain.h"
#include "words/report.h"
#include "words/text.h"

static const struct option_row no_options[] = { { 0 } };

static bool print_user(const struct user *user, void *data)
{
	int *count = data;

	++*count;
	switch (user->kind) {
	case USER_LOOP:
		fputs("attached to ", stdout);
		break;
	case USER_OVERLAY:
		fputs("base of what is attached to ", stdout);
		break;
	case USER_MOUNT:
		fputs("mounted on ", stdout);
		break;
	case USER_SWAP:
		fputs("swap on ", stdout);
		break;
	case USER_HOLDER:
		fputs("part of /dev/", stdout);
		break;
	default:
		printf("open in process %d, ", user->process);
	}
	text_print(stdout, user->name);
	if (user->kind == USER_MOUNT && user->process)
		printf(", in the mount namespace of process %d", user->process);
	putchar('\n');
	return false;
}

static void warn(const struct dev *dev, unsigned int unanswered)
{
	report_warning("%s: %u of all open files, mounts and swap areas could not be asked for, "
		       "as when their server does not answer; they may be users, too", dev->path,
		       unanswered);
}

static int print_users(const char *prefix, struct dev *dev)
{
	struct dev *devs;
	size_t count;
	unsigned int unanswered;
	int found = 0, err = dev_list(prefix, dev_identity(), &devs, &count);

	if (err)
		return report_error(err, "%s: cannot say who: %s", dev->path, explain_module(err));
	unanswered = users_visit(dev, devs, count, print_user, &found);
	free(devs);
	err = dev_read(dev);
	if (err && err != -ENXIO)
		return report_error(err, "%s: cannot say who else: %s", dev->path,
				    explain_attached(err));
	if (!found && dev->openers)
		puts("open, by whom cannot be seen; ask as root, outside of containers");
	else if (!found)
		puts("nobody");
	/* If nobody has the device open, these do not either. */
	if (unanswered && dev->openers)
		warn(dev, unanswered);
	return STATUS_OK;
}

/* A file that is not attached may be the base of many overlays. Returns how many. */
static int print_overlays(const char *prefix, const char *text)
{
	struct user user = { .kind = USER_OVERLAY };
	struct dev *devs;
	int found = 0;
	size_t count;
	struct stat st;

	if (stat(text, &st) || dev_list(prefix, dev_identity(), &devs, &count))
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (!dev_has_base(&devs[i], &st))
			continue;
		snprintf(user.name, sizeof(user.name), "%s", devs[i].path);
		print_user(&user, &found);
	}
	free(devs);
	return found;
}

/* For a partition, its device: one that has the partition as its image is among the users. */
static int find(const char *prefix, const char *text, struct dev *dev)
{
	struct operand operand;
	int err;

	operand_look(&operand, text);
	err = dev_find(prefix, &operand, dev);
	return !err || err == -EMEDIUMTYPE ? 0 : dev_find_meant(prefix, &operand, dev);
}

static int run_who(char **operands, int count)
{
	char prefix[DEV_PREFIX_MAX];
	struct dev dev;
	int err;

	if (count != 1)
		return report_usage("who", count ? "'%s' is too much; give one device or image" :
				    "no device given; give one, or its image",
				    count ? operands[1] : "");
	if (access("/proc/self/mountinfo", F_OK))
		return report_error(-ENODATA, "%s: cannot say who: /proc is not mounted; mount it: "
				    "mount -t proc none /proc", operands[0]);
	err = dev_prefix(prefix);
	if (err)
		return report_error(err, "%s: cannot say who: %s", operands[0],
				    explain_module(err));
	err = find(prefix, operands[0], &dev);
	if (!err)
		return print_users(prefix, &dev);
	if (err == -ENXIO && print_overlays(prefix, operands[0]))
		return STATUS_OK;
	return report_error(err, "%s: cannot say who: %s", operands[0], explain_attached(err));
}

const struct command who_command = {
	.name = "who",
	.operands = "DEVICE|IMAGE",
	.summary = "Tell who uses a device: mounts, swap, devices on it, processes.",
	.options = no_options,
	.run = run_who,
};
