// SPDX-License-Identifier: GPL-2.0-only
#include "lib/qcow2.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

/* The struct and what QEMU adds to it: the compression type, 0 for zlib, and 7 zero bytes. */
#define BUILT_LENGTH (sizeof(struct reloop_qcow2_header) + 8)

/* A header length of at least this leads to where the extensions were moved. */
#define MOVED_LENGTH_MIN 512

/* Moved extensions begin at a sector boundary, so that the note lies in one sector. */
#define SECTOR 512

#define BASE_FORMAT "raw"

static uint64_t round_up_to_8(uint64_t length)
{
	return (length + 7) & ~7ULL;
}

/* --- from bytes ----------------------------------------------------------------------------- */

static int check_features(const struct reloop_qcow2_header *raw)
{
	uint64_t incompatible = be64toh(raw->incompatible);

	if (incompatible & RELOOP_QCOW2_DIRTY)
		return RELOOP_REASON_DIRTY;
	if (incompatible & RELOOP_QCOW2_CORRUPT)
		return RELOOP_REASON_CORRUPT;
	if (incompatible & RELOOP_QCOW2_EXTERNAL_DATA)
		return RELOOP_REASON_EXTERNAL_DATA;
	if (incompatible & ~RELOOP_QCOW2_EXTENDED_L2)
		return RELOOP_REASON_FEATURE;
	if (!incompatible)
		return RELOOP_REASON_STANDARD_L2;
	/* Writes would invalidate what other programs keep beside the data. */
	if (be64toh(raw->autoclear) & ~RELOOP_QCOW2_LINEAR)
		return RELOOP_REASON_FEATURE;
	if (be32toh(raw->cluster_bits) != RELOOP_QCOW2_CLUSTER_BITS)
		return RELOOP_REASON_CLUSTER;
	if (raw->crypt_method)
		return RELOOP_REASON_ENCRYPTED;
	if (raw->snapshots)
		return RELOOP_REASON_SNAPSHOTS;
	return be32toh(raw->refcount_order) == RELOOP_QCOW2_REFCOUNT_ORDER ? 0 :
	       RELOOP_REASON_REFCOUNTS;
}

static int parse_note(struct qcow2_header *header, size_t place, uint32_t length)
{
	struct reloop_qcow2_note packed;

	if (header->has_note || length < sizeof(packed))
		return RELOOP_REASON_HEADER;
	memcpy(&packed, header->bytes + place, sizeof(packed));
	header->has_note = true;
	header->note_place = place;
	header->note = (struct qcow2_note) {
		.state = be32toh(packed.state),
		.base_size = be64toh(packed.base_size),
		.base_mtime = be64toh(packed.base_mtime),
		.base_mtime_nsec = be32toh(packed.base_mtime_nsec),
		.base_inode = be64toh(packed.base_inode),
	};
	return be32toh(packed.version) == RELOOP_QCOW2_NOTE_VERSION &&
	       header->note.state <= RELOOP_QCOW2_COMMITTED ? 0 : RELOOP_REASON_FEATURE;
}

/* Calls @visit for each extension, with the @place of its head; @end: where the last one ends. */
static int visit_extensions(struct qcow2_header *header, size_t *end,
			    int (*visit)(struct qcow2_header *header, size_t place, uint32_t type,
					 uint32_t length, void *data), void *data)
{
	const struct reloop_qcow2_header *raw = (const void *)header->bytes;
	size_t place = be32toh(raw->header_length);
	struct reloop_qcow2_extension head;
	uint32_t type, length;
	int err = 0;

	while (!err && place + sizeof(head) <= sizeof(header->bytes)) {
		memcpy(&head, header->bytes + place, sizeof(head));
		type = be32toh(head.type);
		length = be32toh(head.length);
		*end = place;
		if (!type)
			return 0;
		if (length > sizeof(header->bytes) - sizeof(head) - place)
			return RELOOP_REASON_HEADER;
		err = visit(header, place, type, length, data);
		place += sizeof(head) + round_up_to_8(length);
	}
	return err ? err : RELOOP_REASON_HEADER;
}

static int parse_extension(struct qcow2_header *header, size_t place, uint32_t type,
			   uint32_t length, void *data)
{
	(void)data;
	place += sizeof(struct reloop_qcow2_extension);
	if (type == RELOOP_QCOW2_EXT_NOTE)
		return parse_note(header, place, length);
	if (type != RELOOP_QCOW2_EXT_BACKING_FORMAT)
		return 0;
	return length == strlen(BASE_FORMAT) &&
	       !memcmp(header->bytes + place, BASE_FORMAT, length) ? 0 :
	       RELOOP_REASON_BASE_FORMAT;
}

static int parse_base(struct qcow2_header *header)
{
	const struct reloop_qcow2_header *raw = (const void *)header->bytes;
	uint64_t offset = be64toh(raw->backing_offset);
	uint32_t length = be32toh(raw->backing_length);

	if (!offset || !length)
		return RELOOP_REASON_NO_BASE;
	if (length > QCOW2_NAME_MAX || offset > sizeof(header->bytes) ||
	    length > sizeof(header->bytes) - offset ||
	    memchr(header->bytes + offset, '\0', length))
		return RELOOP_REASON_HEADER;
	memcpy(header->base, header->bytes + offset, length);
	return 0;
}

