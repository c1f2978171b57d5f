/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_OVERLAY_STATUS_H
#define RELOOP_OVERLAY_STATUS_H

#include <stdbool.h>

/* What the overlay @path has, and whether its base still is what it was; returns a status. */
int overlay_print_status(const char *path, bool as_json);

#endif
