// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pieces of an overlay: the words in memory, and the L2 tables on disk that
 * they come from and go to.
 *
 * What is written is a copy of the words, taken before the data is made durable. So
 * a piece that is written to after that is not in it, and its chunk is dirty
 * once more.
 */
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "store/pieces.h"
#include "store/run.h"

#define PIECES	RELOOP_QCOW2_PIECES

/* Memory. */

static unsigned long *bits_alloc(unsigned long n)
{
	return kvcalloc(BITS_TO_LONGS(n), sizeof(long), GFP_KERNEL_ACCOUNT);
}

/* What is not loaded is never looked at, so nothing has to be zeroed. */
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
		       u64 clusters, bool linear, bool writable)
{
	int ret = 0;

	mutex_init(&pieces->load_lock);
	pieces->file = file;
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

static u32 piece_mask(u64 word, enum reloop_piece what)
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

static enum reloop_piece piece_what(u64 word, unsigned int piece)
{
	if (word & BIT_ULL(piece))
		return RELOOP_PIECE_THERE;
	if (word & BIT_ULL(piece + PIECES))
		return RELOOP_PIECE_ZERO;

	return RELOOP_PIECE_BASE;
}

/* How many bits are set from @piece on, one after the other. */
static unsigned int mask_run(u32 mask, unsigned int piece)
{
	u32 others = ~(mask >> piece);

	return others ? __ffs(others) : PIECES;
}

static u64 pieces_word(const struct reloop_pieces *pieces, u64 cluster)
{
	return atomic64_read(&pieces->words[cluster]);
}

static unsigned int piece_of(u64 pos)
{
	return (pos >> RELOOP_QCOW2_PIECE_BITS) % PIECES;
}

/* Whether a cluster's place in the file is behind that of the one before. */
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
	u64 word = pieces_word(pieces, cluster);

	*what = piece_what(word, piece);
	found = cluster << RELOOP_QCOW2_CLUSTER_BITS;
	for (;;) {
		n = mask_run(piece_mask(word, *what), piece);
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
		word = pieces_word(pieces, cluster);
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

/* The bits of the pieces of @cluster that [@pos, @end) has a part of. */
static u32 pieces_bits(u64 cluster, u64 pos, u64 end)
{
	u64 begin = cluster << RELOOP_QCOW2_CLUSTER_BITS;
	unsigned int first = 0, last = PIECES - 1;

	if (pos > begin)
		first = piece_of(pos);
	if (end < begin + RELOOP_QCOW2_CLUSTER)
		last = piece_of(end - 1);

	return GENMASK(last, first);
}

/* After the words were changed: who cleans the chunk sees that they were. */
static void pieces_make_dirty(struct reloop_pieces *pieces, u64 cluster)
{
	smp_mb__before_atomic();
	set_bit(cluster / RELOOP_CHUNK_ENTRIES, pieces->dirty);
}

/*
 * Whether nothing is left to do for pieces to be there after the next flush. Who has
 * set their bits may not have come to make the chunk dirty yet; so it counts
 * only what was copied for a flush, and of that not what is just being copied.
 */
static bool pieces_stay_there(const struct reloop_pieces *pieces, u64 cluster,
			      u64 there)
{
	u64 word = pieces_word(pieces, cluster);

	/* With chunk_snapshot(). */
	smp_rmb();
	return !(there & ~(word & READ_ONCE(pieces->written[cluster])));
}

void reloop_pieces_set_there(struct reloop_pieces *pieces, u64 pos, u64 end)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS;
	u64 last = (end - 1) >> RELOOP_QCOW2_CLUSTER_BITS;
	u64 there;

	for (; cluster <= last; cluster++) {
		there = pieces_bits(cluster, pos, end);
		if (pieces_stay_there(pieces, cluster, there))
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
		word = pieces_word(pieces, cluster);
		if ((piece_mask(word, RELOOP_PIECE_ZERO) & bits) == bits)
			continue;
		if (free && (piece_mask(word, RELOOP_PIECE_THERE) & bits))
			set_bit(cluster / RELOOP_CHUNK_ENTRIES, pieces->freed);
		atomic64_set(&pieces->words[cluster],
			     (word & ~bits) | bits << PIECES);
		pieces_make_dirty(pieces, cluster);
	}
}

/* A chunk on disk. */

static u64 chunk_pos(const struct reloop_pieces *pieces, unsigned long chunk)
{
	const unsigned int each = RELOOP_QCOW2_L2_ENTRIES / RELOOP_CHUNK_ENTRIES;

	if (!pieces->tables)
		return pieces->l2_offset + (u64)chunk * RELOOP_CHUNK_SIZE;

	return pieces->tables[chunk / each] +
	       (u64)(chunk % each) * RELOOP_CHUNK_SIZE;
}

static u64 chunk_first(unsigned long chunk)
{
	return (u64)chunk * RELOOP_CHUNK_ENTRIES;
}

/* The last one has entries of no clusters. */
static unsigned int chunk_entries(const struct reloop_pieces *pieces,
				  unsigned long chunk)
{
	return min_t(u64, RELOOP_CHUNK_ENTRIES,
		     pieces->clusters - chunk_first(chunk));
}

/* What the table says of where a cluster is that has a place of its own. */
static __be64 entry_place(const struct reloop_pieces *pieces, u64 cluster)
{
	u64 place = reloop_pieces_place(pieces,
					cluster << RELOOP_QCOW2_CLUSTER_BITS);

	return cpu_to_be64(place | RELOOP_QCOW2_COPIED);
}

void reloop_pieces_take(struct reloop_pieces *pieces, u64 cluster, u64 word,
			u32 place)
{
	atomic64_set(&pieces->words[cluster], word);
	if (pieces->written)
		pieces->written[cluster] = word;
	pieces->places[cluster] = place;
}

/* Of a linear overlay; the tables of others have been looked at before. */
static bool entry_is_ours(const struct reloop_pieces *pieces, u64 cluster,
			  const struct reloop_qcow2_l2_entry *entry)
{
	u64 word = be64_to_cpu(entry->pieces);

	return entry->place == entry_place(pieces, cluster) &&
	       !(lower_32_bits(word) & upper_32_bits(word));
}

static int chunk_load(struct reloop_pieces *pieces, unsigned long chunk)
{
	struct reloop_qcow2_l2_entry *entries = pieces->load_page;
	u64 first = chunk_first(chunk), word;
	unsigned int i;
	int ret;

	ret = reloop_run_read(pieces->file, chunk_pos(pieces, chunk), entries,
			      RELOOP_CHUNK_SIZE);
	if (ret)
		return ret;

	for (i = 0; i < chunk_entries(pieces, chunk); i++) {
		if (!entry_is_ours(pieces, first + i, &entries[i])) {
			pr_err_ratelimited("%pD: the entry of cluster %llu is not of a linear overlay\n",
					   pieces->file, first + i);
			return -EUCLEAN;
		}
		word = be64_to_cpu(entries[i].pieces);
		atomic64_set(&pieces->words[first + i], word);
		if (pieces->written)
			pieces->written[first + i] = word;
	}
	reloop_pieces_set_loaded(pieces, chunk);

	return 0;
}

int reloop_pieces_load(struct reloop_pieces *pieces, u64 pos, u64 len)
{
	unsigned long chunk = reloop_pieces_chunk(pos);
	unsigned long last = reloop_pieces_chunk(pos + len - 1);
	int ret = 0;

	mutex_lock(&pieces->load_lock);
	for (; !ret && chunk <= last; chunk++)
		if (!test_bit(chunk, pieces->loaded))
			ret = chunk_load(pieces, chunk);
	mutex_unlock(&pieces->load_lock);

	return ret;
}

/* As the words are now; whatever changes from here on makes it dirty again. */
static void chunk_snapshot(struct reloop_pieces *pieces, unsigned long chunk)
{
	u64 first = chunk_first(chunk), word;
	unsigned int i;

	for (i = 0; i < chunk_entries(pieces, chunk); i++) {
		/* So that who finds bits that were set after this finds nothing here. */
		WRITE_ONCE(pieces->written[first + i], 0);
		smp_mb();
		word = pieces_word(pieces, first + i);
		WRITE_ONCE(pieces->written[first + i],
			   piece_mask(word, RELOOP_PIECE_THERE) |
			   (u64)piece_mask(word, RELOOP_PIECE_ZERO) << PIECES);
	}
}

static int chunk_write(struct reloop_pieces *pieces, unsigned long chunk)
{
	struct reloop_qcow2_l2_entry *entries = pieces->write_page;
	u64 first = chunk_first(chunk);
	unsigned int i;

	memset(entries, 0, RELOOP_CHUNK_SIZE);
	for (i = 0; i < chunk_entries(pieces, chunk); i++) {
		entries[i].place = entry_place(pieces, first + i);
		entries[i].pieces = cpu_to_be64(pieces->written[first + i]);
	}
	return reloop_run_write(pieces->file, chunk_pos(pieces, chunk), entries,
				RELOOP_CHUNK_SIZE);
}

/* What could not be written is dirty still. */
static int pieces_write_tables(struct reloop_pieces *pieces)
{
	unsigned long chunk;
	int ret = 0;

	for_each_set_bit(chunk, pieces->writing, pieces->chunks) {
		ret = chunk_write(pieces, chunk);
		if (ret)
			break;
		cond_resched();
	}
	return ret;
}

/* Returns whether there is anything to write. */
static bool pieces_take_dirty(struct reloop_pieces *pieces)
{
	unsigned long chunk;
	bool any = false;

	for_each_set_bit(chunk, pieces->dirty, pieces->chunks) {
		if (!test_and_clear_bit(chunk, pieces->dirty))
			continue;
		chunk_snapshot(pieces, chunk);
		__set_bit(chunk, pieces->writing);
		any = true;
		cond_resched();
	}
	return any;
}

static void pieces_put_written(struct reloop_pieces *pieces, bool failed)
{
	unsigned long chunk;

	for_each_set_bit(chunk, pieces->writing, pieces->chunks) {
		__clear_bit(chunk, pieces->writing);
		if (failed)
			set_bit(chunk, pieces->dirty);
	}
}

int reloop_pieces_write(struct reloop_pieces *pieces, bool sync)
{
	bool any = pieces->written && pieces_take_dirty(pieces);
	int ret = 0;

	if (sync)
		ret = reloop_run_sync(pieces->file);
	if (!any)
		return ret;

	if (!ret)
		ret = pieces_write_tables(pieces);
	if (!ret && sync)
		ret = reloop_run_sync(pieces->file);
	pieces_put_written(pieces, ret);

	return ret;
}

/* Of the pieces from @pos on: how many bytes are zero, here and on disk. */
static u64 pieces_zero_run(const struct reloop_pieces *pieces, u64 pos, u64 end)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS, at = pos;
	unsigned int piece, n;
	u32 zero;

	do {
		piece = piece_of(at);
		zero = upper_32_bits(pieces->written[cluster]) &
		       piece_mask(pieces_word(pieces, cluster),
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
	u64 first = chunk_first(chunk);
	unsigned int i;
	u32 zero;

	for (i = 0; i < chunk_entries(pieces, chunk); i++) {
		zero = piece_mask(pieces_word(pieces, first + i),
				  RELOOP_PIECE_ZERO);
		if (zero & ~upper_32_bits(pieces->written[first + i]))
			return false;
	}
	return true;
}
