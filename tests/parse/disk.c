// SPDX-License-Identifier: GPL-2.0-only
/* Files: images with whatever tables and file systems, and overlays with whatever headers. */
#include "parse.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/align.h>

#include "commands/part.h"
#include "commands/volumes.h"
#include "lib/kind.h"
#include "lib/overlay_change.h"
#include "lib/sector.h"
#include "store/overlay_header.h"

#define RUNS_MAX 64
#define COMMIT_MAX (4ULL << 20)

/* --- files ---------------------------------------------------------------------------------- */

static int anew(int *fd)
{
	if (!*fd)
		*fd = memfd_create("file", MFD_CLOEXEC);
	EXPECT(*fd > 0 && !ftruncate(*fd, 0));
	return *fd;
}

static uint32_t number_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/* The size in 4 bytes; then, again and again, a place in 4, a length in 1, and so many bytes. */
int sparse_file(const uint8_t *bytes, size_t length, uint64_t *size)
{
	static int fd;
	uint64_t place;
	size_t part;

	anew(&fd);
	*size = length < 4 ? 0 : number_at(bytes);
	for (size_t at = 4; at + 5 < length; at += part) {
		place = number_at(bytes + at);
		part = bytes[at + 4];
		at += 5;
		part = part < length - at ? part : length - at;
		EXPECT(pwrite(fd, bytes + at, part, place) == (ssize_t)part);
	}
	EXPECT(!ftruncate(fd, *size));
	return fd;
}

/* --- images --------------------------------------------------------------------------------- */

static void expect_sector(uint64_t size)
{
	EXPECT(!size || (size >= 512 && size <= 65536 && !(size & (size - 1))));
}

#define EXPECT_TEXT(field) EXPECT(memchr(field, '\0', sizeof(field)))

static void expect_volume(const struct volume *volume)
{
	EXPECT_TEXT(volume->type);
	EXPECT_TEXT(volume->name);
	EXPECT_TEXT(volume->partition_uuid);
	EXPECT_TEXT(volume->file_system);
	EXPECT_TEXT(volume->label);
	EXPECT_TEXT(volume->uuid);
	EXPECT(volume->start % 512 == 0 && volume->start <= INT64_MAX);
	EXPECT(volume->size <= INT64_MAX);
}

static void expect_printed(const struct contents *contents)
{
	int lines = !!*contents->whole.file_system + contents->count;
	struct heard heard;
	struct json json;

	hear(&heard, &stdout);
	volumes_print(contents);
	hear_no_more(&heard);
	expect_lines(heard.text, lines + !!lines);
	free(heard.text);
	hear(&heard, &stdout);
	json_begin(&json, stdout);
	volumes_print_json(&json, &contents->whole);
	volumes_print_json_all(&json, contents);
	json_end(&json);
	hear_no_more(&heard);
	EXPECT(!strcmp(expect_json(heard.text), "\n"));
	free(heard.text);
}

