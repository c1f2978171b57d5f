/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a loop device is attached to: one backing file and how it is used.
 *
 * A binding is immutable once published. To change anything, a new one is
 * created, prepared and published in its place, and the old one is destroyed.
 */
#ifndef RELOOP_BINDING_H
#define RELOOP_BINDING_H

#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <uapi/reloop.h>

struct reloop_overlay;
struct reloop_store_ops;
struct reloop_volatile;

/* The names of enum reloop_cache in the sysfs attribute. */
extern const char * const reloop_cache_names[4];

/**
 * struct reloop_binding - a backing file and how it is used
 * @file: the backing file; the binding owns a reference
 * @store: the kind of image
 * @overlay: the state of an overlay, or NULL; the binding owns a reference
 * @vol: the state of a volatile write cache, or NULL; the binding owns a
 *       reference
 * @offset: where in the file the device begins, in bytes
 * @size_limit: upper limit of the device's size in bytes, 0 for none
 * @block_size: logical block size in bytes; 0 before reloop_binding_prepare()
 *              means "choose one"
 * @dio_align: alignment of offsets and lengths that the file needs for direct
 *             I/O, in bytes; 0 if it cannot do direct I/O
 * @dio_mem_mask: mask of the address bits that must be zero for direct I/O
 * @direct_unit: requests whose offsets and lengths are multiples of this, in
 *               bytes, bypass the page cache; 0 for none
 * @punch_granularity: hole punching frees multiples of this, in bytes; 0 if the
 *                     file is known not to punch holes
 * @cache: how data uses the page cache: before reloop_binding_prepare() what
 *         was asked for, afterwards what is possible
 * @flags: LO_FLAGS_READ_ONLY, LO_FLAGS_PARTSCAN, and LO_FLAGS_DIRECT_IO, which
 *         reloop_binding_prepare() sets if no request goes through the page
 *         cache
 * @ignore_flush: the file is never asked to make anything durable
 * @keeps_old: cached pages may outlive a direct write, see
 *             reloop_run_keeps_old()
 * @dev: number of the device that the file is on, according to stat(2)
 * @inode: inode number of the file, according to stat(2)
 * @was_named: a regular file that had a name when the binding was created
 * @name: lo_file_name as the caller set it, kept for LOOP_GET_STATUS
 */
struct reloop_binding {
	struct file *file;
	const struct reloop_store_ops *store;
	struct reloop_overlay *overlay;
	struct reloop_volatile *vol;
	loff_t offset;
	loff_t size_limit;
	unsigned int block_size;
	unsigned int dio_align;
	unsigned int dio_mem_mask;
	unsigned int direct_unit;
	unsigned int punch_granularity;
	enum reloop_cache cache;
	u32 flags;
	bool ignore_flush;
	bool keeps_old;
	dev_t dev;
	u64 inode;
	bool was_named;
	char name[LO_NAME_SIZE];
};

/**
 * reloop_binding_create() - create a binding to an open file
 * @file: the backing file; the binding takes a reference of its own
 * @writable: whether the caller may write to the device
 *
 * The binding is read-only unless both the caller and the file may write. May
 * sleep.
 *
 * Return: the binding, or ERR_PTR: -EINVAL if the file is neither a regular
 * file nor a block device, or cannot be read; -EBADF if it is not open for
 * reading; -ENOMEM; the error of the file system when asked for the inode
 * number.
 */
struct reloop_binding *reloop_binding_create(struct file *file, bool writable);

/**
 * reloop_binding_set_overlay() - make the image an overlay
 * @binding: just created
 * @overlay: of the binding's file; the binding takes over the reference
 *
 * Makes the binding read-only if the overlay is. Any context.
 */
void reloop_binding_set_overlay(struct reloop_binding *binding,
				struct reloop_overlay *overlay);

/**
 * reloop_binding_set_volatile() - give the image a volatile write cache
 * @binding: just created, with its offset and size limit
 * @vol: of the binding's file; the binding takes over the reference
 *
 * Any context.
 */
void reloop_binding_set_volatile(struct reloop_binding *binding,
				 struct reloop_volatile *vol);

/**
 * reloop_binding_second() - the second file, of an image that has two
 * @binding: any binding the caller keeps alive
 *
 * Any context.
 *
 * Return: the base of an overlay, or the side of a volatile write cache; NULL
 * if there is only one file.
 */
struct file *reloop_binding_second(const struct reloop_binding *binding);

