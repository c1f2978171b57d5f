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

/* @err is of image_open(), image_create() or image_lock(); -EMEDIUMTYPE is for the second. */
int refuse_image(const char *path, int err);
int refuse_type(const struct image *image);

/* An enum reloop_reason, whoever has found it. */
int refuse_reason(const char *path, unsigned int reason);

/* An enum reloop_reason that speaks of what @dev has of the file @path. */
int refuse_used(const char *path, unsigned int reason, const struct dev *dev);

/* The kernel's answer to the attach; @sector_bytes: what it was asked for, or 0. */
int refuse_bind(const char *path, uint64_t sector_bytes, int err);

/* What became of the node of a device that was attached. */
int refuse_node(const char *path, const char *node, int err);

/* For --device: a device that cannot be meant (@err as of dev_find(), or -ERANGE), or is taken. */
int refuse_device(const char *path, const char *prefix, const struct dev *dev, int err);

#endif
