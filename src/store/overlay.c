// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store of an overlay. The words of its pieces say where bytes lie.
 *
 * A write passes the gate before it asks, and leaves it when its pieces are
 * known to be there. So whoever shuts the gate finds each piece either written
 * or not. If a write covers only part of a piece that is not there, the piece
 * is first copied from the base, with the gate shut. The same is done if part
 * of a piece is zeroed.
 */
#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "store/binding.h"
#include "store/overlay.h"
#include "store/pieces_disk.h"
#include "store/run.h"
#include "store/store.h"

#define PIECE	((u64)RELOOP_QCOW2_PIECE)

/* Where bytes lie. */

static void run_set_base(const struct reloop_overlay *ov, u64 pos, u64 len,
			 struct reloop_run *run)
{
	if (pos >= ov->base_end) {
		*run = (struct reloop_run){
			.kind	= RELOOP_RUN_ZEROES,
			.len	= len,
		};
		return;
	}
	*run = (struct reloop_run){
		.kind	= ov->base_cached ? RELOOP_RUN_CACHED : RELOOP_RUN_FILE,
		.file	= ov->base,
		.pos	= pos,
		.len	= min(len, ov->base_end - pos),
	};
}

static void run_set_file(const struct reloop_overlay *ov, u64 pos, u64 len,
			 struct reloop_run *run)
{
	*run = (struct reloop_run){
		.kind	= RELOOP_RUN_FILE,
		.file	= ov->file,
		.pos	= reloop_pieces_place(&ov->pieces, pos),
		.len	= len,
	};
}

/*
 * Whether the word of a range can be read; only for ranges in one cluster, for
 * simplicity. What every request asks is inlined, and everything else is not.
 */
static __always_inline bool overlay_has_word(const struct reloop_overlay *ov,
					     u64 pos, u64 end)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS;

	return (end - 1) >> RELOOP_QCOW2_CLUSTER_BITS == cluster &&
	       reloop_pieces_are_loaded(&ov->pieces, pos, 1);
}

/* Whether all of a range lies in the overlay. */
static __always_inline bool overlay_is_there(const struct reloop_overlay *ov,
					     u64 pos, u64 end)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS;

	return overlay_has_word(ov, pos, end) &&
	       !(reloop_pieces_bits(pos, end) &
		 ~reloop_pieces_word(&ov->pieces, cluster));
}

/* Whether a write to a range changes no piece. */
static __always_inline bool overlay_stays(const struct reloop_overlay *ov,
					  u64 pos, u64 end)
{
	u64 cluster = pos >> RELOOP_QCOW2_CLUSTER_BITS;

	return overlay_has_word(ov, pos, end) &&
	       reloop_pieces_stay_there(&ov->pieces, cluster,
					reloop_pieces_bits(pos, end));
}

static noinline int overlay_map_any(struct reloop_overlay *ov, u64 pos, u64 len,
				    bool nowait, struct reloop_run *run)
{
	enum reloop_piece what;
	int ret = 0;

	if (!reloop_pieces_are_loaded(&ov->pieces, pos, 1))
		ret = nowait ? -EAGAIN :
			       reloop_pieces_load(&ov->pieces, pos, len);
	if (ret)
		return ret;

	len = reloop_pieces_find(&ov->pieces, pos, len, &what);
	switch (what) {
	case RELOOP_PIECE_THERE:
		run_set_file(ov, pos, len, run);
		return 0;
	case RELOOP_PIECE_ZERO:
		*run = (struct reloop_run){
			.kind	= RELOOP_RUN_ZEROES,
			.len	= len,
		};
		return 0;
	default:
		run_set_base(ov, pos, len, run);
		return nowait && ov->base_blocks && run->file ? -EAGAIN : 0;
	}
}

static int overlay_map_read(struct reloop_overlay *ov, u64 pos, u64 len,
			    bool nowait, struct reloop_run *run)
{
	if (!overlay_is_there(ov, pos, pos + len))
		return overlay_map_any(ov, pos, len, nowait, run);

	run_set_file(ov, pos, len, run);
	return 0;
}

/* Whether a write from or up to @pos would leave a piece half there. */
static bool overlay_cuts_piece(const struct reloop_overlay *ov, u64 pos)
{
	return !IS_ALIGNED(pos, PIECE) && pos != ov->size &&
	       !reloop_pieces_is_there(&ov->pieces, pos);
}

