// SPDX-License-Identifier: GPL-2.0-only
/* Opens and closes overlays: whether a file is one, and its base fits. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/stat.h>

#include "store/apart.h"
#include "store/overlay.h"
#include "store/overlay_header.h"
#include "store/overlay_tables.h"
#include "store/run.h"

/* All attached overlays. Nothing is waited for under the lock. */
static LIST_HEAD(opened);
static DEFINE_MUTEX(opened_lock);

/* Two overlays in one file would undo each other's changes to its tables. */
static int overlay_list(struct reloop_overlay *ov)
{
	const struct reloop_overlay *other;
	int ret = 0;

	mutex_lock(&opened_lock);
	list_for_each_entry(other, &opened, opened)
		if (reloop_run_inode(other->file) == reloop_run_inode(ov->file) &&
		    (other->writable || ov->writable))
			ret = -EBUSY;
	if (!ret)
		list_add(&ov->opened, &opened);
	mutex_unlock(&opened_lock);

	return ret;
}

static void overlay_unlist(struct reloop_overlay *ov)
{
	mutex_lock(&opened_lock);
	list_del(&ov->opened);
	mutex_unlock(&opened_lock);
}

static int reason_errno(enum reloop_reason reason)
{
	switch (reason) {
	case RELOOP_REASON_COMMITTING:
		return -EBUSY;
	case RELOOP_REASON_BASE_CHANGED:
		return -ESTALE;
	case RELOOP_REASON_BASE_BUSY:
		return -ETXTBSY;
	default:
		return -EINVAL;
	}
}

static int overlay_refuse(enum reloop_reason *reason, enum reloop_reason why)
{
	*reason = why;
	return reason_errno(why);
}

/* The base. */

static bool base_is_counted(const struct file *base)
{
	return S_ISREG(file_inode(base)->i_mode);
}

/* A file that is open for writing cannot be a base, and vice versa. */
static int base_hold(struct file *base)
{
	return base_is_counted(base) ? deny_write_access(base) : 0;
}

static void base_let_go(struct file *base)
{
	if (base_is_counted(base))
		allow_write_access(base);
}

static int base_check(const struct file *file, const struct file *base,
		      enum reloop_reason *reason)
{
	umode_t mode = reloop_run_inode(base)->i_mode;

	if (!(base->f_mode & FMODE_READ))
		return -EBADF;
	if ((!S_ISREG(mode) && !S_ISBLK(mode)) || !base->f_op->read_iter ||
	    reloop_run_inode(base) == reloop_run_inode(file))
		return overlay_refuse(reason, RELOOP_REASON_BASE_KIND);

	return 0;
}

/* Whether the base is still as noted. */
static bool base_is_noted(const struct reloop_qcow2_note *note,
			  const struct kstat *stat, u64 size)
{
	return be64_to_cpu(note->base_size) == size &&
	       be64_to_cpu(note->base_inode) == stat->ino &&
	       (s64)be64_to_cpu(note->base_mtime) == stat->mtime.tv_sec &&
	       be32_to_cpu(note->base_mtime_nsec) == stat->mtime.tv_nsec;
}

/* The node of a block device has its own timestamps and inode number. */
static bool base_fits(const struct reloop_overlay *ov,
		      const struct reloop_overlay_header *header,
		      const struct kstat *stat, u64 size)
{
	if (!header->has_note)
		return true;
	if (!base_is_counted(ov->base))
		return be64_to_cpu(header->note.base_size) == size;

	return base_is_noted(&header->note, stat, size);
}

static int base_measure(struct reloop_overlay *ov,
			const struct reloop_overlay_header *header,
			bool any_base, enum reloop_reason *reason)
{
	const struct inode *inode = reloop_run_inode(ov->base);
	struct kstat stat;
	u64 size;
	int ret;

	ret = vfs_getattr_nosec(&ov->base->f_path, &stat,
				STATX_INO | STATX_SIZE | STATX_MTIME,
				AT_STATX_SYNC_AS_STAT);
	if (ret)
		return ret;

	size = S_ISBLK(inode->i_mode) ? i_size_read(inode) : stat.size;
	if (!any_base && !base_fits(ov, header, &stat, size))
		return overlay_refuse(reason, RELOOP_REASON_BASE_CHANGED);
	if (size < ov->size && !IS_ALIGNED(size, SECTOR_SIZE))
		return overlay_refuse(reason, RELOOP_REASON_BASE_SIZE);

	ov->base_dev = stat.dev;
	ov->base_inode = stat.ino;
	ov->base_end = min(size, ov->size);
	ov->base_cached = !(ov->base->f_mode & FMODE_CAN_ODIRECT);
	ov->base_blocks = !S_ISREG(inode->i_mode) ||
			  !(ov->base->f_mode & FMODE_NOWAIT);
	return 0;
}

/* The overlay. */

static int overlay_read_header(struct reloop_overlay *ov, u64 file_size,
			       struct reloop_overlay_header *header,
			       enum reloop_reason *reason)
{
	int ret;

	if (!S_ISREG(reloop_run_inode(ov->file)->i_mode) ||
	    file_size < RELOOP_QCOW2_HEADER_MAX)
		return overlay_refuse(reason, RELOOP_REASON_NOT_QCOW2);

	ret = reloop_run_read(ov->file, 0, ov->page, RELOOP_QCOW2_HEADER_MAX);
	if (ret)
		return ret;
	*reason = reloop_overlay_header_read(ov->page, file_size, header);
	if (*reason)
		return reason_errno(*reason);
	if (header->has_note &&
	    be32_to_cpu(header->note.state) != RELOOP_QCOW2_CLEAN)
		return overlay_refuse(reason, RELOOP_REASON_COMMITTING);

