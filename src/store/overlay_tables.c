// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of an overlay that another program has laid out, read once when it
 * is attached. They are untrusted, so everything that they point to is
 * recorded, and nothing may be pointed to twice.
 */
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "store/overlay_tables.h"
#include "store/run.h"

#define CLUSTER		RELOOP_QCOW2_CLUSTER
#define POINTERS	(RELOOP_CHUNK_SIZE / sizeof(__be64))
#define PLACE_FLAGS	(RELOOP_QCOW2_COPIED | RELOOP_QCOW2_COMPRESSED)

/**
 * struct tables - state while tables are read
 * @pieces: receives the words
 * @header: of the overlay
 * @file_size: of the file, in bytes
 * @limit: number of clusters in the file that anything may point to
 * @taken: bits of the clusters that something points to
 * @page: buffer for part of a table
 * @has_gaps: some cluster has no place of its own
 */
struct tables {
	struct reloop_pieces *pieces;
	const struct reloop_overlay_header *header;
	u64 file_size;
	u64 limit;
	unsigned long *taken;
	void *page;
	bool has_gaps;
};

/* Take @n clusters from @offset on, if they are in the file and not taken. */
static bool tables_take(struct tables *t, u64 offset, u64 n)
{
	u64 cluster = offset >> RELOOP_QCOW2_CLUSTER_BITS;

	if (!IS_ALIGNED(offset, CLUSTER) || n > t->limit ||
	    cluster > t->limit - n)
		return false;

	while (n--)
		if (__test_and_set_bit(cluster++, t->taken))
			return false;

	return true;
}

/*
 * Read part of a table that is taken. It may extend past the end of the file,
 * whose last cluster need not be whole; the rest is zeroes.
 */
static int tables_read(struct tables *t, u64 offset)
{
	u64 len = offset < t->file_size ?
		  min_t(u64, RELOOP_CHUNK_SIZE, t->file_size - offset) : 0;

	memset(t->page + len, 0, RELOOP_CHUNK_SIZE - len);

	return len ? reloop_run_read(t->pieces->file, offset, t->page, len) : 0;
}

/* Takes entry @i of a table of pointers. */
typedef enum reloop_reason take_pointer(struct tables *t, u64 i, u64 pointer);

static int tables_walk(struct tables *t, u64 offset, u64 n, take_pointer *take,
		       enum reloop_reason *reason)
{
	const __be64 *pointers = t->page;
	u64 i;
	int ret;

	for (i = 0; i < n; i++) {
		if (!(i % POINTERS)) {
			cond_resched();
			ret = tables_read(t, offset + i * sizeof(__be64));
			if (ret)
				return ret;
		}
		*reason = take(t, i, be64_to_cpu(pointers[i % POINTERS]));
		if (*reason)
			return -EINVAL;
	}
	return 0;
}

static enum reloop_reason take_refcount_block(struct tables *t, u64 i,
					      u64 pointer)
{
	return !pointer || tables_take(t, pointer, 1) ? RELOOP_REASON_NONE :
							RELOOP_REASON_TABLE;
}

static enum reloop_reason take_l2_table(struct tables *t, u64 i, u64 pointer)
{
	u64 offset = pointer & RELOOP_QCOW2_OFFSET_MASK;

	if (pointer & ~(RELOOP_QCOW2_OFFSET_MASK | RELOOP_QCOW2_COPIED))
		return RELOOP_REASON_TABLE;

	t->pieces->tables[i] = offset;
	if (!offset || !(pointer & RELOOP_QCOW2_COPIED))
		t->has_gaps = true;
	if (offset && !tables_take(t, offset, 1))
		return RELOOP_REASON_TABLE;

	return RELOOP_REASON_NONE;
}

static enum reloop_reason
take_entry(struct tables *t, u64 cluster,
	   const struct reloop_qcow2_l2_entry *entry)
{
	u64 place = be64_to_cpu(entry->place);
	u64 word = be64_to_cpu(entry->pieces);
	u64 offset = place & RELOOP_QCOW2_OFFSET_MASK;

	if (place & RELOOP_QCOW2_COMPRESSED)
		return RELOOP_REASON_COMPRESSED;
	if (lower_32_bits(word) & upper_32_bits(word))
		return RELOOP_REASON_PIECES;
	if (place & ~(RELOOP_QCOW2_OFFSET_MASK | PLACE_FLAGS) ||
	    (offset && !tables_take(t, offset, 1)) ||
	    (!offset && lower_32_bits(word)))
		return RELOOP_REASON_CLUSTERS;

	if (!offset || !(place & RELOOP_QCOW2_COPIED))
		t->has_gaps = true;
	reloop_pieces_take(t->pieces, cluster, word,
			   offset >> RELOOP_QCOW2_CLUSTER_BITS);

	return RELOOP_REASON_NONE;
}

