// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/detach_words.h"
#include "commands/leftovers.h"
#include "lib/bind.h"
#include "lib/find.h"
#include "lib/nodes.h"
#include "lib/progress.h"
#include "lib/release.h"
#include "lib/signals.h"
#include "lib/users.h"
#include "lib/wait.h"
#include "words/explain.h"
#include "words/report.h"

#define WAIT_FOREVER -1

static bool all, wait_for_users;
static const char *label, *timeout;

/* Set by --wait and --timeout, in milliseconds. */
static int wait_ms = WAIT_FOREVER;

static const struct option_row detach_options[] = {
	{ "all", NULL, "detach all devices", 'a', .flag = &all },
	{ "label", "NAME", "detach the device with this label", .text = &label },
	{ "wait", NULL, "wait for whoever uses it, as long as that takes", 'w',
	  .flag = &wait_for_users },
	{ "timeout", "SECONDS", "wait for them that long", .text = &timeout },
	{ 0 }
};

/* All devices that were attached when they were first needed: with thousands, that takes time. */
struct attached {
	char prefix[DEV_PREFIX_MAX];
	int control;
	bool has_partitions;	/* nodes to look for in /dev, all of which has to be read */
	bool is_listed;
	struct dev *devs;
	size_t count;
};

/* Of each device: its age, what uses it, how to detach it; and what operands may mean it by. */
static uint64_t wanted_members(void)
{
	uint64_t to_find = dev_identity() | DEV_MEMBER(backing_file) | DEV_MEMBER(deleted) |
			   DEV_MEMBER(label);

	return (all ? 0 : to_find) |
	       DEV_MEMBER(attach_time) | DEV_MEMBER(creator_pid) |
	       DEV_MEMBER(openers) | DEV_MEMBER(claimed) |
	       DEV_MEMBER(backing_rdev) | DEV_MEMBER(base_dev) | DEV_MEMBER(base_rdev) |
	       DEV_MEMBER(format) | DEV_MEMBER(flush) | DEV_MEMBER(powercut);
}

static int list(struct attached *attached)
{
	int err;

	if (attached->is_listed)
		return 0;
	err = dev_list(attached->prefix, wanted_members(), &attached->devs, &attached->count);
	attached->is_listed = !err;
	return err;
}

/* Describes any user, in any process. */
static void describe_any(struct attached *attached, const struct dev *dev,
			 char words[DETACH_WORDS_MAX])
{
	struct user user;

	list(attached);
	users_find_any(dev, attached->devs, attached->count, &user);
	detach_describe(&user, words);
}

static int report_timeout(struct attached *attached, const struct dev *dev)
{
	char words[DETACH_WORDS_MAX];

	describe_any(attached, dev, words);
	return not_detached_by(-ETIMEDOUT, dev->path, "still in use%s; end that, "
			       "and it will be detached when the last user closes it", words);
}

static int report_in_progress(struct attached *attached, const struct dev *dev)
{
	char words[DETACH_WORDS_MAX];

	describe_any(attached, dev, words);
	return not_detached_by(-EINPROGRESS, dev->path, "in use%s; it will be detached when the "
			       "last user closes it", words);
}

static void show_wait(struct attached *attached, const struct dev *dev)
{
	char words[DETACH_WORDS_MAX];
	struct user user;

	list(attached);
	users_find(dev, attached->devs, attached->count, &user);
	detach_describe(&user, words);
	progress_begin("%s: in use%s; waiting", dev->path, words);
	progress_show();
}

/* The first of several failures counts. */
static int worse(int status, int next)
{
	return status != STATUS_OK ? status : next;
}

/* A device that has gone by itself since the devices were listed is fine. */
static bool is_done(int err)
{
	return !err || (all && err == -ENXIO);
}

/* @err: of the detach. Lost data does not keep the device attached. */
static int finish(const struct attached *attached, const struct dev *dev, int err)
{
	if (!is_done(err) && !bind_is_lost(err))
		return detach_report_err(dev->path, err);
	if (attached->has_partitions)
		leftovers_remove(attached->control, dev, false);
	return bind_is_lost(err) ? leftovers_report_lost(dev->path, err) : STATUS_OK;
}

