/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pieces of an overlay: which of them lie in it, are zero, or are the base's.
 * In memory that is a word for each cluster, which requests read without a lock;
 * on disk it is in the L2 tables, see pieces_disk.h.
 *
 * A piece that lies in the overlay has a bit in the lower half of its cluster's word,
 * one that is zero in the upper half; where both are set the lower one counts, so
 * that one atomic operation is enough for a write to say that it has been.
 * Neither is changed to say less but by who is alone, see reloop_pieces_set_zero().
 *
 * The tables are read and written in chunks of 4 KiB, which are 256 clusters or
 * 32 MiB of the disk. Positions and lengths are in bytes of the disk.
 */
#ifndef RELOOP_PIECES_H
#define RELOOP_PIECES_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include <reloop_qcow2.h>

#include "store/gate.h"

#define RELOOP_CHUNK_SIZE	4096U
#define RELOOP_CHUNK_ENTRIES	\
	(RELOOP_CHUNK_SIZE / sizeof(struct reloop_qcow2_l2_entry))
/* Of the disk. */
#define RELOOP_CHUNK_BYTES	\
	((u64)RELOOP_CHUNK_ENTRIES << RELOOP_QCOW2_CLUSTER_BITS)

/* What a piece is. */
enum reloop_piece {
	RELOOP_PIECE_BASE,	/* the base's */
	RELOOP_PIECE_THERE,	/* it lies in the overlay */
	RELOOP_PIECE_ZERO,
};

/**
 * struct reloop_pieces - the pieces of one overlay
 * @file: the overlay's; borrowed
 * @gate: likewise
 * @clusters: how many there are
 * @chunks: how many there are
 * @words: of each cluster, what requests see; only those of chunks that are
 *	   loaded
 * @written: of each cluster, what is on disk or being written there; NULL where
 *	     nothing can change
 * @loaded: bits of chunks
 * @dirty: bits of chunks: not all that @words says is in @written
 * @writing: bits of chunks: what @written says may not be on disk
 * @freed: bits of chunks: there are pieces that are zero and still have space
 * @data_offset: of a linear overlay: where in the file the clusters are
 * @l2_offset: of a linear overlay: where its L2 tables are, one after the other
 * @places: of others: where in the file each cluster is, in clusters; NULL if
 *	    linear
 * @tables: of others: where in the file each L2 table is, in bytes
 * @load_lock: whoever loads a chunk; guards @load_page
 * @load_page: a chunk as it is on disk
 * @write_page: a chunk as it is to be on disk
 *
 * @writing and @write_page are of who writes chunks, and so is what @written has of
 * a chunk once it is loaded: there is one at a time, see reloop_pieces_write().
 */
struct reloop_pieces {
	struct file *file;
	struct reloop_gate *gate;
	u64 clusters;
	unsigned long chunks;
	atomic64_t *words;
	u64 *written;
	unsigned long *loaded;
	unsigned long *dirty;
	unsigned long *writing;
	unsigned long *freed;
	u64 data_offset;
	u64 l2_offset;
	u32 *places;
	u64 *tables;
	struct mutex load_lock; /* guards load_page */
	struct reloop_qcow2_l2_entry *load_page;
	struct reloop_qcow2_l2_entry *write_page;
};

/**
 * reloop_pieces_init() - memory for the pieces of an overlay
 * @pieces: zeroed
 * @file: the overlay's; outlives @pieces
 * @gate: likewise
 * @clusters: how many there are
 * @linear: whether they lie one after the other
 * @writable: whether any of it can change
 *
 * All that is needed later is allocated here: a write may be what memory
 * reclaim waits for. No chunk is loaded. May sleep. Undone by
 * reloop_pieces_exit(), also if it fails.
 *
 * Return: 0 or -ENOMEM.
 */
int reloop_pieces_init(struct reloop_pieces *pieces, struct file *file,
		       struct reloop_gate *gate, u64 clusters, bool linear,
		       bool writable);

/**
 * reloop_pieces_forbid_writes() - nothing of it is going to change
 * @pieces: initialised, and nothing has
 *
 * Frees what is kept for that. May sleep.
 */
void reloop_pieces_forbid_writes(struct reloop_pieces *pieces);

/**
 * reloop_pieces_exit() - free the memory
 * @pieces: zeroed at least
 *
 * What is dirty is lost. May sleep.
 */
void reloop_pieces_exit(struct reloop_pieces *pieces);