/* Read a piece that is not there into the page. The gate is shut. */
static int overlay_read_piece(struct reloop_overlay *ov, u64 pos)
{
	enum reloop_piece what;
	size_t len = 0;

	reloop_pieces_find(&ov->pieces, pos, 1, &what);
	if (what == RELOOP_PIECE_BASE && pos < ov->base_end)
		len = min(PIECE, ov->base_end - pos);
	memset(ov->page + len, 0, PIECE - len);

	return len ? reloop_run_read(ov->base, pos, ov->page, len) : 0;
}

/* The gate is shut. */
static int overlay_write_piece(struct reloop_overlay *ov, u64 pos)
{
	int ret;

	ret = reloop_run_write(ov->file, reloop_pieces_place(&ov->pieces, pos),
			       ov->page, PIECE);
	if (!ret)
		reloop_pieces_set_there(&ov->pieces, pos, pos + PIECE);

	return ret;
}

/* Copy the piece at @pos up if a write would cut it. The gate is shut. */
static int overlay_copy_up(struct reloop_overlay *ov, u64 pos)
{
	int ret;

	if (!overlay_cuts_piece(ov, pos))
		return 0;

	pos = ALIGN_DOWN(pos, PIECE);
	ret = overlay_read_piece(ov, pos);

	return ret ?: overlay_write_piece(ov, pos);
}

static int overlay_copy_ends(struct reloop_overlay *ov, u64 pos, u64 end)
{
	int ret;

	reloop_gate_leave(&ov->gate);
	reloop_gate_shut(&ov->gate);
	ret = overlay_copy_up(ov, pos);
	if (!ret)
		ret = overlay_copy_up(ov, end);
	reloop_gate_open_and_pass(&ov->gate);

	return ret;
}

/* Make a range ready to be written in its place. */
static int overlay_prepare_write(struct reloop_overlay *ov, u64 pos, u64 end,
				 bool nowait)
{
	int ret = 0;

	if (!reloop_pieces_are_loaded(&ov->pieces, pos, end - pos))
		ret = nowait ? -EAGAIN :
			       reloop_pieces_load(&ov->pieces, pos, end - pos);
	if (ret)
		return ret;
	if (likely(!overlay_cuts_piece(ov, pos) && !overlay_cuts_piece(ov, end)))
		return 0;

	return nowait ? -EAGAIN : overlay_copy_ends(ov, pos, end);
}

/* The gate has been passed. Leaves it on failure. */
static noinline int overlay_map_new(struct reloop_overlay *ov, u64 pos, u64 len,
				    bool nowait, struct reloop_run *run)
{
	int ret;

	len = reloop_pieces_go_on(&ov->pieces, pos, len);
	ret = overlay_prepare_write(ov, pos, pos + len, nowait);
	if (ret)
		reloop_gate_leave(&ov->gate);
	else
		run_set_file(ov, pos, len, run);

	return ret;
}

static int overlay_map_write(struct reloop_overlay *ov, u64 pos, u64 len,
			     bool nowait, struct reloop_run *run)
{
	if (!nowait)
		reloop_gate_pass(&ov->gate);
	else if (!reloop_gate_try_pass(&ov->gate))
		return -EAGAIN;

	if (!overlay_stays(ov, pos, pos + len))
		return overlay_map_new(ov, pos, len, nowait, run);

	run_set_file(ov, pos, len, run);
	run->noted = true;
	return 0;
}

static int overlay_map(const struct reloop_binding *binding, loff_t pos,
		       size_t len, unsigned int flags, struct reloop_run *run)
{
	struct reloop_overlay *ov = binding->overlay;
	bool nowait = flags & RELOOP_MAP_NOWAIT;

	if (flags & RELOOP_MAP_WRITE)
		return overlay_map_write(ov, pos, len, nowait, run);

	return overlay_map_read(ov, pos, len, nowait, run);
}

/*
 * If only part of a piece that was not there was written, the piece is as
 * before; the data in its place does not matter. If nothing else was written,
 * the file system stopped early without an error, as it does when it runs out
 * of space.
 */
