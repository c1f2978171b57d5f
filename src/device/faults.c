// SPDX-License-Identifier: GPL-2.0-only
/* The rules by which requests of a device fail, for the medium it has. */
#include "device/faults.h"
#include "io/faults.h"

static bool has_medium(const struct reloop_device *dev, u64 diskseq)
{
	return READ_ONCE(dev->disk->diskseq) == diskseq;
}

static int device_add_fault(struct reloop_device *dev, unsigned int medium,
			    const struct reloop_fault *fault)
{
	char text[RELOOP_FAULT_TEXT_MAX];
	int ret;

	ret = reloop_faults_add(&dev->io, medium, fault);
	if (ret)
		return ret;

	reloop_fault_print(fault, text);
	pr_warn("%s: requests are made to fail: %s\n", dev->disk->disk_name,
		text);
	return 0;
}

static int device_clear_faults(struct reloop_device *dev, unsigned int medium)
{
	int ret;

	ret = reloop_faults_clear(&dev->io, medium);
	if (ret < 0)
		return ret;

	pr_notice("%s: requests are not made to fail any more; rules cleared: %d\n",
		  dev->disk->disk_name, ret);
	return 0;
}

void reloop_device_clear_faults(struct reloop_device *dev, u64 diskseq)
{
	unsigned int medium = reloop_faults_medium(&dev->io);

	if (has_medium(dev, diskseq) && reloop_faults_used(&dev->io))
		device_clear_faults(dev, medium);
}

int reloop_device_fault(struct reloop_device *dev,
			const struct reloop_fault *fault)
{
	/* Read before the check: if the medium changes later, this is stale. */
	unsigned int medium = reloop_faults_medium(&dev->io);

	if (!has_medium(dev, fault->diskseq))
		return -ESTALE;

	return fault->action == RELOOP_FAULT_CLEAR ?
	       device_clear_faults(dev, medium) :
	       device_add_fault(dev, medium, fault);
}

void reloop_device_hold_up_nothing(struct reloop_device *dev, u64 diskseq)
{
	/* First, as in reloop_device_fault(). */
	unsigned int medium = reloop_faults_medium(&dev->io);

	if (!diskseq || has_medium(dev, diskseq))
		reloop_faults_leave(&dev->io, medium);
}