/**
 * reloop_pieces_chunk() - where the word of a position is
 * @pos: on the disk
 *
 * Return: the number of the chunk.
 */
static inline unsigned long reloop_pieces_chunk(u64 pos)
{
	return (pos >> RELOOP_QCOW2_CLUSTER_BITS) / RELOOP_CHUNK_ENTRIES;
}

/**
 * reloop_pieces_word() - the word of a cluster
 * @pieces: of an overlay
 * @cluster: loaded
 *
 * Any context.
 */
static inline u64 reloop_pieces_word(const struct reloop_pieces *pieces,
				     u64 cluster)
{
	return atomic64_read(&pieces->words[cluster]);
}

/**
 * reloop_piece_mask() - which pieces of a cluster are of a kind
 * @word: the cluster's
 * @what: the kind
 *
 * Any context.
 *
 * Return: a bit for each piece.
 */
static inline u32 reloop_piece_mask(u64 word, enum reloop_piece what)
{
	u32 there = lower_32_bits(word), zero = upper_32_bits(word) & ~there;

	switch (what) {
	case RELOOP_PIECE_THERE:
		return there;
	case RELOOP_PIECE_ZERO:
		return zero;
	default:
		return ~(there | zero);
	}
}

/**
 * reloop_chunk_first() - the first cluster of a chunk
 * @chunk: which
 *
 * Any context.
 */
static inline u64 reloop_chunk_first(unsigned long chunk)
{
	return (u64)chunk * RELOOP_CHUNK_ENTRIES;
}

/**
 * reloop_chunk_entries() - how many clusters a chunk has
 * @pieces: of an overlay
 * @chunk: which; the last one may have entries of no clusters
 *
 * Any context.
 */
static inline unsigned int
reloop_chunk_entries(const struct reloop_pieces *pieces, unsigned long chunk)
{
	return min_t(u64, RELOOP_CHUNK_ENTRIES,
		     pieces->clusters - reloop_chunk_first(chunk));
}

/**
 * reloop_pieces_are_loaded() - whether the words of a range can be read
 * @pieces: of an overlay
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * Any context.
 */
static inline bool reloop_pieces_are_loaded(const struct reloop_pieces *pieces,
					    u64 pos, u64 len)
{
	unsigned long chunk = reloop_pieces_chunk(pos);
	unsigned long last = reloop_pieces_chunk(pos + len - 1);

	for (; chunk <= last; chunk++)
		if (!test_bit_acquire(chunk, pieces->loaded))
			return false;

	return true;
}

/**
 * reloop_pieces_take() - the word of a cluster, from a table that was looked at
 * @pieces: of an overlay that is not linear
 * @cluster: which
 * @word: its word; no piece is there and zero at once
 * @place: where in the file it is, in clusters; 0 for nowhere, then no piece is
 *	   there
 *
 * Before anybody reads it. Any context.
 */
void reloop_pieces_take(struct reloop_pieces *pieces, u64 cluster, u64 word,
			u32 place);

/**
 * reloop_pieces_set_loaded() - the words of a chunk can be read
 * @pieces: of an overlay
 * @chunk: which
 *
 * Any context.
 */
static inline void reloop_pieces_set_loaded(struct reloop_pieces *pieces,
					    unsigned long chunk)
{
	/* With reloop_pieces_are_loaded(). */
	smp_mb__before_atomic();
	set_bit(chunk, pieces->loaded);
}

/**
 * reloop_pieces_find() - what is at a position
 * @pieces: of an overlay; the word of @pos is loaded
 * @pos: first byte
 * @len: number of bytes, not 0
 * @what: receives it
 *
 * Any context.
 *
 * Return: for how many bytes that is so, no more than @len; one after the other in
 * the overlay if they lie there. There may be more of it behind them.
 */
u64 reloop_pieces_find(const struct reloop_pieces *pieces, u64 pos, u64 len,
		       enum reloop_piece *what);

/**
 * reloop_pieces_place() - where in the file a position has its place
 * @pieces: of an overlay
 * @pos: on the disk; its cluster has a place
 *
 * Any context.
 */
static inline u64 reloop_pieces_place(const struct reloop_pieces *pieces,
				      u64 pos)
{
	u64 cluster;

	if (likely(!pieces->places))
		return pieces->data_offset + pos;

	cluster = pieces->places[pos >> RELOOP_QCOW2_CLUSTER_BITS];
	return (cluster << RELOOP_QCOW2_CLUSTER_BITS) +
	       (pos & (RELOOP_QCOW2_CLUSTER - 1));
}

