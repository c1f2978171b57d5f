/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run, and how its file is read and written, whatever kind of image it
 * belongs to. Called by the data path and by the stores; calls the file system.
 * Positions and lengths are in bytes of the file.
 */
#ifndef RELOOP_RUN_H
#define RELOOP_RUN_H

#include <linux/backing-dev.h>
#include <linux/blkdev.h>
#include <linux/errseq.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/pagemap.h>
#include <linux/uio.h>

/* Where the bytes of a run come from. */
enum reloop_run_kind {
	RELOOP_RUN_FILE,	/* a file */
	RELOOP_RUN_CACHED,	/* a file without direct I/O */
	RELOOP_RUN_ZEROES,	/* nothing is there, which reads as zeroes */
};

/**
 * struct reloop_run - consecutive bytes of an image, and where they lie
 * @kind: where the bytes come from
 * @file: their file, unless @kind is %RELOOP_RUN_ZEROES
 * @pos: where in @file they begin, unless @kind is %RELOOP_RUN_ZEROES
 * @len: how many there are
 * @noted: for a write: the store already knows that the bytes lie here
 */
struct reloop_run {
	enum reloop_run_kind kind;
	struct file *file;
	loff_t pos;
	size_t len;
	bool noted;
};

/* Names, with the directories above them, are cut to this size when logged. */
#define RELOOP_RUN_NAME_MAX	80

/**
 * reloop_run_name() - the name of a file, for messages
 * @file: any file
 * @name: receives the name; untrusted, so print it with %*pE only
 *
 * Any context.
 *
 * Return: the length of the name in bytes.
 */
int reloop_run_name(const struct file *file, char name[RELOOP_RUN_NAME_MAX]);

/**
 * reloop_run_tell_loss() - log that a last flush has failed
 * @file: the file
 * @error: negative errno
 *
 * Any context.
 */
void reloop_run_tell_loss(const struct file *file, int error);

/**
 * reloop_run_inode() - the inode whose page cache holds the file's data
 * @file: a regular file or a block device
 *
 * For a file on overlayfs that is the inode in the layer. Any context.
 *
 * Return: the inode.
 */
static inline struct inode *reloop_run_inode(const struct file *file)
{
	struct inode *inode = file->f_mapping->host;

	return S_ISREG(inode->i_mode) ? d_real_inode(file_dentry(file)) : inode;
}

/**
 * reloop_run_is_on_disk() - whether a file is on a file system for disks
 * @inode: of a regular file or a block device
 *
 * Only the kernel's own: servers in user space have subtypes, also where they
 * need a disk. Any context.
 *
 * Return: whether it is; not for a block device.
 */
static inline bool reloop_run_is_on_disk(const struct inode *inode)
{
	int flags = inode->i_sb->s_type->fs_flags;

	return (flags & (FS_REQUIRES_DEV | FS_HAS_SUBTYPE)) == FS_REQUIRES_DEV;
}

/**
 * reloop_run_inode_bdev() - the block device below an inode
 * @inode: of any kind
 *
 * Any context.
 *
 * Return: the block device itself, the one that holds its file system, or NULL.
 */
static inline struct block_device *reloop_run_inode_bdev(struct inode *inode)
{
	return S_ISBLK(inode->i_mode) ? I_BDEV(inode) : inode->i_sb->s_bdev;
}

/**
 * reloop_run_rw() - read or write
 * @iocb: ki_filp, ki_pos, ki_flags, ki_ioprio and ki_complete are set by the
 *        caller; if ki_complete is NULL, the call is synchronous
 * @iter: the memory, its direction and length
 *
 * For a write to a regular file the caller brackets the transfer with
 * kiocb_start_write() and kiocb_end_write(). May sleep, and is called with
 * memalloc_noio_save() in force, because memory reclaim may be waiting.
 *
 * Return: the number of bytes transferred, which may be less than asked for and
 * is 0 past the end of the file; -EIOCBQUEUED if ki_complete will be called
 * with one of the other results, from any context, possibly before this
 * function returns; -EIO for a write past the end of a block device; a negative
 * errno of the file system.
 */
ssize_t reloop_run_rw(struct kiocb *iocb, struct iov_iter *iter);

/**
 * reloop_run_read() - read into kernel memory, through the page cache
 * @file: the file to read from
 * @pos: first byte
 * @buf: the memory
 * @len: number of bytes
 *
 * May sleep; called with memalloc_noio_save() in force.
 *
 * Return: 0 if all of it was read; -EIO past the end of the file; a negative
 * errno of the file system.
 */
int reloop_run_read(struct file *file, loff_t pos, void *buf, size_t len);

/**
 * reloop_run_write() - write from kernel memory, through the page cache
 * @file: the file to write to
 * @pos: first byte
 * @buf: the memory
 * @len: number of bytes
 *
 * Waits while the file system is frozen. May sleep; called with
 * memalloc_noio_save() in force.
 *
 * Return: 0 if all of it was written; a negative errno of the file system.
 */
int reloop_run_write(struct file *file, loff_t pos, const void *buf,
		     size_t len);

/**
 * reloop_run_sync() - make written data durable, but not the file's timestamps
 * @file: the file
 *
 * May sleep.
 *
 * Return: 0 or a negative errno of the file system.
 */
int reloop_run_sync(struct file *file);

/**
 * reloop_run_sync_range() - make what was written to a range durable
 * @file: the file
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * This is what IOCB_DSYNC asks for, but not every file system looks at it in a
 * kiocb (ocfs2 looks at the file) or at all (servers in user space). May sleep;
 * called with memalloc_noio_save() in force.
 *
 * Return: 0 or a negative errno of the file system, which may be of an earlier
 * write-back anywhere in the file; and not of this one if another task that
 * syncs the file at the same time has been told of that, see
 * reloop_run_wb_err().
 */
