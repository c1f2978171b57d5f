/* SPDX-License-Identifier: GPL-2.0-only */
/* The first cluster of an overlay, or of a file that claims to be one. */
#ifndef RELOOP_OVERLAY_HEADER_H
#define RELOOP_OVERLAY_HEADER_H

#include <linux/types.h>
#include <uapi/reloop.h>

#include <reloop_qcow2.h>

/**
 * struct reloop_overlay_header - the header of an overlay, checked
 * @layout: where everything is in a linear overlay of this size
 * @linear: the overlay is linear
 * @size: of the disk, in bytes
 * @l1_offset: where the L1 table is, in bytes
 * @l1_entries: how many entries it has, enough for @size
 * @refcount_offset: where the refcount table is, in bytes
 * @refcount_clusters: how long it is, in clusters
 * @has_note: the overlay says which base it wants
 * @note: what it says, as on disk
 */
struct reloop_overlay_header {
	struct reloop_qcow2_layout layout;
	bool linear;
	u64 size;
	u64 l1_offset;
	u32 l1_entries;
	u64 refcount_offset;
	u32 refcount_clusters;
	bool has_note;
	struct reloop_qcow2_note note;
};

/**
 * reloop_overlay_header_read() - check and decode the beginning of a file
 * @data: %RELOOP_QCOW2_HEADER_MAX bytes of it
 * @file_size: of the file, in bytes
 * @header: receives what it says
 *
 * No byte of @data is trusted. Any context.
 *
 * Return: %RELOOP_REASON_NONE, or why this is no overlay that can be attached.
 */
enum reloop_reason
reloop_overlay_header_read(const void *data, u64 file_size,
			   struct reloop_overlay_header *header);

#endif /* RELOOP_OVERLAY_HEADER_H */
