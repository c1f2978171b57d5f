// SPDX-License-Identifier: GPL-2.0-only
#include "lib/overlay.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* QEMU makes no larger ones; with a sparse file, reading could take days. */
#define L1_ENTRIES_MAX (4U << 20)
#define REFCOUNT_CLUSTERS_MAX 64

int overlay_read(int fd, void *bytes, size_t length, uint64_t place)
{
	ssize_t count;

	while (length) {
		count = pread(fd, bytes, length, place);
		if (count < 0 && errno != EINTR)
			return -errno;
		if (!count) {
			memset(bytes, 0, length);
			return 0;
		}
		if (count < 0)
			continue;
		bytes = (char *)bytes + count;
		length -= count;
		place += count;
	}
	return 0;
}

int overlay_write(int fd, const void *bytes, size_t length, uint64_t place)
{
	ssize_t count;

	while (length) {
		count = pwrite(fd, bytes, length, place);
		if (count < 0 && errno != EINTR)
			return -errno;
		if (count < 0)
			continue;
		bytes = (const char *)bytes + count;
		length -= count;
		place += count;
	}
	return 0;
}

int overlay_sync(int fd)
{
	return fsync(fd) ? -errno : 0;
}

/* Does that begin at a cluster boundary and lie behind the header and in the file? */
static bool is_table(const struct overlay *overlay, uint64_t place, uint64_t length)
{
	return place >= RELOOP_QCOW2_CLUSTER && place % RELOOP_QCOW2_CLUSTER == 0 &&
	       place < overlay->file_size && length <= overlay->file_size - place;
}

static int check_tables(const struct overlay *overlay)
{
	const struct qcow2_header *header = &overlay->header;
	uint64_t l1_length = header->l1_entries * sizeof(__be64);
	uint64_t refcounts = header->refcount_clusters * RELOOP_QCOW2_CLUSTER;

	if (header->l1_entries > L1_ENTRIES_MAX ||
	    !header->refcount_clusters || header->refcount_clusters > REFCOUNT_CLUSTERS_MAX ||
	    !is_table(overlay, header->l1_offset, l1_length) ||
	    !is_table(overlay, header->refcount_offset, refcounts))
		return RELOOP_REASON_TABLE;
	return header->l1_offset < header->refcount_offset + refcounts &&
	       header->refcount_offset < header->l1_offset + l1_length ? RELOOP_REASON_TABLE : 0;
}

/* For an overlay whose header says that it is linear. */
static int check_layout(const struct overlay *overlay)
{
	const struct qcow2_header *header = &overlay->header;
	struct reloop_qcow2_layout layout;

	reloop_qcow2_lay_out(header->size, &layout);
	if (header->l1_offset != layout.l1_offset || header->l1_entries != layout.l1_entries ||
	    header->refcount_offset != layout.refcount_offset ||
	    header->refcount_clusters != layout.refcount_clusters)
		return RELOOP_REASON_HEADER;
	return overlay->file_size < layout.file_size ? RELOOP_REASON_SHORT : 0;
}

int overlay_load(struct overlay *overlay, int fd)
{
	unsigned char bytes[RELOOP_QCOW2_HEADER_MAX] = { 0 };
	struct stat st;
	int err;

	memset(overlay, 0, sizeof(*overlay));
	overlay->fd = fd;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EMEDIUMTYPE;
	overlay->file_size = st.st_size;
	err = overlay_read(fd, bytes, sizeof(bytes), 0);
	if (!err)
		err = qcow2_parse(&overlay->header, bytes, sizeof(bytes));
	overlay->is_in_hand = overlay->header.has_note &&
			      overlay->header.note.state != RELOOP_QCOW2_CLEAN;
	if (!err && overlay->header.is_linear)
		err = check_layout(overlay);
	return err ? err : check_tables(overlay);
}

/* The caller frees *l1, also on failure. */
static int read_l1(const struct overlay *overlay, __be64 **l1)
{
	uint64_t clusters = reloop_qcow2_clusters_of(overlay->header.size, 0);
	size_t length = reloop_qcow2_clusters_of(clusters, 4) * sizeof(**l1);

	*l1 = malloc(length);
	if (!*l1)
		return -ENOMEM;
	return overlay_read(overlay->fd, *l1, length, overlay->header.l1_offset);
}

