/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The on-disk format of an overlay, for the module, which attaches overlays,
 * and for the command, which makes and repairs them. Pure C.
 *
 * An overlay is a qcow2 image (QEMU's docs/interop/qcow2.txt) of version 3 with
 * extended L2 entries and clusters of 128 KiB, in which every cluster has its
 * place from the beginning. A cluster is 32 pieces of 4 KiB. The bitmap in its
 * L2 entry says of each piece whether it lies there, is zero, or is the base's.
 * Apart from the data, only these bitmaps ever change.
 *
 * The overlays made here have their parts one after the other, see struct
 * reloop_qcow2_layout, so that cluster n of the disk is cluster n of the data.
 * RELOOP_QCOW2_LINEAR says so. Programs that do not know that bit clear it
 * before they write.
 *
 * All numbers on disk are big-endian; positions and lengths are in bytes.
 */
#ifndef RELOOP_QCOW2_H
#define RELOOP_QCOW2_H

#include <linux/types.h>

#define RELOOP_QCOW2_MAGIC	0x514649fb	/* "QFI\xfb" */
#define RELOOP_QCOW2_VERSION	3

#define RELOOP_QCOW2_CLUSTER_BITS	17
#define RELOOP_QCOW2_CLUSTER		131072U
#define RELOOP_QCOW2_PIECE_BITS		12
#define RELOOP_QCOW2_PIECE		4096U
#define RELOOP_QCOW2_PIECES		32	/* of a cluster */
#define RELOOP_QCOW2_REFCOUNT_ORDER	4	/* 16 bits each */
#define RELOOP_QCOW2_L2_ENTRIES	\
	(RELOOP_QCOW2_CLUSTER / sizeof(struct reloop_qcow2_l2_entry))
#define RELOOP_QCOW2_REFCOUNTS	(RELOOP_QCOW2_CLUSTER / sizeof(__be16))
#define RELOOP_QCOW2_POINTERS	(RELOOP_QCOW2_CLUSTER / sizeof(__be64))

/* Anything larger is neither made nor attached: 16 TiB. */
#define RELOOP_QCOW2_SIZE_MAX	0x100000000000ULL

/**
 * struct reloop_qcow2_header - the beginning of the file
 * @magic: %RELOOP_QCOW2_MAGIC
 * @version: 2 or 3; what follows @snapshots_offset belongs to version 3
 * @backing_offset: where the name of the base is, 0 for none
 * @backing_length: how long the name is, without a zero, at most 1023
 * @cluster_bits: log2 of the cluster size
 * @size: of the disk
 * @crypt_method: 0 for none
 * @l1_entries: number of entries of the L1 table
 * @l1_offset: where the L1 table is
 * @refcount_offset: where the refcount table is
 * @refcount_clusters: how many clusters the refcount table has
 * @snapshots: number of internal snapshots
 * @snapshots_offset: where their table is
 * @incompatible: a program that does not know one of these bits must not open
 *	the image
 * @compatible: a program that does not know one of these bits can ignore it
 * @autoclear: a program that does not know one of these bits clears it before
 *	it writes
 * @refcount_order: log2 of the number of bits of a refcount
 * @header_length: of this struct and what later versions add; the extensions
 *	follow
 */
struct reloop_qcow2_header {
	__be32 magic;
	__be32 version;
	__be64 backing_offset;
	__be32 backing_length;
	__be32 cluster_bits;
	__be64 size;
	__be32 crypt_method;
	__be32 l1_entries;
	__be64 l1_offset;
	__be64 refcount_offset;
	__be32 refcount_clusters;
	__be32 snapshots;
	__be64 snapshots_offset;
	__be64 incompatible;
	__be64 compatible;
	__be64 autoclear;
	__be32 refcount_order;
	__be32 header_length;
};

/* Bits of @incompatible. */
#define RELOOP_QCOW2_DIRTY		0x1ULL	/* refcounts are out of date */
#define RELOOP_QCOW2_CORRUPT		0x2ULL
#define RELOOP_QCOW2_EXTERNAL_DATA	0x4ULL
#define RELOOP_QCOW2_COMPRESSION_TYPE	0x8ULL
#define RELOOP_QCOW2_EXTENDED_L2	0x10ULL

/* Bit of @autoclear: the overlay is laid out as struct reloop_qcow2_layout. */
#define RELOOP_QCOW2_LINEAR		0x200000000000ULL

/**
 * struct reloop_qcow2_extension - the beginning of a header extension
 * @type: which; 0 ends the list
 * @length: of what follows, without the padding to a multiple of 8
 */
struct reloop_qcow2_extension {
	__be32 type;
	__be32 length;
};

#define RELOOP_QCOW2_EXT_BACKING_FORMAT	0xe2792aca	/* "raw" */
#define RELOOP_QCOW2_EXT_NOTE		0x52656c70	/* "Relp": reloop's */

/* The header with all extensions and the base's name fits into these bytes. */
#define RELOOP_QCOW2_HEADER_MAX		4096

/**
 * struct reloop_qcow2_note - reloop's own extension: which base the overlay has
 * @version: 1
 * @state: enum reloop_qcow2_state
 * @base_size: size of the base when the overlay was made
 * @base_mtime: when the base was last written, in seconds since 1970
 * @base_mtime_nsec: and nanoseconds
 * @reserved: 0
 * @base_inode: inode number of the base
 *
 * A base that no longer matches has been written to, or is another one.
 */
struct reloop_qcow2_note {
	__be32 version;
	__be32 state;
	__be64 base_size;
	__be64 base_mtime;
	__be32 base_mtime_nsec;
	__be32 reserved;
	__be64 base_inode;
};

#define RELOOP_QCOW2_NOTE_VERSION	1

/**
 * enum reloop_qcow2_state - what is being done to an overlay as a whole
 * @RELOOP_QCOW2_CLEAN: nothing
 * @RELOOP_QCOW2_COMMITTING: what was written is being copied to the base, which
 *	is neither the old nor the new one until that has ended
 * @RELOOP_QCOW2_RESETTING: what was written is being thrown away, and some of
 *	it may be gone
 * @RELOOP_QCOW2_COMMITTED: the base has what was written, which is being thrown
 *	away here, and some of it may be gone
 *
 * An overlay that is not clean is not attached.
 */
enum reloop_qcow2_state {
	RELOOP_QCOW2_CLEAN,
	RELOOP_QCOW2_COMMITTING,
	RELOOP_QCOW2_RESETTING,
	RELOOP_QCOW2_COMMITTED,
};

/**
 * struct reloop_qcow2_l2_entry - the state of a cluster of the disk
 * @place: where it lies, and flags
 * @pieces: bits 0 to 31: the piece lies there; bits 32 to 63: it is zero. Never
 *	both for one piece; neither means that it is the base's.
 */
struct reloop_qcow2_l2_entry {
	__be64 place;
	__be64 pieces;
};

/* Bits of @place, and of the entries of the L1 table. */
#define RELOOP_QCOW2_COPIED		0x8000000000000000ULL	/* not shared */
#define RELOOP_QCOW2_COMPRESSED		0x4000000000000000ULL
#define RELOOP_QCOW2_OFFSET_MASK	0x00fffffffffffe00ULL

/**
 * struct reloop_qcow2_layout - where the parts of a linear overlay are
 * @clusters: number of clusters of the disk
 * @l1_entries: number of entries of the L1 table, and so of L2 tables, of one
 *	cluster each
 * @refcount_clusters: number of clusters of the refcount table
 * @refcount_blocks: number of refcount blocks, of one cluster each
 * @refcount_offset: the refcount table follows the header's cluster
 * @blocks_offset: the refcount blocks follow
 * @l1_offset: the L1 table
 * @l2_offset: the L2 tables
 * @data_offset: the clusters of the disk
 * @file_size: where these end
 */
struct reloop_qcow2_layout {
	__u64 clusters;
	__u64 l1_entries;
	__u64 refcount_clusters;
	__u64 refcount_blocks;
	__u64 refcount_offset;
	__u64 blocks_offset;
	__u64 l1_offset;
	__u64 l2_offset;
	__u64 data_offset;
	__u64 file_size;
};

/* How many clusters @n entries of 2^@entry_bits bytes take. */
static inline __u64 reloop_qcow2_clusters_of(__u64 n, unsigned int entry_bits)
{
	unsigned int bits = RELOOP_QCOW2_CLUSTER_BITS - entry_bits;

	return (n + ((__u64)1 << bits) - 1) >> bits;
}

/**
 * reloop_qcow2_lay_out() - where the parts of a linear overlay are
 * @size: of the disk in bytes, at most %RELOOP_QCOW2_SIZE_MAX
 * @layout: receives it
 *
 * Any context.
 */
static inline void reloop_qcow2_lay_out(__u64 size,
					struct reloop_qcow2_layout *layout)
{
	__u64 l1_clusters, others, total, blocks = 0, table = 0;

	layout->clusters = reloop_qcow2_clusters_of(size, 0);
	layout->l1_entries = reloop_qcow2_clusters_of(layout->clusters, 4);
	l1_clusters = reloop_qcow2_clusters_of(layout->l1_entries, 3);
	others = 1 + l1_clusters + layout->l1_entries + layout->clusters;

	/* The clusters that hold refcounts have refcounts as well. */
	do {
		total = others + blocks + table;
		layout->refcount_blocks = blocks;
		blocks = reloop_qcow2_clusters_of(total, 1);
		table = reloop_qcow2_clusters_of(blocks, 3);
	} while (blocks != layout->refcount_blocks);

	layout->refcount_clusters = table;
	layout->refcount_offset = RELOOP_QCOW2_CLUSTER;
	layout->blocks_offset = layout->refcount_offset +
				(table << RELOOP_QCOW2_CLUSTER_BITS);
	layout->l1_offset = layout->blocks_offset +
			    (blocks << RELOOP_QCOW2_CLUSTER_BITS);
	layout->l2_offset = layout->l1_offset +
			    (l1_clusters << RELOOP_QCOW2_CLUSTER_BITS);
	layout->data_offset = layout->l2_offset +
			      (layout->l1_entries << RELOOP_QCOW2_CLUSTER_BITS);
	layout->file_size = layout->data_offset +
			    (layout->clusters << RELOOP_QCOW2_CLUSTER_BITS);
}

#endif /* RELOOP_QCOW2_H */
