// SPDX-License-Identifier: GPL-2.0-only
#include "lib/overlay_change.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/identity.h"
#include "lib/progress.h"

#define BUFFER_SIZE (1024U << 10)
#define STEP (64ULL << 20)	/* between two progress reports */
#define NO_INODE UINT64_MAX	/* no base has this inode number */

/* --- the header ----------------------------------------------------------------------------- */

/* Is it an overlay that nobody is to attach? */
static bool is_in_hand(const struct qcow2_header *header)
{
	return header->has_note && header->note.state != RELOOP_QCOW2_CLEAN;
}

/*
 * A write that could not be made durable is in the page cache all the same. If that says that a
 * change is done, and the disk does not, whoever attaches the overlay loses what they write when it
 * is done once more. So what was in hand stays so; what has just begun does too, until begun again.
 */
static int write_durably(struct overlay *overlay, const void *bytes, const void *old, size_t length,
			 uint64_t place)
{
	int err = overlay_write(overlay->fd, bytes, length, place);

	if (!err)
		err = overlay_sync(overlay->fd);
	if (err && overlay->is_in_hand)
		overlay_write(overlay->fd, old, length, place);
	return err;
}

int overlay_write_header(struct overlay *overlay)
{
	struct qcow2_steps steps;
	int err = qcow2_rebuild(&overlay->header, &steps);

	for (int i = 1; !err && i < steps.count; i++)
		err = write_durably(overlay, steps.bytes[i], steps.bytes[i - 1],
				    sizeof(steps.bytes[i]), 0);
	if (!err)
		overlay->is_in_hand = is_in_hand(&overlay->header);
	return err;
}

static int write_note(struct overlay *overlay)
{
	struct qcow2_header *header = &overlay->header;
	unsigned char *place = header->bytes + header->note_place;
	struct reloop_qcow2_note packed;
	int err;

	if (!qcow2_has_whole_note(header)) {
		header->has_note = true;
		return overlay_write_header(overlay);
	}
	qcow2_pack_note(&header->note, &packed);
	err = write_durably(overlay, &packed, place, sizeof(packed), header->note_place);
	if (err)
		return err;
	memcpy(place, &packed, sizeof(packed));
	overlay->is_in_hand = is_in_hand(header);
	return 0;
}

static int remove_note(struct overlay *overlay)
{
	overlay->header.has_note = false;
	return overlay_write_header(overlay);
}

/* --- the tables ----------------------------------------------------------------------------- */

/*
 * Writes even a table without pieces: it may be empty only in the page cache, from an earlier run,
 * while the disk failed and still has the old entries.
 */
static int clear_table(struct overlay *overlay, struct overlay_table *table, void *data)
{
	(void)data;
	for (unsigned int i = 0; i < table->count; i++)
		table->entries[i].pieces = 0;
	return overlay_write(overlay->fd, table->entries,
			     table->count * sizeof(table->entries[0]), table->place);
}

/* Space that cannot be given back is kept. */
static void punch(int fd, uint64_t place, uint64_t length)
{
	if (length)
		fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place, length);
}

struct hole {
	uint64_t place, length;
};

static int punch_table(struct overlay *overlay, struct overlay_table *table, void *data)
{
	struct hole *hole = data;
	uint64_t place;

	for (unsigned int i = 0; i < table->count; i++) {
		place = be64toh(table->entries[i].place) & RELOOP_QCOW2_OFFSET_MASK;
		if (!place)
			continue;
		if (place != hole->place + hole->length) {
			punch(overlay->fd, hole->place, hole->length);
			*hole = (struct hole) { .place = place };
		}
		hole->length += RELOOP_QCOW2_CLUSTER;
	}
	return 0;
}

/* Gives the space back only when it is durable that nothing lies there. */
static int clear_all(struct overlay *overlay)
{
	struct hole hole = { 0 };
	int err = overlay_visit_tables(overlay, clear_table, NULL);

	if (!err)
		err = overlay_sync(overlay->fd);
	if (!err)
		err = overlay_visit_tables(overlay, punch_table, &hole);
	if (!err)
		punch(overlay->fd, hole.place, hole.length);
	return err;
}

/* Is it the note of a reset, in an overlay that had none? */
static bool is_of_no_base(const struct qcow2_note *note)
{
	return note->base_inode == NO_INODE;
}

/*
 * Half a reset would be a mixture of two disks, so nobody attaches the overlay while it lasts. An
 * overlay without a note gets one for that time only, since nothing is known of its base.
 */
int overlay_reset(struct overlay *overlay)
{
	struct qcow2_header *header = &overlay->header;
	int err;

	if (!header->has_note)
		header->note = (struct qcow2_note) { .base_inode = NO_INODE };
	header->note.state = RELOOP_QCOW2_RESETTING;
	err = write_note(overlay);
	if (!err)
		err = clear_all(overlay);
	if (err)
		return err;
	header->note.state = RELOOP_QCOW2_CLEAN;
	return is_of_no_base(&header->note) ? remove_note(overlay) : write_note(overlay);
}