int reloop_run_sync_range(struct file *file, loff_t pos, loff_t len);

/**
 * reloop_run_wb_err() - where a file's page cache notes errors of write-back
 * @file: a regular file or a block device
 *
 * A sync reports such an error only once for each open file, to whichever task
 * comes first, and an open file is all that a device has. A task that must not
 * miss one samples this before it writes, and checks it after the sync. Any
 * context.
 *
 * Return: for errseq_sample() and so on.
 */
static inline errseq_t *reloop_run_wb_err(const struct file *file)
{
	return &reloop_run_inode(file)->i_mapping->wb_err;
}

/**
 * reloop_run_get_plain() - a reference to a file, for I/O as each kiocb says
 * @file: a regular file or a block device
 *
 * Some file systems go by the flags that a file was opened with, not by those
 * of the kiocb: with O_APPEND, a server in user space and a layer below
 * overlayfs append what is to be written elsewhere; with O_DIRECT, a layer
 * below overlayfs bypasses the page cache. Such a file is opened once more,
 * without the flag. May sleep.
 *
 * Return: the file, or another open file of it; or an ERR_PTR() of what the
 * file system says to being opened.
 */
struct file *reloop_run_get_plain(struct file *file);

/**
 * reloop_run_is_cached() - whether a read finds all of a range in the cache
 * @file: the file
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * Only a regular file can be asked not to block, nor to start I/O, by a read
 * through its page cache. What is true may be over by the time of the read. Any
 * context.
 */
bool reloop_run_is_cached(const struct file *file, loff_t pos, size_t len);

/**
 * reloop_run_unmark() - let cached pages be read without starting I/O
 * @file: a regular file
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * Readahead marks a page here and there, by which whoever reads it learns to
 * read on; a read that must not start I/O fails there. May sleep.
 */
void reloop_run_unmark(const struct file *file, loff_t pos, size_t len);

/**
 * reloop_run_drop_clean() - drop cached pages that need no writeback
 * @file: the file
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * Direct I/O that must not block fails where pages are cached. Neither waits
 * nor does I/O, but may sleep.
 */
static inline void reloop_run_drop_clean(const struct file *file, loff_t pos,
					 size_t len)
{
	struct address_space *mapping = file->f_mapping;

	if (mapping->nrpages)
		invalidate_mapping_pages(mapping, pos >> PAGE_SHIFT,
					 (pos + len - 1) >> PAGE_SHIFT);
}

/**
 * reloop_run_keeps_old() - whether cached pages may outlive a direct write
 * @file: the file that is written to
 *
 * When a direct write ends, the kernel's own file systems on a disk drop the
 * cached pages of its range. A block device and FUSE drop them only before the
 * write if that ends later, and somebody may have read the range meanwhile. Of
 * other file systems it is not known. Pages that are never written back are all
 * that there is of a file in memory, and must stay. Any context; what is true
 * stays so while the file is open.
 *
 * Return: whether to ask reloop_run_has_old() when a direct write ends.
 */
static inline bool reloop_run_keeps_old(const struct file *file)
{
	const struct inode *inode = reloop_run_inode(file);

	return !reloop_run_is_on_disk(inode) &&
	       mapping_can_writeback(inode->i_mapping);
}

/**
 * reloop_run_has_old() - whether there may be pages older than a direct write
 * @file: the file that is written to, which keeps such pages
 *
 * Any context.
 *
 * Return: whether to call reloop_run_forget() when a direct write ends.
 */
static inline bool reloop_run_has_old(const struct file *file)
{
	return reloop_run_inode(file)->i_mapping->nrpages;
}

/**
 * reloop_run_forget() - drop a range from the page cache
 * @file: the file
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * May sleep.
 */
void reloop_run_forget(const struct file *file, loff_t pos, loff_t len);

/**
 * reloop_run_hides_short() - whether -EIO may be a short direct write
 * @file: the file that is written to
 *
 * FUSE says so of a direct write that ends later, if its server has written less
 * than it was asked to, as it does when it runs out of space. Of a write through
 * the page cache FUSE says how much was written, and the next one meets the
 * reason; unless the cache is written back later, and then FUSE keeps times of
 * its own. Any context.
 *
 * Return: whether the same write through the page cache may tell more.
 */
static inline bool reloop_run_hides_short(const struct file *file)
{
	const struct inode *inode = reloop_run_inode(file);

	return inode->i_sb->s_magic == FUSE_SUPER_MAGIC && IS_NOCMTIME(inode);
}

/**
 * reloop_run_can_poll() - whether reads and writes can be polled for
 * @file: the file
 *
 * If so, IOCB_HIPRI may be set together with IOCB_DIRECT and IOCB_NOWAIT. What
 * is queued that way may complete only when it is polled. Any context.
 */
bool reloop_run_can_poll(const struct file *file);

/**
 * reloop_run_poll() - look for completions
 * @iocb: queued with IOCB_HIPRI; may have completed, provided that its owner
 *        leaves it as it is
 *
 * Calls ki_complete of whatever has completed. Does not sleep.
 */
void reloop_run_poll(struct kiocb *iocb);

/**
 * reloop_run_is_behind_end() - whether a position is past a block device's end
 * @file: the file
 * @end: the byte after the last one
 *
 * A block device cannot grow: what lies past its end was there until the device
 * shrank or vanished. The device reports no space or an invalid argument for
 * it, or reports that it has zeroed what is still there. Any context.
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
 * Return: the block device itself, the one that holds the file's file system,
 * or NULL if there is none. It stays alive as long as the file.
 */
struct block_device *reloop_run_bdev(const struct file *file);

#endif /* RELOOP_RUN_H */
