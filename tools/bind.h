/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attaching and detaching: the part that changes something in the kernel.
 * Returns -errno, prints nothing, and leaves no trace of what did not succeed.
 */
#ifndef RELOOP_BIND_H
#define RELOOP_BIND_H

#include <linux/loop.h>

#include "dev.h"

/* What was being tried; the same errno means different things in each. */
enum bind_step {
	BIND_OPEN_CONTROL,
	BIND_GET_FREE,
	BIND_ADD,
	BIND_OPEN_DEVICE,
	BIND_CONFIGURE,
};

/*
 * Attaches as @config says to a free device, which is then @dev, named also when its opening
 * failed. Returns a file descriptor of the device, or -errno and the @step that failed.
 */
int bind_free(const char *prefix, const struct loop_config *config, struct dev *dev,
	      enum bind_step *step);

/* The same for a given device. -EBUSY: it is taken. */
int bind_given(const struct dev *dev, const struct loop_config *config, enum bind_step *step);

/* The same for a given device that does not exist yet. */
int bind_new(const char *prefix, const struct loop_config *config, const struct dev *dev,
	     enum bind_step *step);

/*
 * Detaches and waits until it is really done.
 * -EBUSY: somebody has claimed it (mounted it, say), nothing was changed;
 * -ENXIO: nothing was attached;
 * -EINPROGRESS: somebody has it open, the kernel detaches it when the last user closes it.
 */
int bind_release(const struct dev *dev);

#endif