static int parse_places(struct qcow2_header *header, const struct reloop_qcow2_header *raw)
{
	uint64_t clusters;

	header->size = be64toh(raw->size);
	header->l1_offset = be64toh(raw->l1_offset);
	header->l1_entries = be32toh(raw->l1_entries);
	header->refcount_offset = be64toh(raw->refcount_offset);
	header->refcount_clusters = be32toh(raw->refcount_clusters);
	header->is_linear = be64toh(raw->autoclear) & RELOOP_QCOW2_LINEAR;
	if (!header->size || header->size % 512 || header->size > RELOOP_QCOW2_SIZE_MAX)
		return RELOOP_REASON_SIZE;
	clusters = reloop_qcow2_clusters_of(header->size, 0);
	return header->l1_entries < reloop_qcow2_clusters_of(clusters, 4) ?
	       RELOOP_REASON_TABLE : 0;
}

int qcow2_parse(struct qcow2_header *header, const void *bytes, size_t length)
{
	const struct reloop_qcow2_header *raw = (const void *)header->bytes;
	uint32_t header_length;
	size_t end;
	int err;

	memset(header, 0, sizeof(*header));
	memcpy(header->bytes, bytes,
	       length < sizeof(header->bytes) ? length : sizeof(header->bytes));
	if (be32toh(raw->magic) != RELOOP_QCOW2_MAGIC)
		return RELOOP_REASON_NOT_QCOW2;
	if (be32toh(raw->version) != RELOOP_QCOW2_VERSION)
		return RELOOP_REASON_VERSION;
	header_length = be32toh(raw->header_length);
	if (header_length < sizeof(*raw) || header_length > sizeof(header->bytes) ||
	    header_length % 8)
		return RELOOP_REASON_HEADER;
	err = check_features(raw);
	if (!err)
		err = parse_places(header, raw);
	if (!err)
		err = visit_extensions(header, &end, parse_extension, NULL);
	return err ? err : parse_base(header);
}

/* --- to bytes ------------------------------------------------------------------------------- */

/* The bytes behind the struct, while they are put together. */
struct building {
	unsigned char bytes[RELOOP_QCOW2_HEADER_MAX];
	size_t end;
	size_t name;
	bool is_full;
};

static void *append(struct building *building, size_t length)
{
	unsigned char *room = building->bytes + building->end;

	if (length > sizeof(building->bytes) - building->end) {
		building->is_full = true;
		return NULL;
	}
	building->end += length;
	memset(room, 0, length);
	return room;
}

static void append_extension(struct building *building, uint32_t type, const void *content,
			     uint32_t length)
{
	struct reloop_qcow2_extension head = {
		.type = htobe32(type),
		.length = htobe32(length),
	};
	char *room = append(building, sizeof(head) + round_up_to_8(length));

	if (!room)
		return;
	memcpy(room, &head, sizeof(head));
	memcpy(room + sizeof(head), content, length);
}

bool qcow2_has_whole_note(const struct qcow2_header *header)
{
	size_t last = header->note_place + sizeof(struct reloop_qcow2_note) - 1;

	return header->has_note && header->note_place / SECTOR == last / SECTOR;
}

void qcow2_pack_note(const struct qcow2_note *note, struct reloop_qcow2_note *packed)
{
	*packed = (struct reloop_qcow2_note) {
		.version = htobe32(RELOOP_QCOW2_NOTE_VERSION),
		.state = htobe32(note->state),
		.base_size = htobe64(note->base_size),
		.base_mtime = htobe64(note->base_mtime),
		.base_mtime_nsec = htobe32(note->base_mtime_nsec),
		.base_inode = htobe64(note->base_inode),
	};
}

static void append_note(struct building *building, struct qcow2_header *header)
{
	struct reloop_qcow2_note packed;

	header->note_place = building->end + sizeof(struct reloop_qcow2_extension);
	qcow2_pack_note(&header->note, &packed);
	append_extension(building, RELOOP_QCOW2_EXT_NOTE, &packed, sizeof(packed));
}

static int keep_extension(struct qcow2_header *header, size_t place, uint32_t type,
			  uint32_t length, void *data)
{
	if (type != RELOOP_QCOW2_EXT_NOTE && type != RELOOP_QCOW2_EXT_BACKING_FORMAT)
		append_extension(data, type,
				 header->bytes + place + sizeof(struct reloop_qcow2_extension),
				 length);
	return 0;
}

/* Appends the extensions and the base's name; the note is near the front, so in one sector. */
static int append_all(struct building *building, struct qcow2_header *header, bool keeps_others)
{
	size_t length = strlen(header->base), end;
	char *name;
	int err = 0;

	append_extension(building, RELOOP_QCOW2_EXT_BACKING_FORMAT, BASE_FORMAT,
			 strlen(BASE_FORMAT));
	if (header->has_note)
		append_note(building, header);
	if (keeps_others)
		err = visit_extensions(header, &end, keep_extension, building);
	append_extension(building, 0, "", 0);
	building->name = building->end;
	name = append(building, length);
	if (err || building->is_full)
		return err ? err : -E2BIG;
	memcpy(name, header->base, length);
	return 0;
}

