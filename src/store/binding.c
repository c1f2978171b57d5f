// SPDX-License-Identifier: GPL-2.0-only
/* The immutable attachment of a loop device to its backing file. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/log2.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/statfs.h>

#include "store/binding.h"
#include "store/geometry.h"
#include "store/overlay.h"
#include "store/run.h"
#include "store/store.h"
#include "store/volatile.h"

const char * const reloop_cache_names[] = {
	[RELOOP_CACHE_BUFFERED]	= "buffered",
	[RELOOP_CACHE_DIRECT]	= "direct",
	[RELOOP_CACHE_AUTO]	= "auto",
	[RELOOP_CACHE_DONTCACHE] = "dontcache",
};

static int file_check(struct file *file)
{
	umode_t mode = file->f_mapping->host->i_mode;

	if (!S_ISREG(mode) && !S_ISBLK(mode))
		return -EINVAL;
	if (!file->f_op->read_iter)
		return -EINVAL;
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;

	return 0;
}

/* A read-only block device can still be opened for writing. */
static bool file_is_writable(struct file *file)
{
	struct inode *inode = file->f_mapping->host;

	if (!(file->f_mode & FMODE_WRITE) || !file->f_op->write_iter)
		return false;

	return !S_ISBLK(inode->i_mode) || !bdev_read_only(I_BDEV(inode));
}

/* Identify the file by what stat(2) shows, which some file systems invent. */
static int binding_identify(struct reloop_binding *binding)
{
	struct kstat stat;
	int ret;

	ret = vfs_getattr_nosec(&binding->file->f_path, &stat, STATX_INO,
				AT_STATX_DONT_SYNC);
	if (ret)
		return ret;

	binding->dev = stat.dev;
	binding->inode = stat.ino;
	return 0;
}

struct reloop_binding *reloop_binding_create(struct file *file, bool writable)
{
	struct reloop_binding *binding;
	struct file *plain;
	int ret;

	ret = file_check(file);
	if (ret)
		return ERR_PTR(ret);

	plain = reloop_run_get_plain(file);
	if (IS_ERR(plain))
		return ERR_CAST(plain);

	binding = kzalloc(sizeof(*binding), GFP_KERNEL);
	if (!binding) {
		fput(plain);
		return ERR_PTR(-ENOMEM);
	}
	binding->file = plain;
	binding->store = &reloop_raw_store;
	binding->was_named = S_ISREG(file_inode(file)->i_mode) &&
			     file_inode(file)->i_nlink;
	if (!writable || !file_is_writable(file))
		binding->flags |= LO_FLAGS_READ_ONLY;
	/* As in the kernel's own driver, O_DIRECT asks for direct I/O. */
	if (file->f_flags & O_DIRECT)
		binding->cache = RELOOP_CACHE_DIRECT;

	ret = binding_identify(binding);
	if (ret) {
		reloop_binding_destroy(binding);
		return ERR_PTR(ret);
	}
	return binding;
}

void reloop_binding_set_overlay(struct reloop_binding *binding,
				struct reloop_overlay *overlay)
{
	binding->overlay = overlay;
	binding->store = &reloop_overlay_store;
	if (!overlay->writable)
		binding->flags |= LO_FLAGS_READ_ONLY;
}

void reloop_binding_set_volatile(struct reloop_binding *binding,
				 struct reloop_volatile *vol)
{
	binding->vol = vol;
	binding->store = &reloop_volatile_store;
}

struct file *reloop_binding_base(const struct reloop_binding *binding)
{
	return binding->overlay ? binding->overlay->base : NULL;
}

struct file *reloop_binding_second(const struct reloop_binding *binding)
{
	return binding->vol ? binding->vol->side : reloop_binding_base(binding);
}

struct reloop_binding *
reloop_binding_copy(const struct reloop_binding *binding)
{
	struct reloop_binding *copy;

	copy = kmemdup(binding, sizeof(*binding), GFP_KERNEL);
	if (!copy)
		return NULL;

	get_file(copy->file);
	if (copy->overlay)
		reloop_overlay_get(copy->overlay);
	if (copy->vol)
		reloop_volatile_get(copy->vol);

	return copy;
}

