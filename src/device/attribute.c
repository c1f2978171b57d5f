// SPDX-License-Identifier: GPL-2.0-only
/* How sysfs shows something about what is attached. */
#include <linux/container_of.h>

#include "device/attribute.h"
#include "device/chain.h"

ssize_t reloop_attribute_show(struct device *ddev,
			      struct device_attribute *attr, char *buf)
{
	const struct reloop_attribute *attribute =
		container_of(attr, struct reloop_attribute, attr);
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;
	const struct reloop_binding *binding;
	ssize_t ret = -ENXIO;

	binding = reloop_chain_lock(dev);
	if (binding)
		ret = attribute->show(dev, binding, buf);
	reloop_chain_unlock();

	return ret;
}