/* --- commit --------------------------------------------------------------------------------- */

struct copying {
	int fd;			/* of the base */
	uint64_t done, all;
	char *buffer;
	bool has_no_copy;	/* copy_file_range() has failed */
	bool has_no_punch;	/* fallocate() has failed */
};

static int copy_by_buffer(struct overlay *overlay, struct copying *copying, uint64_t place,
			  uint64_t position, uint64_t length)
{
	size_t part;
	int err = 0;

	for (; length && !err; length -= part) {
		part = length < BUFFER_SIZE ? length : BUFFER_SIZE;
		err = overlay_read(overlay->fd, copying->buffer, part, place);
		if (!err)
			err = overlay_write(copying->fd, copying->buffer, part, position);
		place += part;
		position += part;
	}
	return err;
}

static int copy_range(struct overlay *overlay, struct copying *copying, uint64_t place,
		      uint64_t position, uint64_t length)
{
	off_t from = place, to = position;
	ssize_t count = 1;

	while (length && count > 0 && !copying->has_no_copy) {
		count = copy_file_range(overlay->fd, &from, copying->fd, &to, length, 0);
		if (count > 0)
			length -= count;
		else if (count < 0 && errno == EINTR)
			count = 1;
		else if (count < 0)
			copying->has_no_copy = true;
	}
	/* Any error will show up again here; and past the end of the file, zeros are read. */
	return copy_by_buffer(overlay, copying, from, to, length);
}

static int zero_range(struct copying *copying, uint64_t position, uint64_t length)
{
	size_t part;
	int err = 0;

	if (!copying->has_no_punch) {
		if (!fallocate(copying->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, position,
			       length))
			return 0;
		copying->has_no_punch = true;
	}
	memset(copying->buffer, 0, BUFFER_SIZE);
	for (; length && !err; length -= part, position += part) {
		part = length < BUFFER_SIZE ? length : BUFFER_SIZE;
		err = overlay_write(copying->fd, copying->buffer, part, position);
	}
	return err;
}

static int commit_run(struct overlay *overlay, const struct overlay_run *run, void *data)
{
	struct copying *copying = data;
	uint64_t part;
	int err = 0;

	for (uint64_t done = 0; done < run->length && !err; done += part) {
		progress_tick_percent(copying->done * 100.0 / copying->all);
		part = run->length - done < STEP ? run->length - done : STEP;
		if (run->is_zero)
			err = zero_range(copying, run->position + done, part);
		else
			err = copy_range(overlay, copying, run->place + done, run->position + done,
					 part);
		copying->done += part;
	}
	return err;
}

static int copy_all(struct overlay *overlay, struct image *base, uint64_t written)
{
	struct copying copying = { .fd = base->fd, .all = written ? written : 1 };
	uint64_t size = overlay->header.size;
	int err;

	copying.buffer = malloc(BUFFER_SIZE);
	if (!copying.buffer)
		return -ENOMEM;
	err = base->size < size && ftruncate(base->fd, size) ? -errno : 0;
	if (!err)
		err = overlay_visit_runs(overlay, commit_run, &copying);
	free(copying.buffer);
	return err ? err : overlay_sync(base->fd);
}

static int note_base(struct overlay *overlay, const struct image *base,
		     enum reloop_qcow2_state state)
{
	struct qcow2_note *note = &overlay->header.note;

	identity_of(&base->st, base->size, note);
	note->state = state;
	return write_note(overlay);
}

/* A run that begins the commit anew checks that it has this base. */
static int copy_to_base(struct overlay *overlay, struct image *base, uint64_t written,
			bool *is_base)
{
	struct qcow2_header *header = &overlay->header;
	int err;

	if (!header->has_note)
		identity_of(&base->st, base->size, &header->note);
	header->note.state = RELOOP_QCOW2_COMMITTING;
	err = write_note(overlay);
	if (err)
		return err;
	err = copy_all(overlay, base, written);
	if (!err && fstat(base->fd, &base->st))
		err = -errno;
	*is_base = err;
	if (base->size < header->size)
		base->size = header->size;
	return err ? err : note_base(overlay, base, RELOOP_QCOW2_COMMITTED);
}

/*
 * Nobody attaches the overlay until this is done. While it copies, the base need not be as noted:
 * beginning again copies everything again. After that, only this base has what is cleared here, and
 * it has to be as it was left.
 */
int overlay_commit(struct overlay *overlay, struct image *base, uint64_t written, bool *is_base)
{
	int err;

	*is_base = false;
	/* That it was copied may be only in the page cache; it must be durable before more is. */
	if (overlay->header.note.state == RELOOP_QCOW2_COMMITTED)
		err = write_note(overlay);
	else
		err = copy_to_base(overlay, base, written, is_base);
	if (!err)
		err = clear_all(overlay);
	return err ? err : note_base(overlay, base, RELOOP_QCOW2_CLEAN);
}