void reloop_binding_destroy(struct reloop_binding *binding)
{
	if (!binding)
		return;

	if (binding->overlay)
		reloop_overlay_put(binding->overlay);
	if (binding->vol)
		reloop_volatile_put(binding->vol);
	fput(binding->file);
	kfree(binding);
}

void reloop_binding_set_info(struct reloop_binding *binding,
			     const struct loop_info64 *info)
{
	binding->offset = info->lo_offset;
	binding->size_limit = info->lo_sizelimit;
	strscpy(binding->name, info->lo_file_name, sizeof(binding->name));
}

struct block_device *
reloop_binding_bdev(const struct reloop_binding *binding)
{
	return reloop_run_bdev(binding->file);
}

/*
 * If a file system reports its alignment, believe it; otherwise assume that it
 * needs what the device below it needs. STATX_DIOALIGN exists since 6.1, and
 * not every file system reports it. For a block device, vfs_getattr() asks the
 * file system that holds its node, so ask the device itself.
 */
static void file_query_alignment(struct file *file, unsigned int *align,
				 unsigned int *mem_mask)
{
	struct block_device *bdev = reloop_run_bdev(file);
	struct kstat stat;

	*align = 0;
	*mem_mask = SECTOR_SIZE - 1;
	if (!(file->f_mode & FMODE_CAN_ODIRECT))
		return;

	if (S_ISREG(file->f_mapping->host->i_mode) &&
	    !vfs_getattr(&file->f_path, &stat, STATX_DIOALIGN, 0) &&
	    (stat.result_mask & STATX_DIOALIGN)) {
		if (is_power_of_2(stat.dio_offset_align))
			*align = stat.dio_offset_align;
		if (stat.dio_mem_align)
			*mem_mask = stat.dio_mem_align - 1;
	} else if (bdev) {
		*align = bdev_logical_block_size(bdev);
		*mem_mask = bdev_dma_alignment(bdev);
	} else {
		*align = SECTOR_SIZE;
	}
}

/* Satisfy both files; a second one without direct I/O makes no demands. */
static void binding_query_alignment(struct reloop_binding *binding)
{
	struct file *second = reloop_binding_second(binding);
	unsigned int align, mem_mask;

	file_query_alignment(binding->file, &binding->dio_align,
			     &binding->dio_mem_mask);
	if (!second || !binding->dio_align)
		return;

	file_query_alignment(second, &align, &mem_mask);
	binding->dio_align = max(binding->dio_align, align);
	binding->dio_mem_mask |= mem_mask;
}

/* The file that writes go to. */
static struct file *binding_target(const struct reloop_binding *binding)
{
	return binding->vol ? binding->vol->side : binding->file;
}

/*
 * Only trying shows whether a file system can punch holes. They are punched in
 * the file that writes go to.
 */
static void binding_query_punch(struct reloop_binding *binding)
{
	struct file *file = binding_target(binding);
	struct inode *inode = file->f_mapping->host;
	struct block_device *bdev;
	struct kstatfs statfs;

	binding->punch_granularity = 0;
	if (binding->overlay) {
		binding->punch_granularity = RELOOP_QCOW2_PIECE;
	} else if (S_ISBLK(inode->i_mode)) {
		bdev = I_BDEV(inode);
		binding->punch_granularity = bdev_discard_granularity(bdev) ?:
					     bdev_physical_block_size(bdev);
	} else if (file->f_op->fallocate &&
		   !vfs_statfs(&file->f_path, &statfs)) {
		binding->punch_granularity = statfs.f_bsize;
	}
}

/* Whether all requests can bypass the page cache. */
static bool binding_can_direct(const struct reloop_binding *binding)
{
	return reloop_geometry_can_direct(binding->dio_align,
					  binding->block_size,
					  binding->offset);
}

