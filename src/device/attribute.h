/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An attribute in sysfs that exists as long as the device, and tells something
 * about what is attached to it.
 */
#ifndef RELOOP_ATTRIBUTE_H
#define RELOOP_ATTRIBUTE_H

#include <linux/device.h>

#include "device/device.h"

/**
 * struct reloop_attribute - an attribute of what is attached
 * @attr: what sysfs has
 * @show: prints to a buffer of %PAGE_SIZE what it shows of the binding of the
 *        device, which also has an origin; returns the length or a negative
 *        errno. Called under the lock of reloop_chain_lock(), so it must not
 *        wait for I/O.
 */
struct reloop_attribute {
	struct device_attribute attr;
	ssize_t (*show)(const struct reloop_device *dev,
			const struct reloop_binding *binding, char *buf);
};

/* attr_NAME, readable by everybody, shown by show_NAME(). */
#define RELOOP_ATTRIBUTE(_name)						\
static struct reloop_attribute attr_##_name = {				\
	.attr	= __ATTR(_name, 0444, reloop_attribute_show, NULL),	\
	.show	= show_##_name,						\
}

/**
 * reloop_attribute_show() - the show function of every struct reloop_attribute
 * @ddev: the disk of a loop device
 * @attr: part of a struct reloop_attribute
 * @buf: see there
 *
 * May sleep.
 *
 * Return: the length, -ENXIO if nothing is attached, or what the attribute
 * returns.
 */
ssize_t reloop_attribute_show(struct device *ddev,
			      struct device_attribute *attr, char *buf);

#endif /* RELOOP_ATTRIBUTE_H */
