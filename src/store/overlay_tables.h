/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of an overlay that other programs have laid out. */
#ifndef RELOOP_OVERLAY_TABLES_H
#define RELOOP_OVERLAY_TABLES_H

#include "store/overlay_header.h"
#include "store/pieces.h"

/**
 * reloop_overlay_tables_read() - look through all tables and take the words
 * @pieces: of an overlay that is not linear, nothing of it loaded
 * @header: looked through
 * @file_size: of the file, in bytes
 * @reason: receives what is the matter, %RELOOP_REASON_NO_PLACE where it is
 *	    no error
 *
 * Every table and cluster lies in the file, and in no place where another one
 * does. May sleep; reads the file.
 *
 * Return: 0; -EINVAL with a reason; -ENOMEM; what the file system answers.
 */
int reloop_overlay_tables_read(struct reloop_pieces *pieces,
			       const struct reloop_overlay_header *header,
			       u64 file_size, enum reloop_reason *reason);

#endif /* RELOOP_OVERLAY_TABLES_H */
