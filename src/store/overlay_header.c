// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first cluster of an overlay. The rules are those of QEMU's
 * docs/interop/qcow2.txt; reloop_qcow2.h has the additional ones of an overlay.
 */
#include <asm/byteorder.h>
#include <linux/align.h>
#include <linux/string.h>

#include "store/overlay_header.h"

/* Where the fields of later versions begin. */
#define HEADER_LENGTH_MIN	sizeof(struct reloop_qcow2_header)

/* QEMU's limit for the refcount table: 8 MiB. */
#define REFCOUNT_CLUSTERS_MAX	64

static enum reloop_reason check_features(const struct reloop_qcow2_header *raw)
{
	u64 features = be64_to_cpu(raw->incompatible);

	if (features & RELOOP_QCOW2_DIRTY)
		return RELOOP_REASON_DIRTY;
	if (features & RELOOP_QCOW2_CORRUPT)
		return RELOOP_REASON_CORRUPT;
	if (features & RELOOP_QCOW2_EXTERNAL_DATA)
		return RELOOP_REASON_EXTERNAL_DATA;
	if (features & ~RELOOP_QCOW2_EXTENDED_L2)
		return RELOOP_REASON_FEATURE;
	if (!features)
		return RELOOP_REASON_STANDARD_L2;
	/* Writes would invalidate what others keep beside the data. */
	if (be64_to_cpu(raw->autoclear) & ~RELOOP_QCOW2_LINEAR)
		return RELOOP_REASON_FEATURE;

	return RELOOP_REASON_NONE;
}

static enum reloop_reason check_kind(const struct reloop_qcow2_header *raw)
{
	u64 size = be64_to_cpu(raw->size);

	if (raw->crypt_method)
		return RELOOP_REASON_ENCRYPTED;
	if (be32_to_cpu(raw->cluster_bits) != RELOOP_QCOW2_CLUSTER_BITS)
		return RELOOP_REASON_CLUSTER;
	if (be32_to_cpu(raw->refcount_order) != RELOOP_QCOW2_REFCOUNT_ORDER)
		return RELOOP_REASON_REFCOUNTS;
	if (raw->snapshots)
		return RELOOP_REASON_SNAPSHOTS;
	if (!size || !IS_ALIGNED(size, 512) || size > RELOOP_QCOW2_SIZE_MAX)
		return RELOOP_REASON_SIZE;
	if (!raw->backing_offset)
		return RELOOP_REASON_NO_BASE;

	return RELOOP_REASON_NONE;
}

static enum reloop_reason check_raw(const struct reloop_qcow2_header *raw)
{
	u32 length = be32_to_cpu(raw->header_length);
	enum reloop_reason reason;

	if (be32_to_cpu(raw->magic) != RELOOP_QCOW2_MAGIC)
		return RELOOP_REASON_NOT_QCOW2;
	if (be32_to_cpu(raw->version) != RELOOP_QCOW2_VERSION)
		return RELOOP_REASON_VERSION;
	if (length < HEADER_LENGTH_MIN || length > RELOOP_QCOW2_HEADER_MAX ||
	    !IS_ALIGNED(length, 8))
		return RELOOP_REASON_HEADER;

	reason = check_features(raw);
	return reason ?: check_kind(raw);
}

/* Take one extension. Unknown ones are ignored. */
static enum reloop_reason take_extension(struct reloop_overlay_header *header,
					 u32 type, u32 length, const void *data)
{
	switch (type) {
	case RELOOP_QCOW2_EXT_BACKING_FORMAT:
		if (length != 3 || memcmp(data, "raw", 3))
			return RELOOP_REASON_BASE_FORMAT;
		break;
	case RELOOP_QCOW2_EXT_NOTE:
		if (length < sizeof(header->note) || header->has_note)
			return RELOOP_REASON_HEADER;
		memcpy(&header->note, data, sizeof(header->note));
		if (be32_to_cpu(header->note.version) !=
		    RELOOP_QCOW2_NOTE_VERSION)
			return RELOOP_REASON_FEATURE;
		header->has_note = true;
	}
	return RELOOP_REASON_NONE;
}

/* Read the extensions, which must end in the first 4 KiB. */
static enum reloop_reason
read_extensions(const void *data, u32 at, struct reloop_overlay_header *header)
{
	const struct reloop_qcow2_extension *extension;
	enum reloop_reason reason;
	u32 type, length;

	for (;;) {
		if (at > RELOOP_QCOW2_HEADER_MAX - sizeof(*extension))
			return RELOOP_REASON_HEADER;
		extension = data + at;
		type = be32_to_cpu(extension->type);
		length = be32_to_cpu(extension->length);
		if (!type)
			return RELOOP_REASON_NONE;
		at += sizeof(*extension);
		if (length > RELOOP_QCOW2_HEADER_MAX - at)
			return RELOOP_REASON_HEADER;
		reason = take_extension(header, type, length, data + at);
		if (reason)
			return reason;
		at += ALIGN(length, 8);
	}
}

static bool is_laid_out(const struct reloop_overlay_header *header)
{
	const struct reloop_qcow2_layout *layout = &header->layout;

	return header->l1_offset == layout->l1_offset &&
	       header->l1_entries == layout->l1_entries &&
	       header->refcount_offset == layout->refcount_offset &&
	       header->refcount_clusters == layout->refcount_clusters;
}

static enum reloop_reason
check_tables(const struct reloop_overlay_header *header, u64 file_size)
{
	if (header->l1_entries < header->layout.l1_entries ||
	    header->refcount_clusters > REFCOUNT_CLUSTERS_MAX ||
	    !header->refcount_clusters)
		return RELOOP_REASON_TABLE;
	if (!header->linear)
		return RELOOP_REASON_NONE;
	if (!is_laid_out(header))
		return RELOOP_REASON_HEADER;
	if (file_size < header->layout.file_size)
		return RELOOP_REASON_SHORT;

	return RELOOP_REASON_NONE;
}

enum reloop_reason
reloop_overlay_header_read(const void *data, u64 file_size,
			   struct reloop_overlay_header *header)
{
	const struct reloop_qcow2_header *raw = data;
	enum reloop_reason reason;

	reason = check_raw(raw);
	if (reason)
		return reason;

	*header = (struct reloop_overlay_header){
		.linear		= be64_to_cpu(raw->autoclear) &
				  RELOOP_QCOW2_LINEAR,
		.size		= be64_to_cpu(raw->size),
		.l1_offset	= be64_to_cpu(raw->l1_offset),
		.l1_entries	= be32_to_cpu(raw->l1_entries),
		.refcount_offset = be64_to_cpu(raw->refcount_offset),
		.refcount_clusters = be32_to_cpu(raw->refcount_clusters),
	};
	reloop_qcow2_lay_out(header->size, &header->layout);

	reason = read_extensions(data, be32_to_cpu(raw->header_length), header);
	return reason ?: check_tables(header, file_size);
}