bool reloop_binding_can_cache(const struct reloop_binding *binding,
			      enum reloop_cache cache)
{
	switch (cache) {
	case RELOOP_CACHE_DIRECT:
		return binding_can_direct(binding);
	case RELOOP_CACHE_DONTCACHE:
		return compat_can_dontcache(binding->file) &&
		       (!binding->vol ||
			compat_can_dontcache(binding->vol->side));
	default:
		return true;
	}
}

/*
 * If direct I/O was asked for without a block size, choose the smallest one
 * that allows it, as the kernel's own driver does.
 */
static unsigned int binding_default_block_size(struct reloop_binding *binding)
{
	if (binding->cache == RELOOP_CACHE_DIRECT &&
	    !blk_validate_block_size(binding->dio_align))
		return binding->dio_align;

	return SECTOR_SIZE;
}

/*
 * Cached pages of the file obstruct direct I/O: they have to be written back
 * before a read and dropped before a write, and a store that must not block
 * refuses to do so.
 */
static void binding_clean_cache(const struct reloop_binding *binding)
{
	struct address_space *mapping = binding->file->f_mapping;
	struct file *second = reloop_binding_second(binding);

	/*
	 * Not vfs_fsync(): it would consume an error that the next flush of the
	 * device has to report.
	 */
	filemap_write_and_wait(mapping);
	invalidate_mapping_pages(mapping, binding->offset >> PAGE_SHIFT, -1);
	if (second)
		filemap_write_and_wait(second->f_mapping);
}

/* Whether any request can have the alignment that direct I/O needs. */
static bool binding_can_mix(const struct reloop_binding *binding)
{
	unsigned int step = min(binding->block_size, binding->dio_align);

	return step && !(binding->offset & (step - 1));
}

/* Turn off what the file cannot do, as the kernel's own driver does. */
static void binding_settle_cache(struct reloop_binding *binding)
{
	if (!reloop_binding_can_cache(binding, binding->cache))
		binding->cache = RELOOP_CACHE_BUFFERED;

	binding->flags &= ~LO_FLAGS_DIRECT_IO;
	binding->direct_unit = 0;
	if (binding->cache != RELOOP_CACHE_DIRECT &&
	    binding->cache != RELOOP_CACHE_AUTO)
		return;

	if (binding_can_direct(binding)) {
		binding->flags |= LO_FLAGS_DIRECT_IO;
		binding->direct_unit = binding->block_size;
	} else if (binding_can_mix(binding)) {
		binding->direct_unit = binding->dio_align;
	}
}

/* Reads of a block device's page cache may block, whatever the flags. */
static bool binding_reads_cached(const struct reloop_binding *binding)
{
	return binding->cache == RELOOP_CACHE_AUTO &&
	       S_ISREG(file_inode(binding->file)->i_mode);
}

int reloop_binding_prepare(struct reloop_binding *binding)
{
	int ret;

	binding_query_alignment(binding);
	binding_query_punch(binding);
	binding->keeps_old = reloop_run_keeps_old(binding_target(binding));
	if (!binding->block_size)
		binding->block_size = binding_default_block_size(binding);
	ret = blk_validate_block_size(binding->block_size);
	if (ret)
		return ret;

	binding_settle_cache(binding);
	if (reloop_binding_has_direct(binding) && !binding_reads_cached(binding))
		binding_clean_cache(binding);

	return 0;
}

int reloop_binding_sectors(const struct reloop_binding *binding,
			   sector_t *sectors)
{
	struct inode *inode = binding->file->f_mapping->host;
	struct kstat stat;
	loff_t size;
	int ret;

	if (binding->vol) {
		*sectors = binding->vol->sectors;
		return 0;
	}
	if (binding->overlay) {
		size = binding->overlay->size;
	} else if (S_ISBLK(inode->i_mode)) {
		size = i_size_read(inode);
	} else {
		ret = vfs_getattr_nosec(&binding->file->f_path, &stat,
					STATX_SIZE, AT_STATX_FORCE_SYNC);
		if (ret)
			return ret;
		size = stat.size;
	}

	*sectors = reloop_geometry_sectors(size, binding->offset,
					   binding->size_limit);
	return 0;
}