static ssize_t overlay_written(const struct reloop_binding *binding, loff_t pos,
			       ssize_t done, bool noted)
{
	struct reloop_overlay *ov = binding->overlay;
	loff_t end = pos + done;

	if (done > 0 && !noted) {
		if (unlikely(overlay_cuts_piece(ov, end)))
			end = ALIGN_DOWN(end, PIECE);
		if (end > pos)
			reloop_pieces_set_there(&ov->pieces, pos, end);
		done = end > pos ? end - pos : -ENOSPC;
	}
	reloop_gate_leave(&ov->gate);

	return done;
}

/* What becomes zero. */

/* Zero part of a piece. The gate is shut, and the words are loaded. */
static int overlay_zero_part(struct reloop_overlay *ov, u64 pos, u64 end)
{
	u64 piece = ALIGN_DOWN(pos, PIECE);
	enum reloop_piece what;
	int ret;

	reloop_pieces_find(&ov->pieces, pos, 1, &what);
	if (what == RELOOP_PIECE_ZERO ||
	    (what == RELOOP_PIECE_BASE && piece >= ov->base_end))
		return 0;
	if (what == RELOOP_PIECE_BASE) {
		ret = overlay_read_piece(ov, piece);
		if (ret)
			return ret;
		memset(ov->page + (pos - piece), 0, end - pos);
		return overlay_write_piece(ov, piece);
	}
	memset(ov->page, 0, end - pos);

	return reloop_run_write(ov->file, reloop_pieces_place(&ov->pieces, pos),
				ov->page, end - pos);
}

/*
 * Zero up to a chunk: whole pieces, and parts of pieces at its ends. Only these
 * may need space, so if there is none, the whole pieces are zero all the same.
 */
static int overlay_zero_range(struct reloop_overlay *ov, u64 pos, u64 end,
			      bool free)
{
	u64 first = ALIGN(pos, PIECE), last = ALIGN_DOWN(end, PIECE);
	int ret, err = 0;

	ret = reloop_pieces_load(&ov->pieces, pos, end - pos);
	if (ret)
		return ret;
	/* Nothing follows the end of the disk. */
	if (end == ov->size)
		last = ALIGN(end, PIECE);
	if (first > last)
		return overlay_zero_part(ov, pos, end);
	if (first < last)
		reloop_pieces_set_zero(&ov->pieces, first, last, free);
	if (pos < first)
		ret = overlay_zero_part(ov, pos, first);
	if (last < end)
		err = overlay_zero_part(ov, last, end);

	return ret ?: err;
}

static int overlay_make_zero(struct reloop_overlay *ov, loff_t pos, loff_t len,
			     bool free)
{
	u64 at = pos, end = pos + len, next;
	int ret = 0, err;

	reloop_gate_shut(&ov->gate);
	for (; at < end; at = next) {
		next = min(end, ALIGN(at + 1, RELOOP_CHUNK_BYTES));
		err = overlay_zero_range(ov, at, next, free);
		ret = ret ?: err;
		cond_resched();
	}
	reloop_gate_open(&ov->gate);

	return ret;
}

static int overlay_punch(const struct reloop_binding *binding, loff_t pos,
			 loff_t len)
{
	return overlay_make_zero(binding->overlay, pos, len, true);
}

static int overlay_zero(const struct reloop_binding *binding, loff_t pos,
			loff_t len)
{
	return overlay_make_zero(binding->overlay, pos, len, false);
}

static int overlay_flush(const struct reloop_binding *binding, bool *lost)
{
	return reloop_overlay_flush(binding->overlay, true, lost);
}

static int overlay_reclaim(const struct reloop_binding *binding, bool *lost)
{
	struct reloop_overlay *ov = binding->overlay;

	if (bitmap_empty(ov->pieces.freed, ov->pieces.chunks))
		return 0;
	/* All that wait for space ask, one after the other. */
	if (READ_ONCE(ov->free_failed) == ktime_get_seconds())
		return 0;

	return reloop_overlay_flush(ov, !binding->ignore_flush, lost);
}

const struct reloop_store_ops reloop_overlay_store = {
	.map		= overlay_map,
	.written	= overlay_written,
	.flush		= overlay_flush,
	.punch		= overlay_punch,
	.zero		= overlay_zero,
	.reclaim	= overlay_reclaim,
};
