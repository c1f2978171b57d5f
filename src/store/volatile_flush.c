// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flush of a volatile write cache: copies what was written since the
 * previous one to the image, a piece at a time, and finally makes it durable.
 *
 * What was copied is no longer dirty, and may still get lost if the image
 * cannot be made durable; then everything that was ever written becomes dirty
 * again. The side still has it, so no flush that succeeds acknowledges data
 * that is lost.
 */
#include <linux/bitops.h>
#include <linux/errseq.h>
#include <linux/falloc.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "store/run.h"
#include "store/sectors.h"
#include "store/volatile.h"

/* Sectors that are looked at, or zeroed, at a time. */
#define MOST_SECTORS	(SZ_32M >> SECTOR_SHIFT)

/*
 * Writeback of the side's page cache may have lost data, and nobody knows of
 * which sectors. The side may also have been truncated.
 */
static int side_verify(const struct reloop_volatile *vol)
{
	struct inode *inode = file_inode(vol->side);
	errseq_t *errors = reloop_run_wb_err(vol->side);

	/* The side of an empty device holds nothing, however long it is. */
	if (!vol->sectors)
		return 0;
	if (errseq_check(errors, vol->side_errors) ||
	    i_size_read(inode) < reloop_volatile_pos(vol, vol->sectors))
		return -EIO;

	return 0;
}

static int image_check_end(const struct reloop_volatile *vol, loff_t end)
{
	return reloop_run_is_behind_end(vol->file, end) ? -EIO : 0;
}

/* Zero by writing. The caller owns the buffer. */
static int image_write_zeroes(struct reloop_volatile *vol, loff_t pos, u64 len)
{
	size_t part;
	int ret = 0;

	memset(vol->buffer, 0, RELOOP_VOLATILE_PIECE);
	for (; !ret && len; pos += part, len -= part) {
		part = min_t(u64, len, RELOOP_VOLATILE_PIECE);
		ret = reloop_run_write(vol->file, pos, vol->buffer, part);
		cond_resched();
	}
	return ret;
}

static int image_zero(struct reloop_volatile *vol, loff_t pos, u64 len)
{
	if (!vfs_fallocate(vol->file, FALLOC_FL_PUNCH_HOLE |
			   FALLOC_FL_KEEP_SIZE, pos, len))
		return 0;

	/* It cannot punch holes there. Any other problem shows again. */
	return image_write_zeroes(vol, pos, len);
}

static int image_copy(struct reloop_volatile *vol, loff_t pos, size_t len)
{
	int ret;

	ret = reloop_run_read(vol->side, pos, vol->buffer, len);
	return ret ?: reloop_run_write(vol->file, pos, vol->buffer, len);
}

/*
 * Copy the first of these sectors, which are all dirty. Returns how many, or
 * -errno. The file system of the side is not asked for holes: not every one
 * takes into account what has not been written back.
 */
static long copy_some(struct reloop_volatile *vol, unsigned long first,
		      unsigned long end)
{
	bool zero = test_bit(first, vol->zero);
	loff_t pos = reloop_volatile_pos(vol, first);
	u64 len;
	int ret;

	end = zero ? find_next_zero_bit(vol->zero, end, first) :
		     find_next_bit(vol->zero, end, first);
	len = (u64)(end - first) << SECTOR_SHIFT;
	if (!zero)
		len = min_t(u64, len, RELOOP_VOLATILE_PIECE);
	ret = image_check_end(vol, pos + len);
	if (!ret)
		ret = zero ? image_zero(vol, pos, len) :
			     image_copy(vol, pos, len);
	if (ret)
		return ret;

	len >>= SECTOR_SHIFT;
	atomic_long_sub(reloop_sectors_remove(vol->dirty, first, first + len),
			&vol->unflushed);
	return len;
}

/*
 * Copy the next piece from @sector on, and move @sector past it. Does not see
 * what is meanwhile written before @sector. Returns 0 or -errno.
 */
static int copy_next(struct reloop_volatile *vol, bool after_cut,
		     unsigned long *sector)
{
	unsigned long first = find_next_bit(vol->dirty, vol->sectors, *sector);
	unsigned long most = min_t(u64, vol->sectors, first + MOST_SECTORS);
	long done = -EIO;

	*sector = first;
	if (first >= vol->sectors)
		return 0;

	reloop_gate_shut(&vol->gate);
	if (after_cut || !reloop_volatile_is_cut(vol))
		done = copy_some(vol, first, find_next_zero_bit(vol->dirty, most,
								first));
	reloop_gate_open(&vol->gate);
	if (done < 0)
		return done;

	*sector += done;
	return 0;
}

static void vol_forget_copies(struct reloop_volatile *vol)
{
	reloop_gate_shut(&vol->gate);
	reloop_sectors_copy(vol->dirty, vol->there, vol->sectors);
	atomic_long_set(&vol->unflushed,
			reloop_sectors_count(vol->dirty, vol->sectors));
	reloop_gate_open(&vol->gate);
}

int reloop_volatile_copy_all(struct reloop_volatile *vol, bool after_cut)
{
	errseq_t *wb_err = reloop_run_wb_err(vol->file);
	errseq_t since = errseq_sample(wb_err);
	unsigned long sector = 0;
	int ret = 0, synced;

	lockdep_assert_held(&vol->flush_lock);
	while (!ret && sector < vol->sectors) {
		ret = copy_next(vol, after_cut, &sector);
		cond_resched();
	}
	/* Not earlier: an error until now may concern what was copied. */
	if (!ret)
		ret = side_verify(vol);
	/* In any case, to learn what has become of the copies. */
	synced = reloop_run_sync(vol->file) ?: errseq_check(wb_err, since);
	if (synced)
		vol_forget_copies(vol);

	return ret ?: synced;
}

int reloop_volatile_flush(struct reloop_volatile *vol)
{
	int ret = -EIO;

	mutex_lock(&vol->flush_lock);
	if (!reloop_volatile_is_cut(vol))
		ret = reloop_volatile_copy_all(vol, false);
	mutex_unlock(&vol->flush_lock);

	return ret;
}
