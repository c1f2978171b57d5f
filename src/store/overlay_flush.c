// SPDX-License-Identifier: GPL-2.0-only
/* The flush of an overlay: its words, then the space of what became zero. */
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/falloc.h>
#include <linux/minmax.h>
#include <linux/timekeeping.h>

#include "store/overlay.h"
#include "store/pieces_disk.h"

/* With the gate shut nobody writes to these pieces, which are zero on disk. */
static int overlay_free_chunk(struct reloop_overlay *ov, unsigned long chunk)
{
	u64 pos = chunk * RELOOP_CHUNK_BYTES;
	u64 end = pos + RELOOP_CHUNK_BYTES, len;
	int ret = 0;

	end = min(end, ALIGN(ov->size, (u64)RELOOP_QCOW2_PIECE));
	reloop_gate_shut(&ov->gate);
	for (; !ret; pos += len) {
		len = reloop_pieces_find_freed(&ov->pieces, &pos, end);
		if (!len)
			break;
		ret = vfs_fallocate(ov->file, FALLOC_FL_PUNCH_HOLE |
				    FALLOC_FL_KEEP_SIZE,
				    reloop_pieces_place(&ov->pieces, pos), len);
	}
	/* A file system that cannot punch holes keeps the space. */
	if (ret == -EOPNOTSUPP)
		ret = 0;
	/* The next flush frees what became zero since that write. */
	if (!ret && reloop_pieces_are_zero_written(&ov->pieces, chunk))
		clear_bit(chunk, ov->pieces.freed);
	reloop_gate_open(&ov->gate);

	return ret;
}

/*
 * A file system may need space to free some. Each try holds up writes, so one
 * failure a second is enough; and the next try is with the next chunk.
 */
static void overlay_free(struct reloop_overlay *ov)
{
	unsigned long chunk;

	if (ov->free_failed == ktime_get_seconds())
		return;
	for_each_set_bit_wrap(chunk, ov->pieces.freed, ov->pieces.chunks,
			      ov->free_next) {
		if (!overlay_free_chunk(ov, chunk))
			continue;
		WRITE_ONCE(ov->free_failed, ktime_get_seconds());
		ov->free_next = chunk + 1;
		break;
	}
}

int reloop_overlay_flush(struct reloop_overlay *ov, bool sync, bool *lost)
{
	int ret;

	mutex_lock(&ov->flush_lock);
	ret = reloop_pieces_write(&ov->pieces, sync, lost);
	if (!ret && ov->writable)
		overlay_free(ov);
	mutex_unlock(&ov->flush_lock);

	return ret;
}
