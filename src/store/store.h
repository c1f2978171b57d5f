/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the data path and the stores. A store says where data
 * lies, which depends on the kind of image. run.h has how data is read and
 * written there, which is the same for all kinds.
 *
 * A store knows a binding and nothing of devices, requests or ioctls. All
 * positions and lengths are in bytes of the image, the binding's offset
 * included. Unless stated otherwise, functions may sleep and are called with
 * memalloc_noio_save() in force, because memory reclaim may be waiting.
 */
#ifndef RELOOP_STORE_H
#define RELOOP_STORE_H

#include <linux/bits.h>
#include <linux/fs.h>

#include "store/binding.h"
#include "store/run.h"

/* Flags of reloop_store_map(). */
#define RELOOP_MAP_WRITE	BIT(0)	/* the bytes will be written */
#define RELOOP_MAP_NOWAIT	BIT(1)	/* the caller must not block */

/**
 * struct reloop_store_ops - the operations of a kind of image
 * @map: see reloop_store_map()
 * @written: see reloop_store_written()
 * @flush: see reloop_store_flush()
 * @punch: see reloop_store_punch()
 * @zero: see reloop_store_zero()
 * @reclaim: see reloop_store_reclaim(); NULL if there is never anything
 */
struct reloop_store_ops {
	int (*map)(const struct reloop_binding *binding, loff_t pos, size_t len,
		   unsigned int flags, struct reloop_run *run);
	ssize_t (*written)(const struct reloop_binding *binding, loff_t pos,
			   ssize_t done, bool noted);
	int (*flush)(const struct reloop_binding *binding, bool *lost);
	int (*punch)(const struct reloop_binding *binding, loff_t pos,
		     loff_t len);
	int (*zero)(const struct reloop_binding *binding, loff_t pos,
		    loff_t len);
	int (*reclaim)(const struct reloop_binding *binding, bool *lost);
};

/* An image that holds the data as is: a regular file or a block device. */
extern const struct reloop_store_ops reloop_raw_store;

/**
 * reloop_raw_map() - reloop_store_map() for an image that holds the data as is
 * @binding: of the image
 * @pos: first byte
 * @len: number of bytes
 * @flags: ignored
 * @run: receives all of it
 *
 * Any context.
 *
 * Return: 0.
 */
static inline int reloop_raw_map(const struct reloop_binding *binding,
				 loff_t pos, size_t len, unsigned int flags,
				 struct reloop_run *run)
{
	*run = (struct reloop_run){
		.kind	= RELOOP_RUN_FILE,
		.file	= binding->file,
		.pos	= pos,
		.len	= len,
	};
	return 0;
}

/**
 * reloop_store_map() - find out where bytes lie
 * @binding: of the image
 * @pos: first byte
 * @len: number of bytes, not 0
 * @flags: with %RELOOP_MAP_WRITE the bytes get a place to be written to, so the
 *         run is not %RELOOP_RUN_ZEROES; with %RELOOP_MAP_NOWAIT the call does
 *         not block
 * @run: receives where the first bytes lie and how many follow there: at most
 *       @len and at least a sector; less is taken for the end of a truncated
 *       file
 *
 * After transferring the run, the caller asks again for the rest, or for all of
 * it if nothing was transferred. The run is valid until its request ends. If a
 * call with %RELOOP_MAP_WRITE succeeds and reloop_store_is_told(),
 * reloop_store_written() must follow.
 *
 * Return: 0; -EAGAIN with %RELOOP_MAP_NOWAIT if the call would block: then a
 * caller that may block asks again without that flag; a negative errno of the
 * store.
 */
static inline int reloop_store_map(const struct reloop_binding *binding,
				   loff_t pos, size_t len, unsigned int flags,
				   struct reloop_run *run)
{
	/* The only call of a store that every request makes. */
	if (likely(binding->store == &reloop_raw_store))
		return reloop_raw_map(binding, pos, len, flags, run);

	return binding->store->map(binding, pos, len, flags, run);
}

/**
 * reloop_store_is_told() - whether the store wants to know when writes end
 * @binding: of the image
 *
 * Any context.
 */
static inline bool reloop_store_is_told(const struct reloop_binding *binding)
{
	return binding->store != &reloop_raw_store;
}

/**
 * reloop_store_written() - tell the store that a write has ended
 * @binding: of an image whose store is told
 * @pos: where the write began, as passed to reloop_store_map()
 * @done: number of bytes that were written, or a negative errno
 * @noted: from the run that was written to
 *
 * Any context; may be called by another task than reloop_store_map().
 *
 * Return: number of bytes that can be read back, which may be less than @done;
 * -ENOSPC if none can; @done if that is an errno.
 */
static inline ssize_t reloop_store_written(const struct reloop_binding *binding,
					   loff_t pos, ssize_t done,
					   bool noted)
{
	return binding->store->written(binding, pos, done, noted);
}

/**
 * reloop_store_flush() - make everything written so far durable
 * @binding: of the image
 * @lost: set on a failure after which data that the file system had accepted
 *        may be gone: it reports that only once. On other failures nothing is
 *        lost, and a retry can do everything
 *
 * Return: 0 or a negative errno of the file system.
 */
static inline int reloop_store_flush(const struct reloop_binding *binding,
				     bool *lost)
{
	return binding->store->flush(binding, lost);
}

/**
 * reloop_store_punch() - make a range read as zeroes and free its space
 * @binding: of the image
 * @pos: first byte
 * @len: number of bytes
 *
 * Return: 0; -EOPNOTSUPP if the store cannot do it; -EIO past the end of a
 * block device; a negative errno of the file system.
 */
static inline int reloop_store_punch(const struct reloop_binding *binding,
				     loff_t pos, loff_t len)
{
	return binding->store->punch(binding, pos, len);
}

/**
 * reloop_store_zero() - make a range read as zeroes and keep its space
 * @binding: of the image
 * @pos: first byte
 * @len: number of bytes
 *
 * Return: as reloop_store_punch().
 */
static inline int reloop_store_zero(const struct reloop_binding *binding,
				    loff_t pos, loff_t len)
{
	return binding->store->zero(binding, pos, len);
}

/**
 * reloop_store_reclaim() - free space that is kept until the next flush
 * @binding: of the image
 * @lost: as in reloop_store_flush()
 *
 * For whoever has found no space. Does what a flush does if there is any such
 * space, unless none could be freed this second; otherwise nothing. The caller
 * has not asked where to write.
 *
 * Return: as reloop_store_flush().
 */
static inline int reloop_store_reclaim(const struct reloop_binding *binding,
				       bool *lost)
{
	return binding->store->reclaim ?
	       binding->store->reclaim(binding, lost) : 0;
}

#endif /* RELOOP_STORE_H */