int overlay_visit_tables(struct overlay *overlay, overlay_table_visit visit, void *data)
{
	uint64_t clusters = reloop_qcow2_clusters_of(overlay->header.size, 0);
	struct overlay_table *table = malloc(sizeof(*table));
	int err = table ? 0 : -ENOMEM;
	__be64 *l1 = NULL;

	if (!err)
		err = read_l1(overlay, &l1);
	for (uint64_t i = 0; i * RELOOP_QCOW2_L2_ENTRIES < clusters && !err; i++) {
		table->pointer = be64toh(l1[i]);
		table->place = table->pointer & RELOOP_QCOW2_OFFSET_MASK;
		table->first = i * RELOOP_QCOW2_L2_ENTRIES;
		table->count = clusters - table->first < RELOOP_QCOW2_L2_ENTRIES ?
			       clusters - table->first : RELOOP_QCOW2_L2_ENTRIES;
		if (!table->place && !overlay->header.is_linear)
			continue;
		if (!is_table(overlay, table->place, RELOOP_QCOW2_CLUSTER))
			err = RELOOP_REASON_TABLE;
		if (!err)
			err = overlay_read(overlay->fd, table->entries, sizeof(table->entries),
					   table->place);
		if (!err)
			err = visit(overlay, table, data);
	}
	free(l1);
	free(table);
	return err;
}

/* --- runs ----------------------------------------------------------------------------------- */

struct run_walk {
	overlay_run_visit visit;
	void *data;
	struct overlay_run run;		/* not reported yet */
};

static int tell(struct overlay *overlay, struct run_walk *walk)
{
	struct overlay_run run = walk->run;

	walk->run.length = 0;
	return run.length ? walk->visit(overlay, &run, walk->data) : 0;
}

static bool continues(const struct overlay_run *run, const struct overlay_run *next)
{
	return run->length && run->is_zero == next->is_zero &&
	       run->position + run->length == next->position &&
	       (run->is_zero || run->place + run->length == next->place);
}

static int add_run(struct overlay *overlay, struct run_walk *walk, struct overlay_run next)
{
	int err = 0;

	if (next.position + next.length > overlay->header.size)
		next.length = overlay->header.size - next.position;
	if (continues(&walk->run, &next)) {
		walk->run.length += next.length;
		return 0;
	}
	err = tell(overlay, walk);
	walk->run = next;
	return err;
}

/* @pieces: a bit for each piece in the file and, 32 bits higher, for each that is zero. */
static int add_pieces(struct overlay *overlay, struct run_walk *walk, uint64_t cluster,
		      uint64_t place, uint64_t pieces)
{
	uint32_t here = pieces, zero = pieces >> RELOOP_QCOW2_PIECES;
	int err = 0;

	for (unsigned int i = 0; i < RELOOP_QCOW2_PIECES && !err; i++) {
		uint64_t position = (cluster << RELOOP_QCOW2_CLUSTER_BITS) +
				    i * RELOOP_QCOW2_PIECE;

		if (!((here | zero) >> i & 1) || position >= overlay->header.size)
			continue;
		err = add_run(overlay, walk, (struct overlay_run) {
			.is_zero = zero >> i & 1,
			.position = position,
			.place = place + i * RELOOP_QCOW2_PIECE,
			.length = RELOOP_QCOW2_PIECE,
		});
	}
	return err;
}

static int visit_runs_of_table(struct overlay *overlay, struct overlay_table *table, void *data)
{
	int err = 0;

	for (unsigned int i = 0; i < table->count && !err; i++)
		if (table->entries[i].pieces)
			err = add_pieces(overlay, data, table->first + i,
					 be64toh(table->entries[i].place) &
					 RELOOP_QCOW2_OFFSET_MASK,
					 be64toh(table->entries[i].pieces));
	return err;
}

int overlay_visit_runs(struct overlay *overlay, overlay_run_visit visit, void *data)
{
	struct run_walk walk = { .visit = visit, .data = data };
	int err = overlay_visit_tables(overlay, visit_runs_of_table, &walk);

	return err ? err : tell(overlay, &walk);
}

/* --- verifying ------------------------------------------------------------------------------ */

/* A bit for each cluster of the file that is in use. */
struct map {
	struct overlay_usage *usage;
	struct reloop_qcow2_layout layout;
	unsigned char *taken;
	uint64_t clusters;
};

static bool take(struct map *map, uint64_t place)
{
	uint64_t n = place >> RELOOP_QCOW2_CLUSTER_BITS;

	if (place % RELOOP_QCOW2_CLUSTER || n >= map->clusters || map->taken[n / 8] >> n % 8 & 1)
		return false;
	map->taken[n / 8] |= 1 << n % 8;
	return true;
}

static bool take_all(struct map *map, uint64_t place, uint64_t length)
{
	for (uint64_t end = place + length; place < end; place += RELOOP_QCOW2_CLUSTER)
		if (!take(map, place))
			return false;
	return true;
}

