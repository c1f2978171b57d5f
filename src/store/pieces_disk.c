// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pieces of an overlay on disk: reads and writes chunks of its L2 tables.
 *
 * What is written is a copy of the words, taken before the data is made
 * durable. So it does not include a piece that is written to after that, whose
 * chunk becomes dirty again.
 */
#include <linux/bitops.h>
#include <linux/fs.h>
#include <linux/sched.h>

#include "store/pieces_disk.h"
#include "store/run.h"

#define PIECES	RELOOP_QCOW2_PIECES

static u64 chunk_pos(const struct reloop_pieces *pieces, unsigned long chunk)
{
	const unsigned int each = RELOOP_QCOW2_L2_ENTRIES / RELOOP_CHUNK_ENTRIES;

	if (!pieces->tables)
		return pieces->l2_offset + (u64)chunk * RELOOP_CHUNK_SIZE;

	return pieces->tables[chunk / each] +
	       (u64)(chunk % each) * RELOOP_CHUNK_SIZE;
}

/* The table's entry for the place of a cluster that has one of its own. */
static __be64 entry_place(const struct reloop_pieces *pieces, u64 cluster)
{
	u64 place = reloop_pieces_place(pieces,
					cluster << RELOOP_QCOW2_CLUSTER_BITS);

	return cpu_to_be64(place | RELOOP_QCOW2_COPIED);
}

/* For a linear overlay; the tables of others have been checked before. */
static bool entry_is_ours(const struct reloop_pieces *pieces, u64 cluster,
			  const struct reloop_qcow2_l2_entry *entry)
{
	u64 word = be64_to_cpu(entry->pieces);

	return entry->place == entry_place(pieces, cluster) &&
	       !(lower_32_bits(word) & upper_32_bits(word));
}

static void tell_foreign(const struct file *file, u64 cluster)
{
	char name[RELOOP_RUN_NAME_MAX];
	int len = reloop_run_name(file, name);

	pr_err_ratelimited("%*pE: the entry of cluster %llu is not of a linear overlay\n",
			   len, name, cluster);
}

static int chunk_load(struct reloop_pieces *pieces, unsigned long chunk)
{
	struct reloop_qcow2_l2_entry *entries = pieces->load_page;
	u64 first = reloop_chunk_first(chunk), word;
	unsigned int i;
	int ret;

	ret = reloop_run_read(pieces->file, chunk_pos(pieces, chunk), entries,
			      RELOOP_CHUNK_SIZE);
	if (ret)
		return ret;

	for (i = 0; i < reloop_chunk_entries(pieces, chunk); i++) {
		if (!entry_is_ours(pieces, first + i, &entries[i])) {
			tell_foreign(pieces->file, first + i);
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

/* Copy the words as they are now. Later changes dirty the chunk again. */
static void chunk_snapshot(struct reloop_pieces *pieces, unsigned long chunk)
{
	u64 first = reloop_chunk_first(chunk), word;
	unsigned int i;

	for (i = 0; i < reloop_chunk_entries(pieces, chunk); i++) {
		WRITE_ONCE(pieces->written[first + i], 0);
		/*
		 * Pairs with smp_mb() in reloop_pieces_stay_there(): whoever
		 * sees bits that are set after this sees no bits in @written.
		 */
		smp_mb();
		word = reloop_pieces_word(pieces, first + i);
		WRITE_ONCE(pieces->written[first + i],
			   reloop_piece_mask(word, RELOOP_PIECE_THERE) |
			   (u64)reloop_piece_mask(word, RELOOP_PIECE_ZERO) << PIECES);
	}
}

static int chunk_write(struct reloop_pieces *pieces, unsigned long chunk)
{
	struct reloop_qcow2_l2_entry *entries = pieces->write_page;
	u64 first = reloop_chunk_first(chunk);
	unsigned int i;

	memset(entries, 0, RELOOP_CHUNK_SIZE);
	for (i = 0; i < reloop_chunk_entries(pieces, chunk); i++) {
		entries[i].place = entry_place(pieces, first + i);
		entries[i].pieces = cpu_to_be64(pieces->written[first + i]);
	}
	return reloop_run_write(pieces->file, chunk_pos(pieces, chunk), entries,
				RELOOP_CHUNK_SIZE);
}

/*
 * What could not be written is still dirty. The writes go through the page
 * cache, where a large folio may hold data as well as the table. If a direct
 * write of that data is under way, the folio has the old data, which must not
 * become dirty together with the table. So the gate is shut.
 */
static int pieces_write_tables(struct reloop_pieces *pieces)
{
	unsigned long chunk;
	int ret = 0;

	reloop_gate_shut(pieces->gate);
	for_each_set_bit(chunk, pieces->writing, pieces->chunks) {
		ret = chunk_write(pieces, chunk);
		if (ret)
			break;
		cond_resched();
	}
	reloop_gate_open(pieces->gate);

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

static int pieces_sync(struct reloop_pieces *pieces, bool *lost)
{
	int ret = reloop_run_sync(pieces->file);

	if (ret)
		*lost = true;
	return ret;
}

int reloop_pieces_write(struct reloop_pieces *pieces, bool sync, bool *lost)
{
	bool any = pieces->written && pieces_take_dirty(pieces);
	int ret = 0;

	if (sync)
		ret = pieces_sync(pieces, lost);
	if (!any)
		return ret;

	if (!ret)
		ret = pieces_write_tables(pieces);
	/* A failure may also concern data that was written meanwhile. */
	if (!ret && sync)
		ret = pieces_sync(pieces, lost);
	pieces_put_written(pieces, ret);

	return ret;
}
