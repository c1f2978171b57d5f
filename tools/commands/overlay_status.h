/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_OVERLAY_STATUS_H
#define RELOOP_OVERLAY_STATUS_H

#include <stdbool.h>

/* Prints what the overlay @path contains and whether its base is unchanged; returns a status. */
int overlay_print_status(const char *path, bool as_json);

#endif