/* If a table does not exist, all its clusters are the base's. */
static int tables_read_chunk(struct tables *t, unsigned long chunk)
{
	const unsigned int each = RELOOP_QCOW2_L2_ENTRIES / RELOOP_CHUNK_ENTRIES;
	u64 table = t->pieces->tables[chunk / each];

	if (!table) {
		memset(t->page, 0, RELOOP_CHUNK_SIZE);
		return 0;
	}
	return tables_read(t, table + (u64)(chunk % each) * RELOOP_CHUNK_SIZE);
}

static int tables_take_chunk(struct tables *t, unsigned long chunk,
			     enum reloop_reason *reason)
{
	const struct reloop_qcow2_l2_entry *entries = t->page;
	u64 first = (u64)chunk * RELOOP_CHUNK_ENTRIES;
	u64 n = min_t(u64, RELOOP_CHUNK_ENTRIES, t->pieces->clusters - first);
	unsigned int i;
	int ret;

	ret = tables_read_chunk(t, chunk);
	if (ret)
		return ret;
	for (i = 0; i < n; i++) {
		*reason = take_entry(t, first + i, &entries[i]);
		if (*reason)
			return -EINVAL;
	}
	reloop_pieces_set_loaded(t->pieces, chunk);

	return 0;
}

static int tables_take_chunks(struct tables *t, enum reloop_reason *reason)
{
	unsigned long chunk;
	int ret = 0;

	for (chunk = 0; !ret && chunk < t->pieces->chunks; chunk++) {
		ret = fatal_signal_pending(current) ? -EINTR :
		      tables_take_chunk(t, chunk, reason);
		cond_resched();
	}

	return ret;
}

static int tables_take_all(struct tables *t, enum reloop_reason *reason)
{
	const struct reloop_overlay_header *header = t->header;
	u64 l1_clusters = DIV_ROUND_UP_ULL(header->l1_entries,
					   RELOOP_QCOW2_POINTERS);
	int ret;

	if (!tables_take(t, 0, 1) ||
	    !tables_take(t, header->refcount_offset, header->refcount_clusters) ||
	    !tables_take(t, header->l1_offset, l1_clusters)) {
		*reason = RELOOP_REASON_TABLE;
		return -EINVAL;
	}
	ret = tables_walk(t, header->refcount_offset,
			  (u64)header->refcount_clusters * RELOOP_QCOW2_POINTERS,
			  take_refcount_block, reason);
	if (!ret)
		ret = tables_walk(t, header->l1_offset,
				  header->layout.l1_entries, take_l2_table,
				  reason);
	return ret ?: tables_take_chunks(t, reason);
}

/*
 * The file may have any length, and needs a bit for each of its clusters.
 * Refuse clusters that lie further back than any program that stores each of
 * them once would put them.
 */
static u64 tables_limit(const struct reloop_overlay_header *header,
			u64 file_size)
{
	u64 clusters = DIV_ROUND_UP_ULL(file_size, CLUSTER);
	u64 most = header->layout.file_size >> RELOOP_QCOW2_CLUSTER_BITS;

	return min(clusters, 2 * most + 1024);
}

int reloop_overlay_tables_read(struct reloop_pieces *pieces,
			       const struct reloop_overlay_header *header,
			       u64 file_size, enum reloop_reason *reason)
{
	struct tables t = {
		.pieces	= pieces,
		.header	= header,
		.file_size = file_size,
		.limit	= tables_limit(header, file_size),
	};
	int ret = -ENOMEM;

	t.taken = kvcalloc(BITS_TO_LONGS(t.limit), sizeof(long), GFP_KERNEL);
	t.page = kmalloc(RELOOP_CHUNK_SIZE, GFP_KERNEL);
	if (t.taken && t.page)
		ret = tables_take_all(&t, reason);
	kfree(t.page);
	kvfree(t.taken);
	if (!ret && t.has_gaps)
		*reason = RELOOP_REASON_NO_PLACE;

	return ret;
}
