// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/leftovers.h"
#include "lib/bind.h"
#include "lib/find.h"
#include "lib/progress.h"
#include "lib/signals.h"
#include "lib/users.h"
#include "lib/wait.h"
#include "words/explain.h"
#include "words/report.h"

#define WAIT_FOREVER -1

static bool all, wait_for_users;
static const char *label, *timeout;

/* What --wait and --timeout make of it, in milliseconds. */
static int wait_ms = WAIT_FOREVER;

static const struct option_row detach_options[] = {
	{ "all", NULL, "detach all devices", 'a', .flag = &all },
	{ "label", "NAME", "detach the device with this label", .text = &label },
	{ "wait", NULL, "wait for whoever uses it, as long as that takes", 'w',
	  .flag = &wait_for_users },
	{ "timeout", "SECONDS", "wait for them that long", .text = &timeout },
	{ 0 }
};

/* All attached devices at the start of the command. */
struct attached {
	char prefix[DEV_PREFIX_MAX];
	int control;
	struct dev *devs;
	size_t count;
};

#define not_detached(path, format, ...) \
	report_failure("%s: not detached: " format, path, ##__VA_ARGS__)
#define not_detached_by(err, path, format, ...) \
	report_error(err, "%s: not detached: " format, path, ##__VA_ARGS__)

static const struct explanation release_errors[] = {
	{ -ENXIO, "nothing is attached to it; see: reloop list" },
	{ -ENOENT, "there is no such file or device; see: reloop list" },
	{ -ESTALE, "this node in /dev leads to another device; remove it, or give the image" },
	{ -EBUSY, "in use, perhaps mounted in another namespace; find the user and end it" },
	{ -ENOSYS, "the loaded module is too old for this command; "
		   "load the one that came with it: modprobe -r reloop; modprobe reloop" },
	{ 0 }
};

static int report_release(const char *path, int err)
{
	return not_detached_by(err, path, "%s", explain(release_errors, err));
}

static int report_user(const struct dev *dev, const struct user *user)
{
	const char *name = user->name;

	switch (user->kind) {
	case USER_LOOP:
		return not_detached_by(-EBUSY, dev->path, "in use, %s is attached to it; "
				       "detach that first: reloop detach %s", name, name);
	case USER_OVERLAY:
		return not_detached_by(-EBUSY, dev->path, "in use, it is the base of %s; "
				       "detach that first: reloop detach %s", name, name);
	case USER_MOUNT:
		return not_detached_by(-EBUSY, dev->path, "in use, mounted on %s; "
				       "unmount it first: umount %s", name, name);
	case USER_SWAP:
		return not_detached_by(-EBUSY, dev->path, "in use as swap; "
				       "stop that first: swapoff %s", name);
	default:
		return not_detached_by(-EBUSY, dev->path, "in use by /dev/%s; remove that first, "
				       "with dmsetup or mdadm", name);
	}
}

#define USER_WORDS_MAX (sizeof(struct user) + 64)

/* Goes on from "in use". */
static void describe(const struct user *user, char words[USER_WORDS_MAX])
{
	const char *format = user->kind == USER_NONE ? "" :
			     user->kind == USER_MOUNT ? ", mounted on %s" : " by %s";

	if (user->kind == USER_OPENER)
		snprintf(words, USER_WORDS_MAX, ", open in process %d, %s", user->process,
			 user->name);
	else
		snprintf(words, USER_WORDS_MAX, format, user->name);
}

/* Whoever it is, in whichever process. */
static void describe_any(const struct attached *attached, const struct dev *dev,
			 char words[USER_WORDS_MAX])
{
	struct user user;

	users_find_any(dev, attached->devs, attached->count, &user);
	describe(&user, words);
}

static int report_timeout(const struct attached *attached, const struct dev *dev)
{
	char words[USER_WORDS_MAX];

	describe_any(attached, dev, words);
	return not_detached_by(-ETIMEDOUT, dev->path, "still in use%s; end that, "
			       "and it will be detached when the last user closes it", words);
}

static int report_in_progress(const struct attached *attached, const struct dev *dev)
{
	char words[USER_WORDS_MAX];

	describe_any(attached, dev, words);
	return not_detached_by(-EINPROGRESS, dev->path, "in use%s; it will be detached when the "
			       "last user closes it", words);
}

static void show_wait(const struct attached *attached, const struct dev *dev)
{
	char words[USER_WORDS_MAX];
	struct user user;

	users_find(dev, attached->devs, attached->count, &user);
	describe(&user, words);
	progress_begin("%s: in use%s; waiting", dev->path, words);
	progress_show();
}

/* Of several, the first failure counts. */
static int worse(int status, int next)
{
	return status != STATUS_OK ? status : next;
}

/* What has gone by itself since all were looked up is as it should be. */
static bool is_done(int err)
{
	return !err || (all && err == -ENXIO);
}

/* @err of the detach. What is lost does not keep it. */
static int finish(const struct attached *attached, const struct dev *dev, int err)
{
	if (!is_done(err) && !bind_is_lost(err))
		return report_release(dev->path, err);
	leftovers_remove(attached->control, dev, false);
	return bind_is_lost(err) ? leftovers_report_lost(dev->path, err) : STATUS_OK;
}

/* @user: who has kept it from that, or nobody. */
static int finish_unused(const struct attached *attached, const struct dev *dev,
			 const struct user *user, int err)
{
	if (user->kind != USER_NONE)
		return report_user(dev, user);
	if (err == -EINPROGRESS)
		return report_in_progress(attached, dev);
	if (err == -ENOENT)
		return not_detached_by(err, dev->path, "its node is missing in /dev, or leads to "
				       "another device; use --wait, which needs none: "
				       "reloop detach --wait %s", dev->path);
	return finish(attached, dev, err);
}

/*
 * Users are looked up before, since that is free of side effects, and again after: who came in
 * between shall be named too.
 */
static int detach_unused(const struct attached *attached, const struct dev *dev)
{
	int err = 0, lost = 0, status;
	struct user user;

	users_find(dev, attached->devs, attached->count, &user);
	if (user.kind == USER_NONE) {
		progress_begin("%s: in use; waiting", dev->path);
		err = bind_release(attached->control, dev, &lost);
		progress_end();
		if (err == -EBUSY)
			users_find(dev, attached->devs, attached->count, &user);
	}
	status = lost ? leftovers_report_flush(dev->path, lost) : STATUS_OK;
	status = worse(status, finish_unused(attached, dev, &user, err));
	signals_release();
	return status;
}

static int detach_used(const struct attached *attached, const struct dev *dev)
{
	int err;

	if (dev->openers)
		show_wait(attached, dev);
	err = bind_detach(attached->control, dev, wait_ms);
	progress_end();
	if (err == -ETIMEDOUT)
		return report_timeout(attached, dev);
	return finish(attached, dev, err);
}

static int detach(const struct attached *attached, const struct dev *dev)
{
	int err = attached->control;

	if (err < 0)
		return not_detached_by(err, dev->path, "/dev/%s" RELOOP_NAMES_CONTROL ": %s",
				       attached->prefix, explain_control(err));
	return wait_for_users ? detach_used(attached, dev) : detach_unused(attached, dev);
}

/* Is the image that of another device than the one that has the same name? */
static bool is_ambiguous(const struct attached *attached, const struct operand *image)
{
	for (size_t i = 0; i < attached->count; i++)
		if (dev_has_image(&attached->devs[i], image) &&
		    dev_is_ambiguous(attached->prefix, image, &attached->devs[i]))
			return true;
	return false;
}

/* An image may be attached to several devices: all of them go. */
static int detach_image(const struct attached *attached, const struct operand *image,
			bool *is_found)
{
	int status = STATUS_OK;

	*is_found = false;
	for (size_t i = 0; i < attached->count; i++) {
		if (!dev_has_image(&attached->devs[i], image))
			continue;
		*is_found = true;
		status = worse(status, detach(attached, &attached->devs[i]));
	}
	return status;
}

/* For what is no device of ours, but perhaps an image or a partition of @dev. */
static int report_operand(const struct attached *attached, const struct operand *operand,
			  const struct dev *dev, int err)
{
	const char *path = operand->text;

	if (err == -EMEDIUMTYPE)
		return not_detached(path, "it is a partition; give the whole device, %s",
				    dev->path);
	if (err == -EXDEV)
		return not_detached(path, "it is neither one of the reloop module's devices, /dev/%sN, "
				    "nor attached to one; see: reloop list", attached->prefix);
	if (operand->err && operand->err != -ETIMEDOUT)
		return report_release(path, err);
	err = dev_not_attached(attached->prefix, operand);
	return not_detached_by(err, path, "%s", explain_attached(err));
}

/*
 * A device of ours, or else an image. The partition of a device of ours may well be an image:
 * only when it is none, it is taken for a mistake.
 */
static int detach_operand(const struct attached *attached, const char *path)
{
	struct operand operand;
	bool is_found;
	struct dev dev;
	int status, err;

	operand_look(&operand, path);
	err = dev_find(attached->prefix, &operand, &dev);
	if (!err) {
		err = dev_read(&dev);
		return err ? report_release(path, err) : detach(attached, &dev);
	}
	if (err == -ESTALE)
		return report_release(path, err);
	if (is_ambiguous(attached, &operand))
		return not_detached_by(-ENOTUNIQ, path, "%s", explain_attached(-ENOTUNIQ));
	status = detach_image(attached, &operand, &is_found);
	return is_found ? status : report_operand(attached, &operand, &dev, err);
}

/*
 * Newest first: what is attached to another attached device came after that one. LOOP_CHANGE_FD
 * makes the sequence number newer, and leaves the time.
 */
static int compare_age(const void *a, const void *b)
{
	const struct dev *x = a, *y = b;

	if (x->attach_time != y->attach_time)
		return x->attach_time < y->attach_time ? 1 : -1;
	return (x->sequence < y->sequence) - (x->sequence > y->sequence);
}

static int detach_all(struct attached *attached)
{
	int status = STATUS_OK;

	qsort(attached->devs, attached->count, sizeof(*attached->devs), compare_age);
	for (size_t i = 0; i < attached->count; i++)
		status = worse(status, detach(attached, &attached->devs[i]));
	return status;
}

static int detach_label(const struct attached *attached)
{
	for (size_t i = 0; i < attached->count; i++)
		if (!strcmp(attached->devs[i].label, label))
			return detach(attached, &attached->devs[i]);
	return not_detached_by(-ENXIO, label, "no device has this label; see: reloop list");
}

static int check_timeout(void)
{
	unsigned int ms;

	if (!timeout)
		return STATUS_OK;
	if (!wait_parse_seconds(timeout, &ms))
		return report_usage("detach", "--timeout: '%s' is not a time; "
				    "give seconds, such as 10 or 0.5", timeout);
	wait_for_users = true;
	wait_ms = ms;
	return STATUS_OK;
}

static int check_operands(char **operands, int count)
{
	if (all && count)
		return report_usage("detach", "both --all and '%s'; give one of them", operands[0]);
	if (all && label)
		return report_usage("detach", "both --all and --label; give one of them");
	if (label && !*label)
		return report_usage("detach", "--label: it is empty; give one");
	if (!all && !count && !label)
		return report_usage("detach", "no device or image given; give some, or --all");
	return check_timeout();
}

/* @path: what to name when it fails. */
static int begin(struct attached *attached, const char *path)
{
	int err = dev_prefix(attached->prefix);

	if (!err)
		err = dev_list(attached->prefix, dev_read, &attached->devs, &attached->count);
	if (err)
		return not_detached_by(err, path, "%s", explain_module(err));
	return STATUS_OK;
}

static int detach_wanted(struct attached *attached, char **operands, int count)
{
	int status = STATUS_OK;

	if (all && attached->count)
		status = detach_all(attached);
	if (label)
		status = detach_label(attached);
	for (int i = 0; i < count; i++)
		status = worse(status, detach_operand(attached, operands[i]));
	return status;
}

static int run_detach(char **operands, int count)
{
	const char *path = all ? "devices" : label ? label : operands[0];
	int status = check_operands(operands, count);
	struct attached attached;

	if (status == STATUS_OK)
		status = begin(&attached, path);
	if (status != STATUS_OK)
		return status;
	/* Without it nothing can be detached, but what is wrong with the operands comes first. */
	attached.control = bind_open_control(attached.prefix);
	status = detach_wanted(&attached, operands, count);
	if (attached.control >= 0)
		close(attached.control);
	free(attached.devs);
	return status;
}

const struct command detach_command = {
	.name = "detach",
	.operands = "{DEVICE|IMAGE... | --label NAME | --all}",
	.summary = "Detach devices, by name or by image, and wait until that is done.",
	.options = detach_options,
	.run = run_detach,
};
