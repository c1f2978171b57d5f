/* SPDX-License-Identifier: GPL-2.0-only */
/* Unmounts what is mounted of a device, and waits for its end if that was its last use. */
#ifndef RELOOP_UNMOUNTING_H
#define RELOOP_UNMOUNTING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/dev.h"

/* All devices that were attached when the command started; read as far as is needed to find one. */
struct attached {
	char prefix[DEV_PREFIX_MAX];
	int control;
	struct dev *devs;
	size_t count;
};

#define not_unmounted(path, format, ...) \
	report_failure("%s: not unmounted: " format, path, ##__VA_ARGS__)
#define not_unmounted_by(err, path, format, ...) \
	report_error(err, "%s: not unmounted: " format, path, ##__VA_ARGS__)

/* What is unmounted of one device. */
struct unmounting {
	const char *path;	/* as given */
	const struct dev *dev;
	int held;		/* an open file of the device, or below zero */
	int synced;		/* what has been told of what is lost */
	bool is_any;		/* mount of it */
};

/* @path: as given; @dev: read by dev_read(). */
void unmounting_begin(const struct attached *attached, const char *path, const struct dev *dev,
		      struct unmounting *unmounting);

/* Here and below: a status; failures are reported. @id: of the mount that was visible at @point. */
int unmounting_do(struct unmounting *unmounting, const char *point, uint64_t id);

/* All mounts of it, the last first. */
int unmounting_all(struct unmounting *unmounting);

/* @status: of the unmount. */
int unmounting_end(const struct attached *attached, const struct unmounting *unmounting,
		   int status);

#endif