static int take_blocks(struct overlay *overlay, struct map *map)
{
	__be64 *blocks = malloc(RELOOP_QCOW2_CLUSTER);
	uint64_t place;
	int err = blocks ? 0 : -ENOMEM;

	for (uint64_t c = 0; c < overlay->header.refcount_clusters && !err; c++) {
		err = overlay_read(overlay->fd, blocks, RELOOP_QCOW2_CLUSTER,
				   overlay->header.refcount_offset + c * RELOOP_QCOW2_CLUSTER);
		for (size_t i = 0; i < RELOOP_QCOW2_POINTERS && !err; i++) {
			place = be64toh(blocks[i]);
			if (place && !take(map, place))
				err = RELOOP_REASON_TABLE;
		}
	}
	free(blocks);
	return err;
}

/* @is_shared: the table may have other users, too, and so may everything that it points to. */
static int verify_entry(struct map *map, const struct reloop_qcow2_l2_entry *entry,
			uint64_t linear_place, bool is_shared)
{
	uint64_t place = be64toh(entry->place), pieces = be64toh(entry->pieces);
	uint32_t here = pieces, zero = pieces >> RELOOP_QCOW2_PIECES;

	if (place & RELOOP_QCOW2_COMPRESSED)
		return RELOOP_REASON_COMPRESSED;
	if (here & zero)
		return RELOOP_REASON_PIECES;
	if (place & ~(RELOOP_QCOW2_OFFSET_MASK | RELOOP_QCOW2_COPIED))
		return RELOOP_REASON_CLUSTERS;
	is_shared |= !(place & RELOOP_QCOW2_COPIED);
	place &= RELOOP_QCOW2_OFFSET_MASK;
	if (!place)
		return here ? RELOOP_REASON_CLUSTERS : 0;
	if (!is_shared)
		map->usage->placeless--;
	if (linear_place && place != linear_place)
		return RELOOP_REASON_CLUSTERS;
	return take(map, place) ? 0 : RELOOP_REASON_CLUSTERS;
}

/* The kernel reads the tables of a linear overlay from where they have to be. */
static bool is_misplaced(const struct overlay *overlay, const struct overlay_table *table,
			 const struct map *map)
{
	uint64_t i = table->first / RELOOP_QCOW2_L2_ENTRIES;

	return overlay->header.is_linear &&
	       table->pointer != ((map->layout.l2_offset + (i << RELOOP_QCOW2_CLUSTER_BITS)) |
				  RELOOP_QCOW2_COPIED);
}

static int verify_table(struct overlay *overlay, struct overlay_table *table, void *data)
{
	struct map *map = data;
	bool is_shared = !(table->pointer & RELOOP_QCOW2_COPIED);
	uint64_t linear_place = 0;
	int err = 0;

	if (is_misplaced(overlay, table, map) || !take(map, table->place) ||
	    (table->pointer & ~(RELOOP_QCOW2_OFFSET_MASK | RELOOP_QCOW2_COPIED)))
		return RELOOP_REASON_TABLE;
	for (unsigned int i = 0; i < table->count && !err; i++) {
		if (overlay->header.is_linear)
			linear_place = map->layout.data_offset +
				       ((table->first + i) << RELOOP_QCOW2_CLUSTER_BITS);
		err = verify_entry(map, &table->entries[i], linear_place, is_shared);
	}
	return err;
}

static int count_run(struct overlay *overlay, const struct overlay_run *run, void *data)
{
	struct overlay_usage *usage = data;

	(void)overlay;
	*(run->is_zero ? &usage->zeroed : &usage->written) += run->length;
	return 0;
}

static int verify(struct overlay *overlay, struct map *map)
{
	const struct qcow2_header *header = &overlay->header;
	int err;

	if (!take(map, 0) || !take_all(map, header->l1_offset,
				       header->l1_entries * sizeof(__be64)) ||
	    !take_all(map, header->refcount_offset,
		      header->refcount_clusters * RELOOP_QCOW2_CLUSTER))
		return RELOOP_REASON_TABLE;
	err = take_blocks(overlay, map);
	if (!err)
		err = overlay_visit_tables(overlay, verify_table, map);
	return err ? err : overlay_visit_runs(overlay, count_run, map->usage);
}

int overlay_verify(struct overlay *overlay, struct overlay_usage *usage)
{
	struct map map = {
		.usage = usage,
		.clusters = reloop_qcow2_clusters_of(overlay->file_size, 0),
	};
	int err;

	*usage = (struct overlay_usage) {
		.placeless = reloop_qcow2_clusters_of(overlay->header.size, 0),
	};
	reloop_qcow2_lay_out(overlay->header.size, &map.layout);
	map.taken = calloc(map.clusters / 8 + 1, 1);
	if (!map.taken)
		return -ENOMEM;
	err = verify(overlay, &map);
	free(map.taken);
	return err;
}
