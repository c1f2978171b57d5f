/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pieces of an overlay on disk: the L2 tables, which are read when they are first
 * needed and written when a flush wants it.
 */
#ifndef RELOOP_PIECES_DISK_H
#define RELOOP_PIECES_DISK_H

#include "store/pieces.h"

/**
 * reloop_pieces_load() - make the words of a range readable
 * @pieces: of an overlay
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * May sleep; reads the file.
 *
 * Return: 0; -EUCLEAN for a table that no overlay has; what the file system
 * answers.
 */
int reloop_pieces_load(struct reloop_pieces *pieces, u64 pos, u64 len);

/**
 * reloop_pieces_write() - make what the words say durable
 * @pieces: of an overlay
 * @sync: false where nobody wants it durable, only in the file
 * @lost: set if a sync has failed; else all that failed was to write words, which
 *	  the next call does anew
 *
 * In this order: the data is made durable, the words as they were before are
 * written, and made durable: no piece is said to lie there that might not. Where
 * nothing has changed only the first is done. May sleep; with
 * memalloc_noio_save() in force; by one caller at a time, who has not passed the
 * gate: it is shut to write the words.
 *
 * Return: 0, or the first error of the file system; then what was not written
 * is dirty again.
 */
int reloop_pieces_write(struct reloop_pieces *pieces, bool sync, bool *lost);

#endif /* RELOOP_PIECES_DISK_H */
