/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pieces of an overlay: each lies in the overlay, is zero, or is the
 * base's. In memory, a word for each cluster says so, which requests read
 * without a lock. On disk, that is in the L2 tables, see pieces_disk.h.
 *
 * In the word of its cluster, a piece that lies in the overlay has a bit in the
 * lower half, and a piece that is zero has one in the upper half. If both are
 * set, the lower one counts, so one atomic operation is enough for a write to
 * record that it has happened. Only a task that is alone clears bits, see
 * reloop_pieces_set_zero().
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
/* Bytes of the disk. */
#define RELOOP_CHUNK_BYTES	\
	((u64)RELOOP_CHUNK_ENTRIES << RELOOP_QCOW2_CLUSTER_BITS)

/* Where the data of a piece is. */
enum reloop_piece {
	RELOOP_PIECE_BASE,	/* in the base */
	RELOOP_PIECE_THERE,	/* in the overlay */
	RELOOP_PIECE_ZERO,
};

/**
 * struct reloop_pieces - the pieces of one overlay
 * @file: the overlay's; borrowed
 * @gate: the overlay's; borrowed
 * @clusters: number of clusters
 * @chunks: number of chunks
 * @words: the word of each cluster, which requests see; valid in loaded chunks
 *         only
 * @written: the word of each cluster as it is on disk or is being written
 *           there; NULL if nothing can change
 * @loaded: a bit for each chunk: it is loaded
 * @dirty: a bit for each chunk: @words has changes that @written lacks
 * @writing: a bit for each chunk: @written has changes that the disk may lack
 * @freed: a bit for each chunk: pieces of it are zero and may still have space
 * @data_offset: of a linear overlay: where in the file the clusters are
 * @l2_offset: of a linear overlay: where its L2 tables are, one after the other
 * @places: of others: where in the file each cluster is, in clusters; NULL if
 *          linear
 * @tables: of others: where in the file each L2 table is, in bytes
 * @load_lock: held while a chunk is loaded; guards @load_page
 * @load_page: a chunk as it is on disk
 * @write_page: a chunk as it is to be on disk
 *
 * @writing, @write_page and, once a chunk is loaded, its part of @written
 * belong to the task that writes chunks. There is one at a time, see
 * reloop_pieces_write().
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
 * reloop_pieces_init() - allocate memory for the pieces of an overlay
 * @pieces: zeroed
 * @file: the overlay's; outlives @pieces
 * @gate: the overlay's; outlives @pieces
 * @clusters: number of clusters
 * @linear: whether they lie one after the other
 * @writable: whether anything can change
 *
 * Allocates everything that is needed later, because memory reclaim may wait
 * for a write. No chunk is loaded. May sleep. Undone by reloop_pieces_exit(),
 * also after a failure.
 *
 * Return: 0 or -ENOMEM.
 */
int reloop_pieces_init(struct reloop_pieces *pieces, struct file *file,
		       struct reloop_gate *gate, u64 clusters, bool linear,
		       bool writable);

/**
 * reloop_pieces_forbid_writes() - let nothing change from now on
 * @pieces: initialized, and nothing has changed yet
 *
 * Frees the memory that changes need. May sleep.
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
 * reloop_pieces_chunk() - the chunk of a position
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
 * @word: the cluster's word
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
 * @chunk: which; the last one may also have entries without clusters
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
 * reloop_pieces_take() - set the word of a cluster, from a table that was
 *         checked
 * @pieces: of an overlay that is not linear
 * @cluster: which
 * @word: its word; no piece is both there and zero
 * @place: where in the file it is, in clusters; 0 for nowhere, and then no
 *         piece is there
 *
 * Called before anybody reads the word. Any context.
 */
void reloop_pieces_take(struct reloop_pieces *pieces, u64 cluster, u64 word,
			u32 place);

/**
 * reloop_pieces_set_loaded() - let the words of a chunk be read
 * @pieces: of an overlay
 * @chunk: which
 *
 * Any context.
 */
