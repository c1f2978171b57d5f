// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/unmounting.h"
#include "lib/bind.h"
#include "lib/find.h"
#include "lib/mounts.h"
#include "lib/signals.h"
#include "words/explain.h"
#include "words/report.h"

static const struct option_row no_options[] = { { 0 } };

/* Another attachment may be there by now. */
static bool read_rest(const struct dev *listed, struct dev *dev)
{
	*dev = *listed;
	return !dev_read(dev) && dev->sequence == listed->sequence;
}

/* NULL: none that is known. The caller frees it. */
static char *point_of(const struct operand *operand)
{
	if (operand->err == -ETIMEDOUT)
		return operand->is_dead ? strdup(operand->name) : NULL;
	return realpath(operand->text, NULL);
}

static int unmount_directory(const struct attached *attached, const struct operand *operand)
{
	const char *path = operand->text;
	char *point = point_of(operand);
	struct unmounting unmounting;
	const struct dev *listed = NULL;
	struct dev dev;
	uint64_t id;
	int status;

	if (point)
		listed = mounts_device_at(point, attached->devs, attached->count, &id);
	if (listed && read_rest(listed, &dev)) {
		unmounting_begin(attached, path, &dev, &unmounting);
		unmounting.is_any = true;
		status = unmounting_end(attached, &unmounting,
					unmounting_do(&unmounting, point, id));
	} else {
		status = not_unmounted_by(-ENXIO, path, "no image is mounted there; "
					  "see: reloop list");
	}
	free(point);
	return status;
}

static int unmount_device(const struct attached *attached, const char *path,
			  const struct dev *dev, bool *is_any)
{
	struct unmounting unmounting;
	int status;

	unmounting_begin(attached, path, dev, &unmounting);
	status = unmounting_end(attached, &unmounting, unmounting_all(&unmounting));
	*is_any |= unmounting.is_any;
	return status;
}

/*
 * Unmounts the devices of the image itself; or, if it is not mounted itself, the one whose overlay
 * has it as its base. @whole: the device that it is a partition of, or NULL.
 */
static int unmount_image(const struct attached *attached, const struct operand *image,
			 const struct dev *whole)
{
	bool is_found = false, is_any = false;
	const struct dev *base_of = NULL;
	int status = STATUS_OK, bases = 0;
	struct dev dev;

	if (dev_are_ambiguous(attached->prefix, image, attached->devs, attached->count))
		return not_unmounted_by(-ENOTUNIQ, image->text, "%s", explain_attached(-ENOTUNIQ));
	for (size_t i = 0; i < attached->count && status == STATUS_OK; i++) {
		const struct dev *listed = &attached->devs[i];

		if (!image->err && dev_has_base(listed, &image->st)) {
			base_of = listed;
			bases++;
		}
		if (!dev_has_image(listed, image) || !read_rest(listed, &dev))
			continue;
		is_found = true;
		status = unmount_device(attached, image->text, &dev, &is_any);
	}
	if (!is_any && bases > 1)
		return not_unmounted_by(-EBUSY, image->text, "it is the base of %d devices; give the "
					"directory, or the overlay", bases);
	if (!is_any && bases && read_rest(base_of, &dev))
		status = unmount_device(attached, image->text, &dev, &is_any);
	else if (!is_found && whole)
		return not_unmounted(image->text, "it is a partition; give the directory, or the "
				     "whole device, %s", whole->path);
	else if (!is_found)
		return not_unmounted_by(image->err ? image->err : -ENXIO, image->text, "%s",
					explain_attached(image->err ? image->err : -ENXIO));
	if (status == STATUS_OK && !is_any)
		return not_unmounted_by(-ENXIO, image->text, "it is attached, but not mounted; see: "
					"reloop who %s", image->text);
	return status;
}

/* Of a file system that has shut down, only the table of mounts tells what it is. */
static bool is_mount_point(const struct attached *attached, const struct operand *operand)
{
	char *point = point_of(operand);
	bool is_mounted;
	uint64_t id;

	is_mounted = point && mounts_device_at(point, attached->devs, attached->count, &id);
	free(point);
	return is_mounted;
}

static int unmount_operand(const struct attached *attached, const char *path)
{
	struct operand operand;
	bool is_any = false;
	struct dev dev;
	int status, err;

	operand_look(&operand, path);
	if (operand.err ? is_mount_point(attached, &operand) : S_ISDIR(operand.st.st_mode))
		return unmount_directory(attached, &operand);
	err = dev_find(attached->prefix, &operand, &dev);
	if (err && err != -ESTALE)
		return unmount_image(attached, &operand, err == -EMEDIUMTYPE ? &dev : NULL);
	err = err ? err : dev_read(&dev);
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
	const uint64_t to_find = dev_identity() | DEV_MEMBER(backing_file) | DEV_MEMBER(deleted);
	struct attached attached = { 0 };
	int status, err;

	if (count != 1)
		return report_usage("umount", count ? "'%s' is too much; give one of them" :
				    "no directory given; give one, or an image",
				    count ? operands[1] : "");
	if (!mounts_are_known())
		return not_unmounted_by(-ENODATA, operands[0], "%s", NO_PROC);
	err = dev_prefix(attached.prefix);
	if (!err)
		err = dev_list(attached.prefix, to_find, &attached.devs, &attached.count);
	if (err)
		return not_unmounted_by(err, operands[0], "%s", explain_module(err));
	attached.control = bind_open_control(attached.prefix);
	status = unmount_operand(&attached, operands[0]);
	if (attached.control >= 0)
		close(attached.control);
	free(attached.devs);
	signals_release();
	return status;
}

const struct command umount_command = {
	.name = "umount",
	.operands = "DIR|IMAGE",
	.summary = "Unmount an image, and wait until what mount attached is detached.",
	.options = no_options,
	.run = run_umount,
};
