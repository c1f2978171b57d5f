// SPDX-License-Identifier: GPL-2.0-only
#include "commands/list_choice.h"

#include <errno.h>
#include <string.h>

#include "lib/find.h"
#include "words/explain.h"
#include "words/report.h"

/* Moves the devices that @is_wanted accepts to the front. */
static size_t keep(struct dev *devs, size_t first, size_t count, const void *what,
		   bool (*is_wanted)(const struct dev *dev, const void *what))
{
	struct dev found;

	for (size_t i = first; i < count; i++) {
		if (!is_wanted(&devs[i], what))
			continue;
		found = devs[i];
		memmove(&devs[first + 1], &devs[first], (i - first) * sizeof(*devs));
		devs[first++] = found;
	}
	return first;
}

static bool has_label(const struct dev *dev, const void *what)
{
	return !strcmp(dev->label, what);
}

static bool is_device(const struct dev *dev, const void *what)
{
	return dev->number == ((const struct dev *)what)->number;
}

static bool has_image(const struct dev *dev, const void *what)
{
	return dev_has_image(dev, what);
}

/* Keeps a device, or else those of an image, or else the device of a partition. */
static size_t keep_operand(const char *prefix, struct dev *devs, size_t first, size_t count,
			   const struct operand *operand)
{
	struct dev dev;
	int err = dev_find(prefix, operand, &dev);
	size_t next = first;

	if (err == -ESTALE)
		return first;
	if (err)
		next = keep(devs, first, count, operand, has_image);
	if (!err || (err == -EMEDIUMTYPE && next == first))
		next = keep(devs, first, count, &dev, is_device);
	return next;
}

static int report_not_listed(const char *prefix, const struct operand *operand)
{
	struct dev dev;
	int err = dev_find(prefix, operand, &dev);

	/* Otherwise it is something that could be attached. */
	if (err != -ESTALE && (!err || err != operand->err || err == -ETIMEDOUT))
		err = dev_not_attached(prefix, operand);
	return report_error(err, "%s: not listed: %s", operand->text, explain_attached(err));
}

int list_choose(const char *prefix, struct dev *devs, size_t *count, const char *label,
		char **operands, int operand_count)
{
	size_t first = 0, next;
	struct operand operand;

	if (!label && !operand_count)
		return STATUS_OK;
	if (label && !*label)
		return report_usage("list", "--label: it is empty; give one");
	if (label) {
		first = keep(devs, 0, *count, label, has_label);
		if (!first)
			return report_error(-ENXIO, "%s: not listed: no device has this label; "
					    "see: reloop list", label);
	}
	for (int i = 0; i < operand_count; i++) {
		operand_look(&operand, operands[i]);
		next = keep_operand(prefix, devs, first, *count, &operand);
		if (next == first && !keep_operand(prefix, devs, 0, first, &operand))
			return report_not_listed(prefix, &operand);
		first = next;
	}
	*count = first;
	return STATUS_OK;
}
