/* SPDX-License-Identifier: GPL-2.0-only */
/* Why an image is not attached, in words that say what helps. All of these return a status. */
#ifndef RELOOP_REFUSAL_H
#define RELOOP_REFUSAL_H

#include "lib/dev.h"
#include "lib/image.h"
#include "words/report.h"

#define not_attached(path, format, ...) \
	report_failure("%s: not attached: " format, path, ##__VA_ARGS__)
#define not_attached_by(err, path, format, ...) \
	report_error(err, "%s: not attached: " format, path, ##__VA_ARGS__)

/* @err comes from image_open(), image_create() or image_lock(); -EMEDIUMTYPE is for the second. */
int refuse_image(const char *path, int err);
int refuse_type(const struct image *image);

/* For an enum reloop_reason, whoever found it. */
int refuse_reason(const char *path, unsigned int reason);

/* For an enum reloop_reason about how @dev uses the file @path. */
int refuse_used(const char *path, unsigned int reason, const struct dev *dev);

/* For the kernel's answer to the attach; @sector_bytes: what it was asked for, or 0. */
int refuse_bind(const char *path, uint64_t sector_bytes, int err);

/* For the node of a device that was attached. */
int refuse_node(const char *path, const char *node, int err);

/* For a --device that cannot be used (@err from dev_find(), or -ERANGE) or is taken. */
int refuse_device(const char *path, const char *prefix, const struct dev *dev, int err);

#endif