/**
 * reloop_pieces_go_on() - how much of a range has its place in one run
 * @pieces: of an overlay
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * Any context.
 *
 * Return: number of bytes, no more than @len.
 */
u64 reloop_pieces_go_on(const struct reloop_pieces *pieces, u64 pos, u64 len);

/**
 * reloop_pieces_is_there() - whether the piece at a position lies in the overlay
 * @pieces: of an overlay; the word of @pos is loaded
 * @pos: on the disk
 *
 * Any context.
 */
static inline bool reloop_pieces_is_there(const struct reloop_pieces *pieces,
					  u64 pos)
{
	u64 word = atomic64_read(&pieces->words[pos >>
						RELOOP_QCOW2_CLUSTER_BITS]);

	return word & BIT_ULL((pos >> RELOOP_QCOW2_PIECE_BITS) %
			      RELOOP_QCOW2_PIECES);
}

/**
 * reloop_pieces_bits() - the pieces of a cluster that a range has a part of
 * @pos: first byte, in the cluster
 * @end: the byte behind the last one, which is in the cluster as well
 *
 * Return: a bit for each piece.
 */
static inline u32 reloop_pieces_bits(u64 pos, u64 end)
{
	return GENMASK(((end - 1) >> RELOOP_QCOW2_PIECE_BITS) %
		       RELOOP_QCOW2_PIECES,
		       (pos >> RELOOP_QCOW2_PIECE_BITS) % RELOOP_QCOW2_PIECES);
}

/**
 * reloop_pieces_stay_there() - whether pieces lie in the overlay, and will after
 *				the next flush
 * @pieces: of an overlay that can change
 * @cluster: whose; loaded
 * @bits: which of its pieces
 *
 * If so, reloop_pieces_set_there() has nothing to do for them, until
 * reloop_pieces_set_zero() has been called. Any context.
 *
 * Who has set bits of a word may not have come to make the chunk dirty yet; so
 * what counts is only what was copied for a flush, and of that not what is just being
 * copied.
 */
static inline bool reloop_pieces_stay_there(const struct reloop_pieces *pieces,
					    u64 cluster, u32 bits)
{
	u64 word = reloop_pieces_word(pieces, cluster);

	/*
	 * With chunk_snapshot(). Not only a read barrier: the word may be somebody
	 * else's, who has set the bits after it was copied, and to see that is
	 * to see that nothing is there, which needs more on some processors.
	 */
	smp_mb();
	return !(bits & ~(word & READ_ONCE(pieces->written[cluster])));
}

/**
 * reloop_pieces_set_there() - whole pieces have been written
 * @pieces: of an overlay; the words are loaded
 * @pos: first byte, of which piece does not matter if it is there
 * @end: the byte behind the last one, likewise
 *
 * All that [@pos, @end) has a part of. Any context.
 */
void reloop_pieces_set_there(struct reloop_pieces *pieces, u64 pos, u64 end);

/**
 * reloop_pieces_set_zero() - whole pieces are zero from now on
 * @pieces: of an overlay; the words are loaded
 * @pos: first byte of a piece
 * @end: the byte behind the last one of a piece
 * @free: whether their space is to be freed, after they have been written as zero
 *
 * Any context; nobody writes to the overlay meanwhile.
 */
void reloop_pieces_set_zero(struct reloop_pieces *pieces, u64 pos, u64 end,
			    bool free);

/**
 * reloop_pieces_find_freed() - find pieces whose space can be freed
 * @pieces: of an overlay
 * @pos: where to look from, a piece of a chunk that is loaded; moved to where
 *	 they are
 * @end: where to stop
 *
 * Pieces that are zero and have been written so. May sleep; nobody calls
 * reloop_pieces_write() or writes to the overlay meanwhile.
 *
 * Return: number of bytes, one run in the file; 0 when there is no more.
 */
u64 reloop_pieces_find_freed(const struct reloop_pieces *pieces, u64 *pos,
			     u64 end);

/**
 * reloop_pieces_are_zero_written() - whether all that is zero has been written so
 * @pieces: of an overlay
 * @chunk: in this chunk, which is loaded
 *
 * As reloop_pieces_find_freed().
 */
bool reloop_pieces_are_zero_written(const struct reloop_pieces *pieces,
				    unsigned long chunk);

#endif /* RELOOP_PIECES_H */
