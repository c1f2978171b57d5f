// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store of an image with a volatile write cache. All writes go to the side.
 * What has been written to is read from there, everything else from the image.
 *
 * A write passes the gate before it asks, and leaves it when its sectors are
 * known to be there. So whoever shuts the gate finds each sector either written
 * or not.
 */
#include <linux/align.h>
#include <linux/falloc.h>
#include <linux/minmax.h>

#include "store/binding.h"
#include "store/sectors.h"
#include "store/store.h"
#include "store/volatile.h"

static unsigned long vol_sector(const struct reloop_volatile *vol, loff_t pos)
{
	return (pos - vol->offset) >> SECTOR_SHIFT;
}

/* Done before the write: if that fails, nobody knows how much was written. */
static void vol_not_zero(struct reloop_volatile *vol, loff_t pos, size_t len)
{
	reloop_sectors_remove(vol->zero, vol_sector(vol, pos),
			      vol_sector(vol, pos + len));
}

static int vol_map_write(struct reloop_volatile *vol, loff_t pos, size_t len,
			 bool nowait, struct reloop_run *run)
{
	/* A buffered write would wait for the direct ones. */
	if (nowait && (vol->side_blocks || vol->side_cached))
		return -EAGAIN;
	if (!nowait)
		reloop_gate_pass(&vol->gate);
	else if (!reloop_gate_try_pass(&vol->gate))
		return -EAGAIN;

	if (reloop_volatile_is_over(vol)) {
		reloop_gate_leave(&vol->gate);
		return -EIO;
	}
	vol_not_zero(vol, pos, len);
	*run = (struct reloop_run){
		.kind	= vol->side_cached ? RELOOP_RUN_CACHED : RELOOP_RUN_FILE,
		.file	= vol->side,
		.pos	= pos,
		.len	= len,
	};
	return 0;
}

/* How many bytes from @pos on are in the same file; @there if in the side. */
static size_t vol_find_run(const struct reloop_volatile *vol, loff_t pos,
			   size_t len, bool *there)
{
	unsigned long first = vol_sector(vol, pos), next;
	unsigned long end = vol_sector(vol, pos + len);

	*there = test_bit(first, vol->there);
	next = *there ? find_next_zero_bit(vol->there, end, first) :
			find_next_bit(vol->there, end, first);
	/* A concurrent write may just set the bit; then either file will do. */
	next = max(next, first + 1);

	return min_t(u64, len, (u64)(next - first) << SECTOR_SHIFT);
}

static int vol_map_read(const struct reloop_volatile *vol, loff_t pos,
			size_t len, bool nowait, struct reloop_run *run)
{
	bool there;

	if (reloop_volatile_is_cut(vol))
		return -EIO;

	len = vol_find_run(vol, pos, len, &there);
	if (there && nowait && vol->side_blocks)
		return -EAGAIN;

	*run = (struct reloop_run){
		.kind	= there && vol->side_cached ? RELOOP_RUN_CACHED :
						      RELOOP_RUN_FILE,
		.file	= there ? vol->side : vol->file,
		.pos	= pos,
		.len	= len,
	};
	return 0;
}

static int vol_map(const struct reloop_binding *binding, loff_t pos, size_t len,
		   unsigned int flags, struct reloop_run *run)
{
	struct reloop_volatile *vol = binding->vol;
	bool nowait = flags & RELOOP_MAP_NOWAIT;

	if (flags & RELOOP_MAP_WRITE)
		return vol_map_write(vol, pos, len, nowait, run);

	return vol_map_read(vol, pos, len, nowait, run);
}

/* What is read from the side must also be copied, so it becomes dirty first. */
static void vol_add(struct reloop_volatile *vol, loff_t pos, u64 len)
{
	unsigned long first = vol_sector(vol, pos);
	unsigned long end = first + (len >> SECTOR_SHIFT);

	if (first == end)
		return;
	atomic_long_add(reloop_sectors_add(vol->dirty, first, end),
			&vol->unflushed);
	reloop_sectors_add(vol->there, first, end);
}

/* A sector that was only partly written is as before. */
static ssize_t vol_written(const struct reloop_binding *binding, loff_t pos,
			   ssize_t done, bool noted)
{
	struct reloop_volatile *vol = binding->vol;

	if (done > 0)
		vol_add(vol, pos, done);
	reloop_gate_leave(&vol->gate);

	return done;
}

/*
 * As volatile as a write. A flush makes a hole of the side a hole of the image,
 * so zeroing that is to keep the space is done in the same way.
 */
static int vol_make_zero(const struct reloop_binding *binding, loff_t pos,
			 loff_t len)
{
	struct reloop_volatile *vol = binding->vol;
	int ret = -EIO;

	reloop_gate_shut(&vol->gate);
	if (!reloop_volatile_is_over(vol))
		ret = vfs_fallocate(vol->side, FALLOC_FL_PUNCH_HOLE |
				    FALLOC_FL_KEEP_SIZE, pos, len);
	if (!ret) {
		reloop_sectors_add(vol->zero, vol_sector(vol, pos),
				   vol_sector(vol, pos + len));
		vol_add(vol, pos, len);
	}
	reloop_gate_open(&vol->gate);

	return ret;
}

/* A flush that fails loses nothing: the side has it all. */
static int vol_flush(const struct reloop_binding *binding, bool *lost)
{
	return reloop_volatile_flush(binding->vol);
}

const struct reloop_store_ops reloop_volatile_store = {
	.map		= vol_map,
	.written	= vol_written,
	.flush		= vol_flush,
	.punch		= vol_make_zero,
	.zero		= vol_make_zero,
};
