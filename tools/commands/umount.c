// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "lib/deadline.h"
#include "lib/find.h"
#include "lib/mounts.h"
#include "lib/progress.h"
#include "lib/spawn.h"
#include "lib/users.h"
#include "lib/wait.h"
#include "words/explain.h"
#include "words/report.h"

#define DETACH_WAIT_MS 5000
#define SAID_MAX 256

static const struct option_row no_options[] = { { 0 } };

/* All devices that were attached when the command started. */
struct attached {
	char prefix[DEV_PREFIX_MAX];
	struct dev *devs;
	size_t count;
};

#define not_unmounted(path, format, ...) \
	report_failure("%s: not unmounted: " format, path, ##__VA_ARGS__)
#define not_unmounted_by(err, path, format, ...) \
	report_error(err, "%s: not unmounted: " format, path, ##__VA_ARGS__)

static int unmount(const char *path, const char *point)
{
	const char *const argv[] = { "umount", "--", point, NULL };
	char said[SAID_MAX] = "";
	int status = spawn(argv, said, sizeof(said));

	if (!status)
		return STATUS_OK;
	if (status == SPAWN_NO_COMMAND && !*said)
		return not_unmounted(path, "there is no umount program; install one, as of "
				     "util-linux");
	return not_unmounted(path, "%s", *said ? said : "umount does not say why");
}

/*
 * Whoever looks at the device, as udev does, keeps it a moment longer than the mount. Other mounts,
 * and whatever is built on it, may keep it as long as they like.
 */
static int wait_until_detached(const struct attached *attached, const char *path,
			       const struct dev *dev)
{
	uint64_t deadline = deadline_ms(DETACH_WAIT_MS);
	struct user user;

	users_find(dev, attached->devs, attached->count, &user);
	if (!dev->autoclear || user.kind != USER_NONE)
		return STATUS_OK;
	progress_begin("%s: in use; waiting", dev->path);
	while (!dev_check_same(dev) && wait_more(deadline))
		;
	progress_end();
	if (dev_check_same(dev))
		return STATUS_OK;
	return report_error(-ETIMEDOUT, "%s: unmounted, but %s is still in use; it will be detached "
			    "when the last user closes it; see: reloop who %s", path, dev->path,
			    dev->path);
}

static int unmount_directory(const struct attached *attached, const char *path)
{
	char *point = realpath(path, NULL);
	const struct dev *dev = NULL;
	int status;

	if (point)
		dev = mounts_device_at(point, attached->devs, attached->count);
	if (dev)
		status = unmount(path, point);
	else
		status = not_unmounted_by(-ENXIO, path, "no image is mounted there; see: reloop list");
	if (status == STATUS_OK)
		status = wait_until_detached(attached, path, dev);
	free(point);
	return status;
}

/* Unmounts all of its mounts, the last one first. */
static int unmount_device(const struct attached *attached, const char *path,
			  const struct dev *dev, bool *is_any)
{
	char point[PATH_MAX];
	int status = STATUS_OK;

	while (status == STATUS_OK && mounts_last_of(dev, point)) {
		*is_any = true;
		if (!mounts_device_at(point, dev, 1))
			return not_unmounted_by(-EBUSY, path, "something else is mounted over it on "
						"%s; unmount that first: umount %s", point, point);
		status = unmount(path, point);
	}
	return status == STATUS_OK ? wait_until_detached(attached, path, dev) : status;
}

/* Unmounts the devices of the image itself, or else the one whose overlay has it as its base. */
static int unmount_image(const struct attached *attached, const struct operand *image)
{
	const struct dev *base_of = NULL;
	bool is_found = false, is_any = false;
	int status = STATUS_OK, bases = 0;

	for (size_t i = 0; i < attached->count && status == STATUS_OK; i++) {
		const struct dev *dev = &attached->devs[i];

		if (!image->err && dev_has_base(dev, &image->st)) {
			base_of = dev;
			bases++;
		}
		if (!dev_has_image(dev, image))
			continue;
		is_found = true;
		status = unmount_device(attached, image->text, dev, &is_any);
	}
	if (!is_found && bases > 1)
		return not_unmounted_by(-EBUSY, image->text, "it is the base of %d devices; give the "
					"directory, or the overlay", bases);
	if (!is_found && bases)
		status = unmount_device(attached, image->text, base_of, &is_any);
	else if (!is_found)
		return not_unmounted_by(image->err ? image->err : -ENXIO, image->text, "%s",
					explain_attached(image->err ? image->err : -ENXIO));
	if (status == STATUS_OK && !is_any)
		return not_unmounted_by(-ENXIO, image->text, "it is attached, but not mounted; see: "
					"reloop who %s", image->text);
	return status;
}

static int unmount_operand(const struct attached *attached, const char *path)
{
	struct operand operand;
	bool is_any = false;
	struct dev dev;
	int status, err;

	operand_look(&operand, path);
	if (!operand.err && S_ISDIR(operand.st.st_mode))
		return unmount_directory(attached, path);
	err = dev_find(attached->prefix, &operand, &dev);
	if (err && err != -EMEDIUMTYPE)
		return unmount_image(attached, &operand);
	if (err)
		return not_unmounted(path, "it is a partition; give the directory, or the whole "
				     "device, %s", dev.path);
	err = dev_read(&dev);
	if (err)
		return not_unmounted_by(err, path, "%s", explain_attached(err));
	status = unmount_device(attached, path, &dev, &is_any);
	if (status == STATUS_OK && !is_any)
		return not_unmounted_by(-ENXIO, path, "it is not mounted; see: reloop who %s",
					path);
	return status;
}

static int run_umount(char **operands, int count)
{
	struct attached attached = { 0 };
	int status, err;

	if (count != 1)
		return report_usage("umount", count ? "'%s' is too much; give one of them" :
				    "no directory given; give one, or an image",
				    count ? operands[1] : "");
	err = dev_prefix(attached.prefix);
	if (!err)
		err = dev_list(attached.prefix, DEV_ALL, &attached.devs, &attached.count);
	if (err)
		return not_unmounted_by(err, operands[0], "%s", explain_module(err));
	status = unmount_operand(&attached, operands[0]);
	free(attached.devs);
	return status;
}

const struct command umount_command = {
	.name = "umount",
	.operands = "DIR|IMAGE",
	.summary = "Unmount an image, and wait until what mount attached is detached.",
	.options = no_options,
	.run = run_umount,
};