	ov->size = header->size;
	return 0;
}

static int overlay_read_tables(struct reloop_overlay *ov, u64 file_size,
			       const struct reloop_overlay_header *header,
			       enum reloop_reason *reason)
{
	struct reloop_pieces *pieces = &ov->pieces;
	int ret;

	ret = reloop_pieces_init(pieces, ov->file, &ov->gate,
				 header->layout.clusters, header->linear,
				 ov->writable);
	if (ret)
		return ret;

	pieces->l2_offset = header->layout.l2_offset;
	pieces->data_offset = header->layout.data_offset;
	if (!header->linear)
		ret = reloop_overlay_tables_read(pieces, header, file_size,
						 reason);
	if (*reason == RELOOP_REASON_NO_PLACE) {
		ov->writable = false;
		reloop_pieces_forbid_writes(pieces);
	}

	return ret;
}

static int overlay_read(struct reloop_overlay *ov, bool any_base,
			enum reloop_reason *reason)
{
	u64 file_size = i_size_read(reloop_run_inode(ov->file));
	struct reloop_overlay_header *header;
	int ret;

	header = kmalloc(sizeof(*header), GFP_KERNEL);
	if (!header)
		return -ENOMEM;

	ret = overlay_read_header(ov, file_size, header, reason);
	if (!ret)
		ret = base_measure(ov, header, any_base, reason);
	if (!ret)
		ret = overlay_read_tables(ov, file_size, header, reason);
	kfree(header);

	return ret;
}

static void overlay_free(struct reloop_overlay *ov)
{
	reloop_pieces_exit(&ov->pieces);
	kfree(ov->page);
	fput(ov->base);
	fput(ov->file);
	kfree(ov);
}

static struct reloop_overlay *overlay_alloc(struct file *file, struct file *base,
					    bool writable)
{
	struct reloop_overlay *ov;

	ov = kzalloc(sizeof(*ov), GFP_KERNEL);
	if (!ov)
		return NULL;

	ov->file = get_file(file);
	ov->base = get_file(base);
	ov->writable = writable;
	reloop_gate_init(&ov->gate);
	mutex_init(&ov->flush_lock);
	refcount_set(&ov->refs, 1);
	ov->page = kmalloc(RELOOP_QCOW2_HEADER_MAX, GFP_KERNEL);
	if (!ov->page) {
		overlay_free(ov);
		return NULL;
	}
	return ov;
}

/* Open the overlay with the base held and nobody else writing to the file. */
static int overlay_open(struct reloop_overlay *ov, bool any_base,
			enum reloop_reason *reason)
{
	int ret;

	ret = overlay_list(ov);
	if (ret)
		return ret;

	if (base_hold(ov->base)) {
		ret = overlay_refuse(reason, RELOOP_REASON_BASE_BUSY);
		goto unlist;
	}
	ret = overlay_read(ov, any_base, reason);
	if (ret)
		goto let_go;

	return 0;

let_go:
	base_let_go(ov->base);
unlist:
	overlay_unlist(ov);
	return ret;
}

struct reloop_overlay *reloop_overlay_open(struct file *file, struct file *base,
					   bool writable, bool any_base,
					   enum reloop_reason *reason)
{
	struct reloop_overlay *ov;
	int ret;

	*reason = RELOOP_REASON_NONE;
	ret = base_check(file, base, reason);
	if (ret)
		return ERR_PTR(ret);

	ov = overlay_alloc(file, base, writable);
	if (!ov)
		return ERR_PTR(-ENOMEM);

	ret = overlay_open(ov, any_base, reason);
	if (ret) {
		overlay_free(ov);
		return ERR_PTR(ret);
	}
	return ov;
}

/* From here on, others can attach both files. */
static void overlay_let_go(struct reloop_overlay *ov)
{
	base_let_go(ov->base);
	overlay_unlist(ov);
}

struct last_flush {
	struct reloop_overlay *overlay;
	bool sync;
	errseq_t wb_told;
};

static int last_flush_run(void *data)
{
	const struct last_flush *last = data;
	struct reloop_overlay *ov = last->overlay;
	bool lost;
	int ret;

	/* What could not be freed this second has no later flush to free it. */
	WRITE_ONCE(ov->free_failed, 0);
	ret = reloop_overlay_flush(ov, last->sync, &lost);
	if (!ret && last->sync)
		ret = errseq_check(reloop_run_wb_err(ov->file), last->wb_told);
	if (ret)
		reloop_run_tell_loss(ov->file, ret);
	return ret;
}

void reloop_overlay_flush_last(struct reloop_overlay *ov, bool sync,
			       errseq_t wb_told)
{
	struct last_flush last = {
		.overlay	= ov,
		.sync		= sync,
		.wb_told	= wb_told,
	};

	if (ov->writable)
		ov->lost = reloop_run_apart(last_flush_run, &last);
}

void reloop_overlay_close(struct reloop_overlay *ov)
{
	overlay_let_go(ov);
	ov->is_closed = true;
}

void reloop_overlay_put(struct reloop_overlay *ov)
{
	if (!refcount_dec_and_test(&ov->refs))
		return;

	/* An overlay that could not be attached after all. */
	if (!ov->is_closed)
		overlay_let_go(ov);
	overlay_free(ov);
}
