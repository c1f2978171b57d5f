// SPDX-License-Identifier: GPL-2.0-only
/* The pieces of an overlay: the words in memory. */
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "store/pieces.h"

#define PIECES	RELOOP_QCOW2_PIECES

/* Memory. */

static unsigned long *bits_alloc(unsigned long n)
{
	return kvcalloc(BITS_TO_LONGS(n), sizeof(long), GFP_KERNEL_ACCOUNT);
}

/* Nobody reads what is not loaded, so nothing has to be zeroed. */
static void *words_alloc(u64 n, size_t size)
{
	return kvmalloc_array(n, size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

static int pieces_init_places(struct reloop_pieces *pieces)
{
	u64 tables = DIV_ROUND_UP_ULL(pieces->clusters, RELOOP_QCOW2_L2_ENTRIES);

	pieces->places = words_alloc(pieces->clusters, sizeof(u32));
	pieces->tables = kvcalloc(tables, sizeof(u64), GFP_KERNEL_ACCOUNT);

	return pieces->places && pieces->tables ? 0 : -ENOMEM;
}

static int pieces_init_write(struct reloop_pieces *pieces)
{
	pieces->written = words_alloc(pieces->clusters, sizeof(u64));
	pieces->dirty = bits_alloc(pieces->chunks);
	pieces->writing = bits_alloc(pieces->chunks);
	pieces->freed = bits_alloc(pieces->chunks);
	pieces->write_page = kmalloc(RELOOP_CHUNK_SIZE, GFP_KERNEL);

	return pieces->written && pieces->dirty && pieces->writing &&
	       pieces->freed && pieces->write_page ? 0 : -ENOMEM;
}

int reloop_pieces_init(struct reloop_pieces *pieces, struct file *file,
		       struct reloop_gate *gate, u64 clusters, bool linear,
		       bool writable)
{
	int ret = 0;

	mutex_init(&pieces->load_lock);
	pieces->file = file;
	pieces->gate = gate;
	pieces->clusters = clusters;
	pieces->chunks = DIV_ROUND_UP_ULL(clusters, RELOOP_CHUNK_ENTRIES);
	pieces->words = words_alloc(clusters, sizeof(u64));
	pieces->loaded = bits_alloc(pieces->chunks);
	pieces->load_page = kmalloc(RELOOP_CHUNK_SIZE, GFP_KERNEL);
	if (!pieces->words || !pieces->loaded || !pieces->load_page)
		return -ENOMEM;

	if (!linear)
		ret = pieces_init_places(pieces);
	if (!ret && writable)
		ret = pieces_init_write(pieces);

	return ret;
}

void reloop_pieces_forbid_writes(struct reloop_pieces *pieces)
{
	kfree(pieces->write_page);
	kvfree(pieces->freed);
	kvfree(pieces->writing);
	kvfree(pieces->dirty);
	kvfree(pieces->written);
	pieces->write_page = NULL;
	pieces->freed = NULL;
	pieces->writing = NULL;
	pieces->dirty = NULL;
	pieces->written = NULL;
}

void reloop_pieces_exit(struct reloop_pieces *pieces)
{
	reloop_pieces_forbid_writes(pieces);
	kvfree(pieces->tables);
	kvfree(pieces->places);
	kfree(pieces->load_page);
	kvfree(pieces->loaded);
	kvfree(pieces->words);
}

/* The words. */

static enum reloop_piece piece_what(u64 word, unsigned int piece)
{
	if (word & BIT_ULL(piece))
		return RELOOP_PIECE_THERE;
	if (word & BIT_ULL(piece + PIECES))
		return RELOOP_PIECE_ZERO;

	return RELOOP_PIECE_BASE;
}

/* How many consecutive bits are set from @piece on. */
static unsigned int mask_run(u32 mask, unsigned int piece)
{
	u32 others = ~(mask >> piece);

	return others ? __ffs(others) : PIECES;
}

static unsigned int piece_of(u64 pos)
{
	return (pos >> RELOOP_QCOW2_PIECE_BITS) % PIECES;
}

/* Whether a cluster's place in the file follows that of the previous one. */
static bool pieces_follows(const struct reloop_pieces *pieces, u64 cluster)
{
	return !pieces->places ||
	       pieces->places[cluster] == pieces->places[cluster - 1] + 1;
}

u64 reloop_pieces_find(const struct reloop_pieces *pieces, u64 pos, u64 len,
		       enum reloop_piece *what)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS, end = pos + len, found;
	unsigned int piece = piece_of(pos), n;
	u64 word = reloop_pieces_word(pieces, cluster);

	*what = piece_what(word, piece);
	found = cluster << RELOOP_QCOW2_CLUSTER_BITS;
	for (;;) {
		n = mask_run(reloop_piece_mask(word, *what), piece);
		found += (u64)(piece + n) << RELOOP_QCOW2_PIECE_BITS;
		if (found >= end)
			return len;
		if (piece + n < PIECES)
			break;
		cluster++;
		piece = 0;
		if (!reloop_pieces_are_loaded(pieces, found, 1) ||
		    (*what == RELOOP_PIECE_THERE &&
		     !pieces_follows(pieces, cluster)))
			break;
		word = reloop_pieces_word(pieces, cluster);
	}
	return found - pos;
}

u64 reloop_pieces_go_on(const struct reloop_pieces *pieces, u64 pos, u64 len)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS;
	u64 last = (pos + len - 1) >> RELOOP_QCOW2_CLUSTER_BITS;

	if (likely(!pieces->places))
		return len;

	while (++cluster <= last)
		if (!pieces_follows(pieces, cluster))
			return (cluster << RELOOP_QCOW2_CLUSTER_BITS) - pos;

	return len;
}

