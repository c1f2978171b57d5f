// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/qcow2.h"

/* The condition says it all. */
#define SAYS(condition) CHECK(condition, "%s", #condition)

static const struct qcow2_note note = {
	.state = RELOOP_QCOW2_COMMITTING,
	.base_size = 123456789,
	.base_mtime = -5,
	.base_mtime_nsec = 999999999,
	.base_inode = 0x123456789abcULL,
};

static void make(struct qcow2_header *header, size_t name_length)
{
	memset(header, 0, sizeof(*header));
	header->size = 100ULL << 30;
	header->note = note;
	memset(header->base, 'b', name_length);
	SAYS(qcow2_build(header) == 0);
}

static void check_same(const struct qcow2_header *one, const struct qcow2_header *other)
{
	SAYS(one->size == other->size);
	SAYS(one->l1_offset == other->l1_offset);
	SAYS(one->l1_entries == other->l1_entries);
	SAYS(one->refcount_offset == other->refcount_offset);
	SAYS(one->refcount_clusters == other->refcount_clusters);
	SAYS(one->is_linear == other->is_linear);
	SAYS(one->note_place == other->note_place);
	SAYS(!strcmp(one->base, other->base));
	SAYS(one->note.state == other->note.state);
	SAYS(one->note.base_size == other->note.base_size);
	SAYS(one->note.base_mtime == other->note.base_mtime);
	SAYS(one->note.base_mtime_nsec == other->note.base_mtime_nsec);
	SAYS(one->note.base_inode == other->note.base_inode);
}

static void test_both_ways(void)
{
	struct qcow2_header made, read;

	make(&made, QCOW2_NAME_MAX);
	SAYS(qcow2_parse(&read, made.bytes, sizeof(made.bytes)) == 0);
	check_same(&made, &read);
	/* A note that lies in two sectors could be written in halves. */
	SAYS(made.note_place % 512 <= 512 - sizeof(struct reloop_qcow2_note));

	strcpy(read.base, "another");
	SAYS(qcow2_rebuild(&read) == 0);
	made = read;
	SAYS(qcow2_parse(&read, made.bytes, sizeof(made.bytes)) == 0);
	check_same(&made, &read);

	read.has_note = false;
	SAYS(qcow2_rebuild(&read) == 0);
	made = read;
	SAYS(qcow2_parse(&read, made.bytes, sizeof(made.bytes)) == 0);
	SAYS(!read.has_note);
}

/* What others have put there stays, as long as there is room. */
static void test_others(void)
{
	struct reloop_qcow2_extension *extension;
	struct qcow2_header made, read;
	struct reloop_qcow2_header *raw = (void *)made.bytes;
	size_t place;

	make(&made, 1);
	place = be64toh(raw->backing_offset) - sizeof(*extension);
	extension = (void *)(made.bytes + place);
	*extension = (struct reloop_qcow2_extension) {
		.type = htobe32(0x6803f857), .length = htobe32(5),
	};
	memset(extension + 1, 0, 32);
	memcpy(extension + 1, "other", 5);
	raw->backing_offset = htobe64(place + 32);
	made.bytes[place + 32] = 'b';
	SAYS(qcow2_parse(&read, made.bytes, sizeof(made.bytes)) == 0);
	SAYS(qcow2_rebuild(&read) == 0);
	SAYS(memmem(read.bytes, sizeof(read.bytes), "other", 5));

	extension->length = htobe32(3000);
	raw->backing_offset = htobe64(4095);
	made.bytes[4095] = 'b';
	SAYS(qcow2_parse(&read, made.bytes, sizeof(made.bytes)) == 0);
	memset(read.base, 'b', QCOW2_NAME_MAX);
	SAYS(qcow2_rebuild(&read) == -E2BIG);
}

/* Whatever is in a header, nothing outside of it is touched; the sanitizers look. */
static void test_any_bytes(void)
{
	struct qcow2_header made, read;
	unsigned char bytes[RELOOP_QCOW2_HEADER_MAX];

	make(&made, 200);
	srand(1);	/* the same each time */
	for (int round = 0; round < 200000; round++) {
		memcpy(bytes, made.bytes, sizeof(bytes));
		for (int i = rand() % 4; i >= 0; i--)
			bytes[8 + rand() % 440] = rand() % 3 ? rand() : rand() % 2 * 255;
		if (!qcow2_parse(&read, bytes, rand() % 9 ? sizeof(bytes) : rand() % 600U))
			qcow2_rebuild(&read);
	}
}

/* One part after the other, and a refcount for each cluster. */
static bool is_laid_out(uint64_t size)
{
	const uint64_t cluster = RELOOP_QCOW2_CLUSTER;
	struct reloop_qcow2_layout layout;

	reloop_qcow2_lay_out(size, &layout);
	return layout.clusters * cluster >= size && (layout.clusters - 1) * cluster < size &&
	       layout.l1_entries * RELOOP_QCOW2_L2_ENTRIES >= layout.clusters &&
	       layout.refcount_offset == cluster &&
	       layout.blocks_offset >= layout.refcount_offset + layout.refcount_blocks * 8 &&
	       layout.l1_offset == layout.blocks_offset + layout.refcount_blocks * cluster &&
	       layout.l2_offset >= layout.l1_offset + layout.l1_entries * 8 &&
	       layout.data_offset == layout.l2_offset + layout.l1_entries * cluster &&
	       layout.file_size == layout.data_offset + layout.clusters * cluster &&
	       layout.refcount_blocks * RELOOP_QCOW2_REFCOUNTS * cluster >= layout.file_size;
}

static void test_layouts(void)
{
	uint64_t size = 512;

	while (size < RELOOP_QCOW2_SIZE_MAX) {
		CHECK(is_laid_out(size), "the layout of %" PRIu64 " bytes", size);
		size += size / 3 / 512 * 512 + 512;
	}
	SAYS(is_laid_out(RELOOP_QCOW2_SIZE_MAX));
}

int main(void)
{
	test_both_ways();
	test_others();
	test_any_bytes();
	test_layouts();
	return check_end();
}
