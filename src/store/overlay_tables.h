/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of an overlay that another program has laid out. */
#ifndef RELOOP_OVERLAY_TABLES_H
#define RELOOP_OVERLAY_TABLES_H

#include "store/overlay_header.h"
#include "store/pieces.h"

/**
 * reloop_overlay_tables_read() - check all tables and load the words
 * @pieces: of an overlay that is not linear, with nothing loaded
 * @header: checked
 * @file_size: of the file, in bytes
 * @reason: receives what is wrong; %RELOOP_REASON_NO_PLACE is no error
 *
 * Every table and cluster must lie in the file, and no two in the same place.
 * May sleep; reads the file.
 *
 * Return: 0; -EINVAL with a reason; -ENOMEM; -EINTR if the task was killed; an
 * error of the file system.
 */
int reloop_overlay_tables_read(struct reloop_pieces *pieces,
			       const struct reloop_overlay_header *header,
			       u64 file_size, enum reloop_reason *reason);

#endif /* RELOOP_OVERLAY_TABLES_H */