static uint32_t checksum(const uint8_t *bytes, size_t length)
{
	uint32_t sum = ~0U;

	for (size_t i = 0; i < length; i++) {
		sum ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return ~sum;
}

/* Whoever makes a GPT can compute its checksums, which no mutation would hit. */
static void mend_gpt(int fd, uint64_t place)
{
	uint8_t entries[32 * 128], header[92];
	uint32_t sum;

	if (pread(fd, header, sizeof(header), place) != sizeof(header) ||
	    memcmp(header, "EFI PART", 8))
		return;
	/* That there are 32 of 128 bytes, in sector 2, and the length of the header. */
	memcpy(header + 72, "\2\0\0\0\0\0\0\0\40\0\0\0\200\0\0", 16);
	memcpy(header + 12, "\\\0\0", 4);
	EXPECT(!overlay_read(fd, entries, sizeof(entries), 2 * place));
	sum = htole32(checksum(entries, sizeof(entries)));
	memcpy(header + 88, &sum, 4);
	memset(header + 16, 0, 4);
	sum = htole32(checksum(header, sizeof(header)));
	memcpy(header + 16, &sum, 4);
	EXPECT(pwrite(fd, header, sizeof(header), place) == sizeof(header));
}

static void look(int fd, uint64_t size, uint64_t sector_bytes)
{
	struct part part = { 0 };
	const struct volume *found;
	struct contents contents;

	if (contents_read(&contents, fd, size, sector_bytes))
		return;
	EXPECT(contents.count <= 255 && !contents.whole.number && !contents.whole.start);
	EXPECT_TEXT(contents.table);
	expect_volume(&contents.whole);
	for (size_t i = 0; i < contents.count; i++)
		expect_volume(&contents.partitions[i]);
	EXPECT(part_find(&part, &contents, &found) <= contents.count + 1);
	expect_printed(&contents);
	contents_free(&contents);
}

void parse_image(const uint8_t *bytes, size_t length)
{
	uint64_t size;
	int fd = sparse_file(bytes, length, &size);

	mend_gpt(fd, 512);
	mend_gpt(fd, 4096);
	kind_of_image(fd);
	expect_sector(sector_size_of_image(fd, 0));
	expect_sector(sector_size_of_image(fd, size / 2));
	sector_is_protective(fd, 0);
	sector_is_protective(fd, size);
	look(fd, size, 0);
	look(fd, size, sector_size_of_gpt(fd, 0));
}

/* --- headers of overlays -------------------------------------------------------------------- */

/* The module is told of as many bytes, and no more. */
static enum reloop_reason read_by_module(const struct qcow2_header *header, uint64_t file_size,
					 struct reloop_overlay_header *module)
{
	uint8_t *bytes = malloc(sizeof(header->bytes));
	enum reloop_reason reason;

	EXPECT(bytes);
	memcpy(bytes, header->bytes, sizeof(header->bytes));
	reason = reloop_overlay_header_read(bytes, file_size, module);
	free(bytes);
	return reason;
}

/* The module has to take what the command takes, and the same of it. */
static bool is_taken_by_module(const struct qcow2_header *header, uint64_t file_size)
{
	struct reloop_overlay_header module;
	enum reloop_reason reason = read_by_module(header, file_size, &module);

	if (reason) {
		/* These the command looks at later, with the file. */
		EXPECT(reason == RELOOP_REASON_TABLE || reason == RELOOP_REASON_SHORT ||
		       (reason == RELOOP_REASON_HEADER && header->is_linear));
		return false;
	}
	EXPECT(module.size == header->size && module.linear == header->is_linear);
	EXPECT(module.l1_offset == header->l1_offset && module.l1_entries == header->l1_entries);
	EXPECT(module.refcount_offset == header->refcount_offset);
	EXPECT(module.refcount_clusters == header->refcount_clusters);
	EXPECT(module.has_note == header->has_note);
	EXPECT(!module.has_note ||
	       be64_to_cpu(module.note.base_inode) == header->note.base_inode);
	return true;
}

static bool is_same(const struct qcow2_header *one, const struct qcow2_header *other)
{
	return one->size == other->size && one->l1_offset == other->l1_offset &&
	       one->is_linear == other->is_linear && !strcmp(one->base, other->base) &&
	       one->has_note == other->has_note &&
	       (!one->has_note || (one->note.state == other->note.state &&
				   one->note.base_inode == other->note.base_inode));
}

/* Whichever sectors of a step are written, it is one of the two. @which: a bit for each of them. */
static void expect_whole(const struct qcow2_steps *steps, const struct qcow2_header *before,
			 const struct qcow2_header *after, unsigned int which)
{
	uint8_t mixed[RELOOP_QCOW2_HEADER_MAX];
	struct qcow2_header read;

	for (int i = 1; i < steps->count; i++) {
		for (int s = 0; s < RELOOP_QCOW2_HEADER_MAX / 512; s++)
			memcpy(mixed + s * 512, steps->bytes[which >> s & 1 ? i : i - 1] + s * 512,
			       512);
		EXPECT(!qcow2_parse(&read, mixed, sizeof(mixed)));
		EXPECT(is_same(&read, before) || is_same(&read, after));
	}
}

static void expect_change(const struct qcow2_header *before, uint8_t which)
{
	static struct qcow2_steps steps;
	struct qcow2_header after = *before, read;

	after.has_note = which % 3;
	if (after.has_note)
		after.note = (struct qcow2_note) { .state = which % 4, .base_inode = which };
	if (strlen(after.base) < QCOW2_NAME_MAX)
		strcat(after.base, "x");
	if (qcow2_rebuild(&after, &steps))
		return;
	EXPECT(steps.count > 1 && steps.count <= QCOW2_STEPS_MAX);
	EXPECT(!qcow2_parse(&read, steps.bytes[steps.count - 1], sizeof(steps.bytes[0])));
	EXPECT(is_same(&read, &after) && (!after.has_note || qcow2_has_whole_note(&read)));
	EXPECT(read.l1_entries == before->l1_entries);
	expect_whole(&steps, before, &after, which);
	expect_whole(&steps, before, &after, ~which);
}

static void look_at_header(const uint8_t *bytes, size_t length)
{
	struct reloop_overlay_header module;
	struct qcow2_header header;

	if (qcow2_parse(&header, bytes, length)) {
		read_by_module(&header, INT64_MAX, &module);
		return;
	}
	EXPECT(header.size && header.size % 512 == 0 && header.size <= RELOOP_QCOW2_SIZE_MAX);
	EXPECT(*header.base && strlen(header.base) <= QCOW2_NAME_MAX);
	EXPECT(!header.has_note || header.note_place + sizeof(struct reloop_qcow2_note) <=
				   sizeof(header.bytes));
	is_taken_by_module(&header, INT64_MAX);
	expect_change(&header, bytes[length - 1]);
}

/* Files of less than a header end where they end, so that the sanitizers see whoever reads on. */
void parse_header(const uint8_t *bytes, size_t length)
{
	uint64_t size;
	int fd = sparse_file(bytes, length, &size);
	size_t part = size < RELOOP_QCOW2_HEADER_MAX ? size : RELOOP_QCOW2_HEADER_MAX;
	uint8_t *begin = malloc(part);

	EXPECT(!overlay_read(fd, begin, part, 0));
	look_at_header(begin, part);
	free(begin);
}

/* --- overlays as a whole -------------------------------------------------------------------- */

struct runs {
	uint64_t file_size, end, written, zeroed;
	size_t count;
	struct overlay_run kept[RUNS_MAX];
	uint8_t begins[RUNS_MAX];
};

static int see_run(struct overlay *overlay, const struct overlay_run *run, void *data)
{
	struct runs *runs = data;
	size_t n = runs->count;

	EXPECT(run->length && run->position >= runs->end);
	runs->end = run->position + run->length;
	EXPECT(runs->end <= overlay->header.size && runs->end > run->position);
	*(run->is_zero ? &runs->zeroed : &runs->written) += run->length;
	/* The last cluster of a file need not be whole. */
	EXPECT(run->is_zero || (run->place >= RELOOP_QCOW2_CLUSTER && run->place + run->length <=
				ALIGN(runs->file_size, (uint64_t)RELOOP_QCOW2_CLUSTER)));
	for (size_t i = 0; i < n && !run->is_zero; i++)
		EXPECT(runs->kept[i].is_zero ||
		       run->place + run->length <= runs->kept[i].place ||
		       run->place >= runs->kept[i].place + runs->kept[i].length);
	if (n == RUNS_MAX)
		return 0;
	runs->kept[n] = *run;
	EXPECT(run->is_zero || !overlay_read(overlay->fd, &runs->begins[n], 1, run->place));
	runs->count++;
	return 0;
}

static void expect_empty(int fd)
{
	struct overlay_usage usage;
	struct overlay overlay;

	EXPECT(!overlay_load(&overlay, fd) && !overlay_verify(&overlay, &usage));
	EXPECT(!usage.written && !usage.zeroed && !overlay.is_in_hand);
}

/* The base has what was written, and the overlay has nothing any more. */
static void commit(struct overlay *overlay, struct runs *runs)
{
	static int fd;
	struct image base = { .fd = anew(&fd), .lock_fd = -1 };
	uint8_t byte;
	bool is_base;
	int err;

	EXPECT(!fstat(base.fd, &base.st));
	err = overlay_commit(overlay, &base, runs->written, &is_base);
	/* There may be no room in the header, or it may say that it is committed. */
	if (err)
		return;
	expect_empty(overlay->fd);
	for (size_t i = 0; i < runs->count; i++) {
		EXPECT(!overlay_read(base.fd, &byte, 1, runs->kept[i].position));
		EXPECT(byte == (runs->kept[i].is_zero ? 0 : runs->begins[i]));
	}
}

void parse_overlay(const uint8_t *bytes, size_t length)
{
	struct runs runs = { 0 };
	struct overlay_usage usage;
	struct overlay overlay;
	int fd = sparse_file(bytes, length, &runs.file_size);

	if (overlay_load(&overlay, fd))
		return;
	EXPECT(is_taken_by_module(&overlay.header, runs.file_size));
	if (overlay_verify(&overlay, &usage))
		return;
	EXPECT(!overlay_visit_runs(&overlay, see_run, &runs));
	EXPECT(usage.written == runs.written && usage.zeroed == runs.zeroed);
	EXPECT(usage.placeless <= reloop_qcow2_clusters_of(overlay.header.size, 0));
	/* One or the other, as the bytes decide. */
	if (bytes[length - 1] % 2 && runs.written <= COMMIT_MAX &&
	    overlay.header.note.state != RELOOP_QCOW2_COMMITTED)
		commit(&overlay, &runs);
	else if (!overlay_reset(&overlay))
		expect_empty(fd);
}
