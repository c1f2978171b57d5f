/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a device is not detached, in words. */
#ifndef RELOOP_DETACH_WORDS_H
#define RELOOP_DETACH_WORDS_H

#include "lib/users.h"
#include "words/report.h"

#define not_detached(path, format, ...) \
	report_failure("%s: not detached: " format, path, ##__VA_ARGS__)
#define not_detached_by(err, path, format, ...) \
	report_error(err, "%s: not detached: " format, path, ##__VA_ARGS__)

/* @err comes from release_unused() or bind_detach(). Both return a status. */
int detach_report_err(const char *path, int err);
int detach_report_user(const struct dev *dev, const struct user *user);

/* Continues a sentence after "in use". */
#define DETACH_WORDS_MAX (sizeof(struct user) + 64)
void detach_describe(const struct user *user, char words[DETACH_WORDS_MAX]);

#endif