static inline void reloop_pieces_set_loaded(struct reloop_pieces *pieces,
					    unsigned long chunk)
{
	/* Pairs with test_bit_acquire() in reloop_pieces_are_loaded(). */
	smp_mb__before_atomic();
	set_bit(chunk, pieces->loaded);
}

/**
 * reloop_pieces_find() - find out what is at a position
 * @pieces: of an overlay; the word of @pos is loaded
 * @pos: first byte
 * @len: number of bytes, not 0
 * @what: receives the kind
 *
 * Any context.
 *
 * Return: number of bytes of that kind, at most @len; if they lie in the
 * overlay, they are contiguous in its file. More bytes of the same kind may
 * follow.
 */
u64 reloop_pieces_find(const struct reloop_pieces *pieces, u64 pos, u64 len,
		       enum reloop_piece *what);

/**
 * reloop_pieces_place() - the place of a position in the file
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
 * reloop_pieces_go_on() - how much of a range has contiguous places in the file
 * @pieces: of an overlay
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * Any context.
 *
 * Return: number of bytes, at most @len.
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
 * reloop_pieces_bits() - the pieces of a cluster that a range touches
 * @pos: first byte
 * @end: the byte after the last one, which is in the same cluster
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
 * reloop_pieces_stay_there() - whether pieces lie in the overlay, and will
 *         after the next flush
 * @pieces: of an overlay that can change
 * @cluster: whose pieces; loaded
 * @bits: which of its pieces
 *
 * If so, reloop_pieces_set_there() has nothing to do for them until
 * reloop_pieces_set_zero() is called. Any context.
 *
 * A task that has set bits in a word may not have marked the chunk dirty yet.
 * So only bits that were copied for a flush count, and none while the copy is
 * made.
 */
static inline bool reloop_pieces_stay_there(const struct reloop_pieces *pieces,
					    u64 cluster, u32 bits)
{
	u64 word = reloop_pieces_word(pieces, cluster);

	/*
	 * Pairs with smp_mb() in chunk_snapshot(). A read barrier is not
	 * enough: a third task may have set the bits after the word was copied.
	 * Whoever sees these bits must also see that @written was cleared,
	 * which needs more on some processors.
	 */
	smp_mb();
	return !(bits & ~(word & READ_ONCE(pieces->written[cluster])));
}

/**
 * reloop_pieces_set_there() - whole pieces have been written
 * @pieces: of an overlay; the words are loaded
 * @pos: first byte; may be inside a piece only if that is already there
 * @end: the byte after the last one, likewise
 *
 * Applies to all pieces that [@pos, @end) touches. Any context.
 */
void reloop_pieces_set_there(struct reloop_pieces *pieces, u64 pos, u64 end);

/**
 * reloop_pieces_set_zero() - whole pieces are zero from now on
 * @pieces: of an overlay; the words are loaded
 * @pos: first byte of a piece
 * @end: the byte after the last one of a piece
 * @free: whether to free their space, after they have been written as zero
 *
 * Any context; nobody writes to the overlay meanwhile.
 */
void reloop_pieces_set_zero(struct reloop_pieces *pieces, u64 pos, u64 end,
			    bool free);

/**
 * reloop_pieces_find_freed() - find pieces whose space can be freed
 * @pieces: of an overlay
 * @pos: a piece of a loaded chunk, to start from; moved to the pieces found
 * @end: where to stop
 *
 * Finds pieces that are zero and have been written as zero. May sleep; nobody
 * calls reloop_pieces_write() or writes to the overlay meanwhile.
 *
 * Return: number of bytes, contiguous in the file; 0 if there are no more.
 */
u64 reloop_pieces_find_freed(const struct reloop_pieces *pieces, u64 *pos,
			     u64 end);

/**
 * reloop_pieces_are_zero_written() - whether all zero pieces were written as
 *         such
 * @pieces: of an overlay
 * @chunk: look in this chunk, which is loaded
 *
 * Context as in reloop_pieces_find_freed().
 */
bool reloop_pieces_are_zero_written(const struct reloop_pieces *pieces,
				    unsigned long chunk);

#endif /* RELOOP_PIECES_H */
