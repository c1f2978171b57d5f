/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run, and how its file is read and written, whatever image it is a part of.
 * Called by the data path and by the kinds of images; calls the file system. All
 * positions and lengths are in bytes of the file.
 */
#ifndef RELOOP_RUN_H
#define RELOOP_RUN_H

#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/uio.h>

/* What the bytes of a run are. */
enum reloop_run_kind {
	RELOOP_RUN_FILE,	/* bytes of a file */
	RELOOP_RUN_CACHED,	/* the same of one that has no direct I/O */
	RELOOP_RUN_ZEROES,	/* nothing is there, which reads as zeroes */
};

/**
 * struct reloop_run - where bytes of an image lie, one after the other
 * @kind: what they are
 * @file: of what is not %RELOOP_RUN_ZEROES: where they are
 * @pos: likewise: where in @file they begin
 * @len: how many there are
 * @noted: of what is to be written: the store knows already that it is there
 */
struct reloop_run {
	enum reloop_run_kind kind;
	struct file *file;
	loff_t pos;
	size_t len;
	bool noted;
};

/* Of a name, with the directories above it, that is as long as is told of. */
#define RELOOP_RUN_NAME_MAX	80

/**
 * reloop_run_name() - what a file is called, to tell of it
 * @file: any
 * @name: receives it; somebody else's words, to be printed by %*pE only
 *
 * Any context.
 *
 * Return: its length in bytes.
 */
int reloop_run_name(const struct file *file, char name[RELOOP_RUN_NAME_MAX]);

/**
 * reloop_run_tell_loss() - a last flush has failed
 * @file: the file
 * @error: negative errno
 *
 * A line in the log. Any context.
 */
void reloop_run_tell_loss(const struct file *file, int error);

/**
 * reloop_run_inode() - the inode whose page cache has what the file has
 * @file: a regular file or a block device
 *
 * Of a file of overlayfs it is that of the layer. Any context.
 *
 * Return: the inode.
 */
static inline struct inode *reloop_run_inode(const struct file *file)
{
	struct inode *inode = file->f_mapping->host;

	return S_ISREG(inode->i_mode) ? d_real_inode(file_dentry(file)) : inode;
}

/**
 * reloop_run_inode_bdev() - the block device below an inode
 * @inode: of any kind
 *
 * Any context.
 *
 * Return: the block device itself, or the one its file system lives on, or NULL.
 */
static inline struct block_device *reloop_run_inode_bdev(struct inode *inode)
{
	return S_ISBLK(inode->i_mode) ? I_BDEV(inode) : inode->i_sb->s_bdev;
}

/**
 * reloop_run_rw() - read or write
 * @iocb: ki_filp, ki_pos, ki_flags, ki_ioprio and ki_complete set by the
 *        caller; a NULL ki_complete makes the call synchronous
 * @iter: the memory, its direction and length
 *
 * For a write to a regular file the caller brackets the transfer with
 * kiocb_start_write() and kiocb_end_write(). May sleep, and is called with
 * memalloc_noio_save() in force, because memory reclaim may be waiting.
 *
 * Return: the number of bytes transferred, which may be less than asked for
 * and is 0 past the end of the file; -EIOCBQUEUED when ki_complete will be
 * called with one of the other answers, from any context, possibly before
 * this returns; -EIO for a write behind the end of a block device; a negative
 * errno of the file system.
 */
ssize_t reloop_run_rw(struct kiocb *iocb, struct iov_iter *iter);

/**
 * reloop_run_read() - read into memory of the kernel's, through the page cache
 * @file: from where
 * @pos: first byte
 * @buf: the memory
 * @len: number of bytes
 *
 * May sleep, with memalloc_noio_save() in force.
 *
 * Return: 0 when all of it was read; -EIO behind the end of the file; a negative
 * errno of the file system.
 */
int reloop_run_read(struct file *file, loff_t pos, void *buf, size_t len);

/**
 * reloop_run_write() - write from memory of the kernel's, through the page cache
 * @file: to where
 * @pos: first byte
 * @buf: the memory
 * @len: number of bytes
 *
 * Waits where the file system is frozen. May sleep, with memalloc_noio_save() in
 * force.
 *
 * Return: 0 when all of it was written; a negative errno of the file system.
 */
int reloop_run_write(struct file *file, loff_t pos, const void *buf,
		     size_t len);

/**
 * reloop_run_sync() - make what was written durable, not the times of the file
 * @file: which
 *
 * May sleep.
 *
 * Return: 0 or a negative errno of the file system.
 */
int reloop_run_sync(struct file *file);

/**
 * reloop_run_has_old() - whether pages may be older than what was written
 * @file: where to
 *
 * A file system drops what its page cache has of a direct write when that
 * ends. A block device does so only before, if it ends later, and somebody may
 * have read it meanwhile. Any context.
 *
 * Return: whether reloop_run_forget() is to be called when a direct write
 * ends.
 */
static inline bool reloop_run_has_old(const struct file *file)
{
	const struct address_space *mapping = file->f_mapping;

	return S_ISBLK(mapping->host->i_mode) && mapping->nrpages;
}

/**
 * reloop_run_forget() - drop what the page cache has of a range
 * @file: where
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * May sleep.
 */
void reloop_run_forget(const struct file *file, loff_t pos, loff_t len);

/**
 * reloop_run_can_poll() - whether reads and writes may be polled for
 * @file: where to
 *
 * If so, IOCB_HIPRI may be set together with IOCB_DIRECT and IOCB_NOWAIT, and
 * what is queued then may complete only when it is polled. Any context.
 */
bool reloop_run_can_poll(const struct file *file);

/**
 * reloop_run_poll() - look whether something has completed
 * @iocb: queued with IOCB_HIPRI; may have completed, as long as its owner
 *        leaves it as it is
 *
 * Whatever has completed gets its ki_complete called. Does not sleep.
 */
void reloop_run_poll(struct kiocb *iocb);

/**
 * reloop_run_is_behind_end() - whether a block device does not go so far
 * @file: where
 * @end: the byte after the last one
 *
 * A block device cannot grow: what lies behind its end was there before it
 * shrank, or vanished. It answers that it has no space, or no such argument,
 * or that it has zeroed what is still there. Any context.
 */
static inline bool reloop_run_is_behind_end(const struct file *file, loff_t end)
{
	const struct inode *inode = file->f_mapping->host;

	return S_ISBLK(inode->i_mode) && end > i_size_read(inode);
}

/**
 * reloop_run_bdev() - the block device below a file
 * @file: any file
 *
 * Any context.
 *
 * Return: the block device itself, or the one the file's file system lives on,
 * or NULL when there is none. It stays alive as long as the file.
 */
struct block_device *reloop_run_bdev(const struct file *file);

#endif /* RELOOP_RUN_H */
