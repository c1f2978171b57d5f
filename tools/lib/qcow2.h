/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses and builds the header of an overlay, see include/reloop_qcow2.h. Pure: no I/O.
 *
 * Functions here and in overlay.h that return an int return 0, -errno, or an enum reloop_reason,
 * which is positive.
 */
#ifndef RELOOP_QCOW2_FILE_H
#define RELOOP_QCOW2_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../include/reloop_qcow2.h"
#include "../include/uapi/reloop.h"

#define QCOW2_NAME_MAX 1023

/* struct reloop_qcow2_note in the byte order of this machine. */
struct qcow2_note {
	uint32_t state;
	uint64_t base_size;
	int64_t base_mtime;
	uint32_t base_mtime_nsec;
	uint64_t base_inode;
};

struct qcow2_header {
	uint64_t size;
	uint64_t l1_offset;
	uint64_t l1_entries;
	uint64_t refcount_offset;
	uint64_t refcount_clusters;
	bool is_linear;			/* according to the header */
	bool has_note;
	size_t note_place;		/* of struct reloop_qcow2_note in the file */
	struct qcow2_note note;
	char base[QCOW2_NAME_MAX + 1];
	unsigned char bytes[RELOOP_QCOW2_HEADER_MAX];
};

/* @bytes: the beginning of the file; @length: how many bytes of it there are. */
int qcow2_parse(struct qcow2_header *header, const void *bytes, size_t length);

/* The header of a linear overlay, from header->size, ->base and ->note. */
int qcow2_build(struct qcow2_header *header);

/*
 * How the beginning of a file is changed. bytes[0] is what it has, bytes[1] is written first, and
 * so on to bytes[count - 1], each made durable before the next. Whichever sectors of a step have
 * been written when power is cut, the header is whole, and either the old or the new one.
 */
#define QCOW2_STEPS_MAX 5

struct qcow2_steps {
	int count;
	unsigned char bytes[QCOW2_STEPS_MAX][RELOOP_QCOW2_HEADER_MAX];
};

/*
 * Replaces base and note in ->bytes by ->base and, if ->has_note, ->note; @steps receives the way
 * there. What other programs have added to the header stays. -E2BIG: there is no room for them.
 */
int qcow2_rebuild(struct qcow2_header *header, struct qcow2_steps *steps);

/* Is there a note that lies in one sector, so that it can be overwritten in place? */
bool qcow2_has_whole_note(const struct qcow2_header *header);

void qcow2_pack_note(const struct qcow2_note *note, struct reloop_qcow2_note *packed);

#endif