/**
 * reloop_binding_base() - the base of an overlay
 * @binding: any binding the caller keeps alive
 *
 * Any context.
 *
 * Return: the base, or NULL if the image is not an overlay.
 */
struct file *reloop_binding_base(const struct reloop_binding *binding);

/**
 * reloop_binding_copy() - copy a binding in order to change the copy
 * @binding: a binding the caller keeps alive
 *
 * May sleep.
 *
 * Return: the copy, which has its own references, or NULL if there is no
 * memory.
 */
struct reloop_binding *
reloop_binding_copy(const struct reloop_binding *binding);

/**
 * reloop_binding_destroy() - drop the references and free a binding
 * @binding: a binding that is not published, or NULL
 *
 * May sleep.
 */
void reloop_binding_destroy(struct reloop_binding *binding);

/**
 * reloop_binding_set_info() - apply a status struct
 * @binding: a binding that is not published
 * @info: offset, size limit and name, which the caller has checked; the flags
 *        are left to the caller
 *
 * Any context.
 */
void reloop_binding_set_info(struct reloop_binding *binding,
			     const struct loop_info64 *info);

/**
 * reloop_binding_prepare() - make a binding ready to be published
 * @binding: a binding that is not published
 *
 * Chooses the logical block size if none was asked for, and turns direct I/O
 * off if the file, the offset or the block size forbids it. Where no request
 * looks into the page cache, writes back what that holds of the file, so that
 * none has to.
 * May sleep; calls into the file system.
 *
 * Return: 0, or -EINVAL if this kernel does not support the block size.
 */
int reloop_binding_prepare(struct reloop_binding *binding);

/**
 * reloop_binding_sectors() - the size of a device with this binding
 * @binding: any binding the caller keeps alive
 * @sectors: receives the size in sectors of 512 bytes
 *
 * Asks the file system again each time, because the file may have grown, even
 * over a network. May sleep.
 *
 * Return: 0, or the error of the file system.
 */
int reloop_binding_sectors(const struct reloop_binding *binding,
			   sector_t *sectors);

/**
 * reloop_binding_bdev() - the block device below a binding
 * @binding: any binding the caller keeps alive
 *
 * Any context.
 *
 * Return: the backing block device itself, the one that holds the backing
 * file's file system, or NULL if there is none. It stays alive as long as the
 * binding.
 */
struct block_device *
reloop_binding_bdev(const struct reloop_binding *binding);

/**
 * reloop_binding_is_direct() - whether direct I/O was asked for and is possible
 * @binding: a prepared binding
 *
 * Any context.
 */
static inline bool reloop_binding_is_direct(const struct reloop_binding *binding)
{
	return binding->flags & LO_FLAGS_DIRECT_IO;
}

/**
 * reloop_binding_can_cache() - whether a cache mode is possible
 * @binding: a prepared binding
 * @cache: the mode
 *
 * Any context.
 */
bool reloop_binding_can_cache(const struct reloop_binding *binding,
			      enum reloop_cache cache);

/**
 * reloop_binding_has_direct() - whether some requests bypass the page cache
 * @binding: a prepared binding
 *
 * Any context.
 */
static inline bool
reloop_binding_has_direct(const struct reloop_binding *binding)
{
	return binding->direct_unit;
}

/**
 * reloop_binding_goes_direct() - whether a transfer bypasses the page cache
 * @binding: a prepared binding
 * @pos: where in the file it begins, in bytes
 * @len: its length, in bytes
 *
 * Any context.
 */
static inline bool
reloop_binding_goes_direct(const struct reloop_binding *binding, loff_t pos,
			   unsigned int len)
{
	return binding->direct_unit &&
	       !((pos | len) & (binding->direct_unit - 1));
}

/**
 * reloop_binding_is_deleted() - whether the file has lost its last name
 * @binding: any binding the caller keeps alive
 *
 * A file that had no name when it was attached was meant to have none and does
 * not count as deleted. Any context.
 */
static inline bool
reloop_binding_is_deleted(const struct reloop_binding *binding)
{
	return binding->was_named && !file_inode(binding->file)->i_nlink;
}

/**
 * reloop_binding_is_read_only() - whether writes are refused
 * @binding: any binding the caller keeps alive
 *
 * Any context.
 */
static inline bool
reloop_binding_is_read_only(const struct reloop_binding *binding)
{
	return binding->flags & LO_FLAGS_READ_ONLY;
}

#endif /* RELOOP_BINDING_H */
