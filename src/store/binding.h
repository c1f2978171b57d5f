/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a loop device is attached to: one backing file and how it is used.
 *
 * A binding is immutable once published. To change anything a new one is
 * created, prepared and published in its place; the old one is destroyed.
 */
#ifndef RELOOP_BINDING_H
#define RELOOP_BINDING_H

#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/loop.h>

struct reloop_overlay;
struct reloop_store_ops;
struct reloop_volatile;

/**
 * enum reloop_cache - how data goes through the page cache of the file
 * @RELOOP_CACHE_BUFFERED: through it
 * @RELOOP_CACHE_DIRECT: past it, all requests
 * @RELOOP_CACHE_AUTO: past it, each request that the file can take so
 * @RELOOP_CACHE_DONTCACHE: through it, and nothing stays there
 */
enum reloop_cache {
	RELOOP_CACHE_BUFFERED,
	RELOOP_CACHE_DIRECT,
	RELOOP_CACHE_AUTO,
	RELOOP_CACHE_DONTCACHE,
};

/* Their names: for the attribute. */
extern const char * const reloop_cache_names[4];

/**
 * struct reloop_binding - a backing file and how it is used
 * @file: the backing file; the binding owns a reference
 * @store: what kind of image it is
 * @overlay: of an overlay: what is known of it; the binding owns a reference
 * @vol: likewise of an image with a volatile write cache
 * @offset: where in the file the device begins, in bytes
 * @size_limit: upper limit of the device's size in bytes, 0 for none
 * @block_size: logical block size in bytes; 0 before
 *              reloop_binding_prepare() means "choose one"
 * @dio_align: what the file wants offsets and lengths of direct I/O to be a
 *             multiple of, in bytes; 0 when it cannot do direct I/O
 * @dio_mem_mask: mask of the address bits that must be zero for direct I/O
 * @direct_unit: requests whose offsets and lengths are multiples of this,
 *               in bytes, go past the page cache; 0 for none
 * @punch_granularity: what hole punching frees is a multiple of this, in
 *                     bytes; 0 when the file is known not to punch holes
 * @cache: how data goes through the page cache; what is asked for before
 *         reloop_binding_prepare(), what can be had after
 * @flags: LO_FLAGS_READ_ONLY, LO_FLAGS_PARTSCAN and, made by
 *         reloop_binding_prepare(), LO_FLAGS_DIRECT_IO: no request goes
 *         through the page cache
 * @ignore_flush: the file is never asked to make anything durable
 * @dev: number of the device that stat(2) says the file is on
 * @inode: the file's inode number there
 * @was_named: it is a regular file that had a name when the binding was made
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
	dev_t dev;
	u64 inode;
	bool was_named;
	char name[LO_NAME_SIZE];
};

/**
 * reloop_binding_create() - a binding to an open file
 * @file: the backing file; the binding takes a reference of its own
 * @writable: whether the caller may write to the device
 *
 * The binding is read-only unless both the caller and the file may write.
 * May sleep.
 *
 * Return: the binding, or ERR_PTR: -EINVAL when the file is neither a
 * regular file nor a block device or has no way to be read, -EBADF when it
 * is not open for reading, -ENOMEM, what the file system answers when asked
 * for the inode number.
 */
struct reloop_binding *reloop_binding_create(struct file *file, bool writable);

/**
 * reloop_binding_set_overlay() - the file is an overlay
 * @binding: just created
 * @overlay: of the binding's file; the binding takes over the reference
 *
 * Read-only, if the overlay is. Any context.
 */
void reloop_binding_set_overlay(struct reloop_binding *binding,
				struct reloop_overlay *overlay);

/**
 * reloop_binding_set_volatile() - the image has a volatile write cache
 * @binding: just created, with its offset and size limit
 * @vol: of the binding's file; the binding takes over the reference
 *
 * Any context.
 */
void reloop_binding_set_volatile(struct reloop_binding *binding,
				 struct reloop_volatile *vol);

/**
 * reloop_binding_second() - the other one of the two files that some images lie in
 * @binding: any binding the caller keeps alive
 *
 * Any context.
 *
 * Return: the base of an overlay, or where a volatile write cache is; NULL where
 * there is one file alone.
 */
struct file *reloop_binding_second(const struct reloop_binding *binding);

/**
 * reloop_binding_base() - what is below an overlay
 * @binding: any binding the caller keeps alive
 *
 * Any context.
 *
 * Return: its base, or NULL where it is none.
 */
struct file *reloop_binding_base(const struct reloop_binding *binding);

/**
 * reloop_binding_copy() - a second binding like the first, to be changed
 * @binding: a binding the caller keeps alive
 *
 * May sleep.
 *
 * Return: the copy, with references of its own to what it is about, or NULL when
 * there is no memory.
 */
struct reloop_binding *
reloop_binding_copy(const struct reloop_binding *binding);

/**
 * reloop_binding_destroy() - drop the file and free a binding
 * @binding: a binding that is not published, or NULL
 *
 * May sleep.
 */
void reloop_binding_destroy(struct reloop_binding *binding);

/**
 * reloop_binding_set_info() - take over what a status struct asks for
 * @binding: a binding that is not published
 * @info: offset, size limit and name, which the caller has checked; the flags
 *        are the caller's business
 *
 * Any context.
 */
void reloop_binding_set_info(struct reloop_binding *binding,
			     const struct loop_info64 *info);

/**
 * reloop_binding_prepare() - make a binding fit for publishing
 * @binding: a binding that is not published
 *
 * Chooses the logical block size where none was asked for, and turns direct
 * I/O off where the file, the offset or the block size forbid it. Where
 * there is direct I/O, what the page cache holds of the file is written
 * back, so that no request has to. May sleep; calls into the file system.
 *
 * Return: 0, or -EINVAL when this kernel has no such block size.
 */
int reloop_binding_prepare(struct reloop_binding *binding);

/**
 * reloop_binding_sectors() - the size of a device attached like this
 * @binding: any binding the caller keeps alive
 * @sectors: receives the size in sectors of 512 bytes
 *
 * Asks the file system afresh, because the file may have grown, over a
 * network even. May sleep.
 *
 * Return: 0, or what the file system answers.
 */
int reloop_binding_sectors(const struct reloop_binding *binding,
			   sector_t *sectors);

/**
 * reloop_binding_bdev() - the block device below a binding
 * @binding: any binding the caller keeps alive
 *
 * Any context.
 *
 * Return: the backing block device itself, or the one the backing file's
 * file system lives on, or NULL when there is none. It stays alive as long
 * as the binding.
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
 * reloop_binding_can_cache() - whether data can go this way
 * @binding: a prepared binding
 * @cache: the way
 *
 * Any context.
 */
bool reloop_binding_can_cache(const struct reloop_binding *binding,
			      enum reloop_cache cache);

/**
 * reloop_binding_has_direct() - whether some requests go past the page cache
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
 * reloop_binding_goes_direct() - whether a transfer goes past the page cache
 * @binding: a prepared binding
 * @pos: where in the file it begins, in bytes
 * @len: its bytes
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
 * Who attaches a file without a name means it to be without one: that is not
 * deleted. Any context.
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