/* Makes the header lead to what was appended at @place; the changes are all in the first sector. */
static void lead_to(struct building *building, size_t place, const struct qcow2_header *header)
{
	struct reloop_qcow2_header *raw = (void *)building->bytes;

	raw->backing_offset = htobe64(building->name);
	raw->backing_length = htobe32(strlen(header->base));
	raw->header_length = htobe32(place);
	memset(raw + 1, 0, BUILT_LENGTH - sizeof(*raw));
}

static int no_more(struct qcow2_header *header, size_t place, uint32_t type, uint32_t length,
		   void *data)
{
	(void)header;
	(void)place;
	(void)type;
	(void)length;
	(void)data;
	return 0;
}

/* The end of everything that the header leads to now. */
static size_t end_of_all(struct qcow2_header *header)
{
	const struct reloop_qcow2_header *raw = (const void *)header->bytes;
	size_t name_end = be64toh(raw->backing_offset) + be32toh(raw->backing_length);
	size_t end = sizeof(header->bytes);

	if (!visit_extensions(header, &end, no_more, NULL))
		end += sizeof(struct reloop_qcow2_extension);
	return name_end > end ? name_end : end;
}

static void add_step(struct qcow2_steps *steps, const struct building *building)
{
	memcpy(steps->bytes[steps->count++], building->bytes, sizeof(building->bytes));
}

/* First writes what nothing leads to yet, then the fields that lead to it. */
static int move(struct building *building, struct qcow2_header *header, size_t place,
		struct qcow2_steps *steps)
{
	int err;

	building->end = place < sizeof(building->bytes) ? place : sizeof(building->bytes);
	err = append_all(building, header, true);
	if (err)
		return err;
	add_step(steps, building);
	lead_to(building, place, header);
	add_step(steps, building);
	return 0;
}

static size_t place_behind(size_t one, size_t other)
{
	size_t end = one > other ? one : other;

	return (end + SECTOR - 1) / SECTOR * SECTOR;
}

/*
 * Programs of QEMU take what lies between the struct they know and header_length for fields of a
 * later version, which they may ignore. So unless there is room in front, as after an interrupted
 * change, everything is first put behind the present content; then it is moved to where it belongs.
 */
int qcow2_rebuild(struct qcow2_header *header, struct qcow2_steps *steps)
{
	const struct reloop_qcow2_header *raw = (const void *)header->bytes;
	size_t place = be32toh(raw->header_length), name = be64toh(raw->backing_offset);
	struct building building = { .end = BUILT_LENGTH };
	size_t end;
	int err;

	/* There really are fields of a later version. */
	if (place > BUILT_LENGTH && place < MOVED_LENGTH_MIN)
		return -E2BIG;
	err = append_all(&building, header, true);
	if (err)
		return err;
	end = building.end;
	memcpy(building.bytes, header->bytes, sizeof(building.bytes));
	steps->count = 0;
	add_step(steps, &building);
	/* Of what the header leads to, the name may come first, too. */
	if (place < end || name < end)
		err = move(&building, header, place_behind(end_of_all(header), end), steps);
	if (!err)
		err = move(&building, header, BUILT_LENGTH, steps);
	if (!err)
		memcpy(header->bytes, building.bytes, sizeof(header->bytes));
	return err;
}

int qcow2_build(struct qcow2_header *header)
{
	struct building building = { .end = BUILT_LENGTH };
	struct reloop_qcow2_layout layout;
	int err;

	reloop_qcow2_lay_out(header->size, &layout);
	header->l1_offset = layout.l1_offset;
	header->l1_entries = layout.l1_entries;
	header->refcount_offset = layout.refcount_offset;
	header->refcount_clusters = layout.refcount_clusters;
	header->is_linear = true;
	header->has_note = true;
	*(struct reloop_qcow2_header *)building.bytes = (struct reloop_qcow2_header) {
		.magic = htobe32(RELOOP_QCOW2_MAGIC),
		.version = htobe32(RELOOP_QCOW2_VERSION),
		.cluster_bits = htobe32(RELOOP_QCOW2_CLUSTER_BITS),
		.size = htobe64(header->size),
		.l1_entries = htobe32(layout.l1_entries),
		.l1_offset = htobe64(layout.l1_offset),
		.refcount_offset = htobe64(layout.refcount_offset),
		.refcount_clusters = htobe32(layout.refcount_clusters),
		.incompatible = htobe64(RELOOP_QCOW2_EXTENDED_L2),
		.autoclear = htobe64(RELOOP_QCOW2_LINEAR),
		.refcount_order = htobe32(RELOOP_QCOW2_REFCOUNT_ORDER),
	};
	err = append_all(&building, header, false);
	if (err)
		return err;
	lead_to(&building, BUILT_LENGTH, header);
	memcpy(header->bytes, building.bytes, sizeof(header->bytes));
	return 0;
}
