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

static struct qcow2_steps steps;

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
	SAYS(qcow2_rebuild(&read, &steps) == 0);
	made = read;
	SAYS(qcow2_parse(&read, made.bytes, sizeof(made.bytes)) == 0);
	check_same(&made, &read);

	read.has_note = false;
	SAYS(qcow2_rebuild(&read, &steps) == 0);
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
	SAYS(qcow2_rebuild(&read, &steps) == 0);
	SAYS(memmem(read.bytes, sizeof(read.bytes), "other", 5));

	extension->length = htobe32(3000);
	raw->backing_offset = htobe64(4095);
	made.bytes[4095] = 'b';
	SAYS(qcow2_parse(&read, made.bytes, sizeof(made.bytes)) == 0);
	memset(read.base, 'b', QCOW2_NAME_MAX);
	SAYS(qcow2_rebuild(&read, &steps) == -E2BIG);
}

/* As qemu-img makes it: without a note, and with a table of names across the first sector's end. */
static void make_foreign(struct qcow2_header *header, size_t header_length, size_t name_length)
{
	struct reloop_qcow2_header *raw = (void *)header->bytes;
	struct reloop_qcow2_extension format = { htobe32(RELOOP_QCOW2_EXT_BACKING_FORMAT),
						 htobe32(3) };
	struct reloop_qcow2_extension names = { htobe32(0x6803f857), htobe32(384) };
	unsigned char *place;

	make(header, 1);
	memset(header->bytes + sizeof(*raw), 0, sizeof(header->bytes) - sizeof(*raw));
	raw->header_length = htobe32(header_length);
	place = header->bytes + header_length;
	memcpy(place, &format, 8);
	memcpy(place + 8, "raw", 3);
	memcpy(place + 16, &names, 8);
	memset(place + 24, 'f', 384);
	raw->backing_offset = htobe64(header_length + 24 + 384 + 8);
	raw->backing_length = htobe32(name_length);
	memset(header->bytes + be64toh(raw->backing_offset), 'b', name_length);
}

static bool is_same_state(const unsigned char *bytes, const struct qcow2_header *wanted)
{
	struct qcow2_header read;

	return !qcow2_parse(&read, bytes, sizeof(read.bytes)) && !strcmp(read.base, wanted->base) &&
	       read.has_note == wanted->has_note && read.size == wanted->size &&
	       (!read.has_note || !memcmp(&read.note, &wanted->note, sizeof(note)));
}

/* The sectors of the bits of @which are those of @next. */
static void mix(unsigned char *mixed, const unsigned char *before, const unsigned char *next,
		unsigned int which)
{
	for (unsigned int i = 0; i < RELOOP_QCOW2_HEADER_MAX / 512; i++)
		memcpy(mixed + i * 512, (which & 1U << i ? next : before) + i * 512, 512);
}

/* What QEMU knows of the fields behind ours: how clusters are compressed, which has to be 0. */
static bool is_readable_by_qemu(const unsigned char *bytes)
{
	const struct reloop_qcow2_header *raw = (const void *)bytes;

	return be32toh(raw->header_length) <= sizeof(*raw) || !bytes[sizeof(*raw)];
}

/* Whichever sectors have been written. */
static void check_steps(const struct qcow2_header *old, const struct qcow2_header *new)
{
	unsigned char mixed[RELOOP_QCOW2_HEADER_MAX];
	bool is_new = false, was_new = false, is_whole;

	for (int i = 1; i < steps.count; i++) {
		is_whole = true;
		for (unsigned int which = 0; which < 1U << RELOOP_QCOW2_HEADER_MAX / 512; which++) {
			mix(mixed, steps.bytes[i - 1], steps.bytes[i], which);
			is_new = is_same_state(mixed, new);
			is_whole &= is_new || (!was_new && is_same_state(mixed, old));
			is_whole &= is_readable_by_qemu(mixed);
		}
		CHECK(is_whole, "step %d, whichever sectors are written", i);
		was_new = is_new;
	}
	SAYS(was_new);
	SAYS(!memcmp(steps.bytes[steps.count - 1], new->bytes, sizeof(new->bytes)));
}

/* All of it, and from each place where it may have been interrupted. */
static void check_change(const struct qcow2_header *old, bool has_note, size_t name_length)
{
	static unsigned char at[QCOW2_STEPS_MAX][RELOOP_QCOW2_HEADER_MAX];
	struct qcow2_header changed = *old, again;
	int count;

	changed.has_note = has_note;
	changed.note = note;
	memset(changed.base, 0, sizeof(changed.base));
	memset(changed.base, 'n', name_length);
	CHECK(qcow2_rebuild(&changed, &steps) == 0, "a name of %zu bytes", name_length);
	check_steps(old, &changed);
	SAYS(!has_note || qcow2_has_whole_note(&changed));
	count = steps.count;
	memcpy(at, steps.bytes, sizeof(at));
	for (int i = 1; i < count; i++) {
		SAYS(qcow2_parse(&again, at[i], sizeof(at[i])) == 0);
		changed = again;
		changed.has_note = true;
		changed.note = note;
		strcat(changed.base, "x");
		if (qcow2_rebuild(&changed, &steps) == 0)
			check_steps(&again, &changed);
		else
			SAYS(name_length > 900);
	}
}

static void test_cuts(void)
{
	static const size_t lengths[] = { 1, 30, 400, 900, QCOW2_NAME_MAX - 1 };
	struct qcow2_header made, old;

	for (int i = 0; i < 5 * 5 * 2; i++) {
		make_foreign(&made, i % 2 ? 104 : 112, lengths[i / 2 % 5]);
		SAYS(qcow2_parse(&old, made.bytes, sizeof(made.bytes)) == 0);
		SAYS(!old.has_note);
		check_change(&old, true, lengths[i / 10]);
		make(&made, lengths[i / 2 % 5]);
		SAYS(qcow2_parse(&old, made.bytes, sizeof(made.bytes)) == 0);
		check_change(&old, i % 2, lengths[i / 10]);
	}
	/* Fields of a later version are not taken for what was moved. */
	make_foreign(&made, 120, 9);
	SAYS(qcow2_parse(&old, made.bytes, sizeof(made.bytes)) == 0);
	SAYS(qcow2_rebuild(&old, &steps) == -E2BIG);
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
			qcow2_rebuild(&read, &steps);
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
	test_cuts();
	test_any_bytes();
	test_layouts();
	return check_end();
}