/* The bits of the pieces of @cluster that [@pos, @end) touches. */
static u32 pieces_bits(u64 cluster, u64 pos, u64 end)
{
	u64 begin = cluster << RELOOP_QCOW2_CLUSTER_BITS;

	return reloop_pieces_bits(max(pos, begin),
				  min(end, begin + RELOOP_QCOW2_CLUSTER));
}

static void pieces_make_dirty(struct reloop_pieces *pieces, u64 cluster)
{
	/*
	 * Pairs with test_and_clear_bit() in pieces_take_dirty(): whoever
	 * cleans the chunk sees that the word has changed.
	 */
	smp_mb__before_atomic();
	set_bit(cluster / RELOOP_CHUNK_ENTRIES, pieces->dirty);
}

void reloop_pieces_set_there(struct reloop_pieces *pieces, u64 pos, u64 end)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS;
	u64 last = (end - 1) >> RELOOP_QCOW2_CLUSTER_BITS;
	u64 there;

	for (; cluster <= last; cluster++) {
		there = pieces_bits(cluster, pos, end);
		if (reloop_pieces_stay_there(pieces, cluster, there))
			continue;
		atomic64_or(there, &pieces->words[cluster]);
		pieces_make_dirty(pieces, cluster);
	}
}

void reloop_pieces_set_zero(struct reloop_pieces *pieces, u64 pos, u64 end,
			    bool free)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS;
	u64 last = (end - 1) >> RELOOP_QCOW2_CLUSTER_BITS;
	u64 word, bits;

	for (; cluster <= last; cluster++) {
		bits = pieces_bits(cluster, pos, end);
		word = reloop_pieces_word(pieces, cluster);
		/* What is zero already may still have its space. */
		if (free &&
		    (~reloop_piece_mask(word, RELOOP_PIECE_BASE) & bits))
			set_bit(cluster / RELOOP_CHUNK_ENTRIES, pieces->freed);
		if ((reloop_piece_mask(word, RELOOP_PIECE_ZERO) & bits) == bits)
			continue;
		atomic64_set(&pieces->words[cluster],
			     (word & ~bits) | bits << PIECES);
		pieces_make_dirty(pieces, cluster);
	}
}

void reloop_pieces_take(struct reloop_pieces *pieces, u64 cluster, u64 word,
			u32 place)
{
	atomic64_set(&pieces->words[cluster], word);
	if (pieces->written)
		pieces->written[cluster] = word;
	pieces->places[cluster] = place;
}

/* How many bytes from @pos on are zero, both in memory and on disk. */
static u64 pieces_zero_run(const struct reloop_pieces *pieces, u64 pos, u64 end)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS, at = pos;
	unsigned int piece, n;
	u32 zero;

	do {
		piece = piece_of(at);
		zero = upper_32_bits(pieces->written[cluster]) &
		       reloop_piece_mask(reloop_pieces_word(pieces, cluster),
					 RELOOP_PIECE_ZERO);
		n = mask_run(zero, piece);
		at += (u64)n << RELOOP_QCOW2_PIECE_BITS;
		cluster++;
	} while (at < end && piece + n == PIECES &&
		 pieces_follows(pieces, cluster));

	return min(at, end) - pos;
}

u64 reloop_pieces_find_freed(const struct reloop_pieces *pieces, u64 *pos,
			     u64 end)
{
	u64 len;

	for (; *pos < end; *pos += RELOOP_QCOW2_PIECE) {
		len = pieces_zero_run(pieces, *pos, end);
		if (len)
			return len;
	}
	return 0;
}

bool reloop_pieces_are_zero_written(const struct reloop_pieces *pieces,
				    unsigned long chunk)
{
	u64 first = reloop_chunk_first(chunk);
	unsigned int i;
	u32 zero;

	for (i = 0; i < reloop_chunk_entries(pieces, chunk); i++) {
		zero = reloop_piece_mask(reloop_pieces_word(pieces, first + i),
					 RELOOP_PIECE_ZERO);
		if (zero & ~upper_32_bits(pieces->written[first + i]))
			return false;
	}
	return true;
}