/* @user: who prevented it, or nobody. */
static int finish_unused(struct attached *attached, const struct dev *dev,
			 const struct user *user, int err)
{
	if (user->kind != USER_NONE)
		return detach_report_user(dev, user);
	if (err == -EINPROGRESS)
		return report_in_progress(attached, dev);
	if (err == -ENOENT)
		return not_detached_by(err, dev->path, "its node is missing in /dev, or leads to "
				       "another device; use --wait, which needs none: "
				       "reloop detach --wait %s", dev->path);
	return finish(attached, dev, err);
}

/*
 * Mounts, swap and holders claim a device, other devices only have it open; so for most devices
 * neither need to be searched.
 */
static int find_user(struct attached *attached, const struct dev *dev, struct user *user)
{
	int err;

	*user = (struct user) { .kind = USER_NONE };
	if (!dev->claimed && !dev->openers)
		return 0;
	err = list(attached);
	if (err)
		return err;
	if (dev->claimed)
		users_find(dev, attached->devs, attached->count, user);
	else
		users_find_loop(dev, attached->devs, attached->count, user);
	return 0;
}

/*
 * Users are looked up before, since that has no side effects, and again after, to name those who
 * came in between.
 */
static int detach_unused(struct attached *attached, const struct dev *dev)
{
	int err, lost = 0, status;
	struct user user;

	err = find_user(attached, dev, &user);
	if (err)
		return detach_report_err(dev->path, err);
	if (user.kind == USER_NONE) {
		progress_begin("%s: in use; waiting", dev->path);
		err = release_unused(attached->control, dev, &lost);
		progress_end();
		if (err == -EBUSY && !list(attached))
			users_find(dev, attached->devs, attached->count, &user);
	}
	status = lost ? leftovers_report_flush(dev->path, lost) : STATUS_OK;
	status = worse(status, finish_unused(attached, dev, &user, err));
	signals_release();
	return status;
}

static int detach_used(struct attached *attached, const struct dev *dev)
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

static int detach(struct attached *attached, const struct dev *dev)
{
	int err = attached->control;

	if (err < 0)
		return not_detached_by(err, dev->path, "/dev/%s" RELOOP_NAMES_CONTROL ": %s",
				       attached->prefix, explain_control(err));
	return wait_for_users ? detach_used(attached, dev) : detach_unused(attached, dev);
}

/* An image may be attached to several devices: all of them are detached. */
static int detach_image(struct attached *attached, const struct operand *image,
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

/* For an operand that is no device of the module, but perhaps an image or a partition of @dev. */
static int report_operand(struct attached *attached, const struct operand *operand,
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
		return detach_report_err(path, err);
	err = dev_not_attached(attached->prefix, operand);
	return not_detached_by(err, path, "%s", explain_attached(err));
}

/*
 * Detaches one of the module's devices, or else an image. A partition of such a device may well be
 * an image: only if it is not, it is taken for a mistake.
 */
static int detach_operand(struct attached *attached, const char *path)
{
	struct operand operand;
	struct dev dev = { 0 };
	bool is_found;
	int status, err, listing;

	operand_look(&operand, path);
	err = dev_find(attached->prefix, &operand, &dev);
	if (!err) {
		err = dev_read_members(&dev, wanted_members());
		return err ? detach_report_err(path, err) : detach(attached, &dev);
	}
	if (err == -ESTALE)
		return detach_report_err(path, err);
	listing = list(attached);
	if (listing)
		return detach_report_err(path, listing);
	if (dev_are_ambiguous(attached->prefix, &operand, attached->devs, attached->count))
		return not_detached_by(-ENOTUNIQ, path, "%s", explain_attached(-ENOTUNIQ));
	status = detach_image(attached, &operand, &is_found);
	return is_found ? status : report_operand(attached, &operand, &dev, err);
}

static int detach_all(struct attached *attached)
{
	int status = STATUS_OK;

	dev_sort(attached->devs, attached->count);
	for (size_t i = 0; i < attached->count; i++)
		status = worse(status, detach(attached, &attached->devs[i]));
	return status;
}

static int detach_label(struct attached *attached)
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

/* @path: what to name if it fails. */
static int begin(struct attached *attached, const char *path)
{
	int err = dev_prefix(attached->prefix);

	if (!err && (all || label))
		err = list(attached);
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
	struct attached attached = { 0 };

	if (status == STATUS_OK)
		status = begin(&attached, path);
	if (status != STATUS_OK)
		return status;
	attached.has_partitions = !all || nodes_have_partitions(attached.prefix);
	/* Without it nothing can be detached, but mistakes in the operands come first. */
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
