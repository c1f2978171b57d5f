// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands/commands.h"
#include "lib/find.h"
#include "lib/mounts.h"
#include "lib/users.h"
#include "words/explain.h"
#include "words/json.h"
#include "words/report.h"
#include "words/text.h"

static bool as_json;

static const struct option_row who_options[] = {
	{ "json", NULL, "print JSON", 'J', .flag = &as_json },
	{ 0 }
};

struct answer {
	const char *device;	/* its path; empty for a base that is not attached */
	uint64_t openers;
	unsigned int unanswered;
	struct user *users;
	size_t count;
	bool is_short_of_memory;
};

/* As JSON has them. */
static const char *const kind_words[] = {
	[USER_LOOP] = "device",
	[USER_OVERLAY] = "overlay",
	[USER_MOUNT] = "mount",
	[USER_HOLDER] = "holder",
	[USER_SWAP] = "swap",
	[USER_OPENER] = "process",
};

static bool keep_user(const struct user *user, void *data)
{
	struct answer *answer = data;
	struct user *grown = reallocarray(answer->users, answer->count + 1, sizeof(*grown));

	if (!grown) {
		answer->is_short_of_memory = true;
		return true;
	}
	answer->users = grown;
	grown[answer->count++] = *user;
	return false;
}

static void print_user(const struct user *user)
{
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
}

static void print_human(const struct answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		print_user(&answer->users[i]);
	if (!answer->count && answer->openers)
		puts("open, by whom cannot be seen; ask as root, outside of containers");
	else if (!answer->count)
		puts("nobody");
}

static void print_json_user(struct json *json, const struct user *user)
{
	bool is_holder = user->kind == USER_HOLDER;
	char name[sizeof(user->name) + 8];

	snprintf(name, sizeof(name), "%s%s", is_holder ? "/dev/" : "", user->name);
	json_row_begin(json);
	json_text(json, "kind", kind_words[user->kind]);
	json_text(json, "name", name);
	json_number(json, "pid", user->process);
	json_object_end(json);
}

static void print_json(const struct answer *answer)
{
	struct json json;

	json_begin(&json, stdout);
	json_text(&json, "device", answer->device);
	json_number(&json, "openers", answer->openers);
	json_number(&json, "unanswered", answer->unanswered);
	json_array_begin(&json, "users");
	for (size_t i = 0; i < answer->count; i++)
		print_json_user(&json, &answer->users[i]);
	json_rows_end(&json);
	json_end(&json);
}

static void print(const struct answer *answer)
{
	(as_json ? print_json : print_human)(answer);
	if (answer->unanswered)
		report_warning("%s: %u of all open files, mounts and swap areas could not be asked "
			       "for, as when their server does not answer; they may be users, too",
			       answer->device, answer->unanswered);
}

static int find_users(const char *prefix, struct dev *dev, struct answer *answer)
{
	struct dev *devs;
	size_t count;
	int err = dev_list(prefix, dev_identity(), &devs, &count);

	if (err)
		return err;
	answer->unanswered = users_visit(dev, devs, count, keep_user, answer);
	free(devs);
	err = answer->is_short_of_memory ? -ENOMEM : dev_read(dev);
	answer->device = dev->path;
	answer->openers = dev->openers;
	/* If nobody has the device open, these do not either. */
	if (!answer->openers)
		answer->unanswered = 0;
	return err == -ENXIO ? 0 : err;
}

/* A file that is not attached may be the base of many overlays. */
static int find_overlays(const char *prefix, const struct operand *operand, struct answer *answer)
{
	struct user user = { .kind = USER_OVERLAY };
	struct dev *devs;
	size_t count;

	if (operand->err || dev_list(prefix, dev_identity(), &devs, &count))
		return -ENXIO;
	for (size_t i = 0; i < count; i++) {
		if (!dev_has_base(&devs[i], &operand->st))
			continue;
		snprintf(user.name, sizeof(user.name), "%s", devs[i].path);
		keep_user(&user, answer);
	}
	free(devs);
	return answer->is_short_of_memory ? -ENOMEM : answer->count ? 0 : -ENXIO;
}

/* For a partition, its device: one that has the partition as its image is among the users. */
static int find(const char *prefix, const struct operand *operand, struct dev *dev)
{
	int err = dev_find(prefix, operand, dev);

	return !err || err == -EMEDIUMTYPE ? 0 : dev_find_meant(prefix, operand, dev);
}

static int answer_for(const char *prefix, const char *text, struct answer *answer)
{
	struct operand operand;
	struct dev dev;
	int err;

	operand_look(&operand, text);
	err = find(prefix, &operand, &dev);
	if (!err)
		err = find_users(prefix, &dev, answer);
	else if (err == -ENXIO)
		err = find_overlays(prefix, &operand, answer);
	if (err)
		return report_error(err, "%s: cannot say who: %s", text, explain_attached(err));
	print(answer);
	return STATUS_OK;
}

static int run_who(char **operands, int count)
{
	struct answer answer = { .device = "" };
	char prefix[DEV_PREFIX_MAX];
	int status, err;

	if (count != 1)
		return report_usage("who", count ? "'%s' is too much; give one device or image" :
				    "no device given; give one, or its image",
				    count ? operands[1] : "");
	if (!mounts_are_known())
		return report_error(-ENODATA, "%s: cannot say who: %s", operands[0], NO_PROC);
	err = dev_prefix(prefix);
	if (err)
		return report_error(err, "%s: cannot say who: %s", operands[0],
				    explain_module(err));
	status = answer_for(prefix, operands[0], &answer);
	free(answer.users);
	return status;
}

const struct command who_command = {
	.name = "who",
	.operands = "DEVICE|IMAGE",
	.summary = "Tell who uses a device: mounts, swap, devices on it, processes.",
	.options = who_options,
	.run = run_who,
};
