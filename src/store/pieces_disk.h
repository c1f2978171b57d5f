/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pieces of an overlay on disk: the L2 tables, which are read when first
 * needed and written by a flush.
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
 * Return: 0; -EUCLEAN for a table that no overlay has; an error of the file
 * system.
 */
int reloop_pieces_load(struct reloop_pieces *pieces, u64 pos, u64 len);

/**
 * reloop_pieces_write() - make what the words say durable
 * @pieces: of an overlay
 * @sync: false to only write it to the file
 * @lost: set if a sync failed; if anything else failed, it was writing words,
 *        which the next call repeats
 *
 * First makes the data durable, then writes the words as they were before that,
 * and then makes these durable. So no piece is said to lie in the overlay that
 * might not. If no word has changed, only the first step is done. May
 * sleep; called with memalloc_noio_save() in force, by one caller at a time.
 * The caller must not have passed the gate, which is shut to write the words.
 *
 * Return: 0, or the first error of the file system; then what was not written
 * is dirty again.
 */
int reloop_pieces_write(struct reloop_pieces *pieces, bool sync, bool *lost);

#endif /* RELOOP_PIECES_DISK_H */
