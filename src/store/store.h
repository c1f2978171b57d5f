/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the data path and what holds the data: where it lies,
 * which each kind of image knows for itself. How it is read from there and
 * written is in run.h, and the same for all.
 *
 * A store knows a binding and nothing of devices, requests or ioctls. All
 * positions and lengths are in bytes of the image, the binding's offset
 * included. Where nothing else is said functions may sleep and are called
 * with memalloc_noio_save() in force, because memory reclaim may be waiting.
 */
#ifndef RELOOP_STORE_H
#define RELOOP_STORE_H

#include <linux/bits.h>
#include <linux/fs.h>

#include "store/binding.h"
#include "store/run.h"

/* How an image is asked where bytes lie. */
#define RELOOP_MAP_WRITE	BIT(0)	/* they are to be written */
#define RELOOP_MAP_NOWAIT	BIT(1)	/* the caller must not block */

/**
 * struct reloop_store_ops - what a kind of image answers
 * @map: see reloop_store_map()
 * @written: see reloop_store_written()
 * @flush: see reloop_store_flush()
 * @sync: see reloop_store_sync()
 * @punch: see reloop_store_punch()
 * @zero: see reloop_store_zero()
 */
struct reloop_store_ops {
	int (*map)(const struct reloop_binding *binding, loff_t pos, size_t len,
		   unsigned int flags, struct reloop_run *run);
	ssize_t (*written)(const struct reloop_binding *binding, loff_t pos,
			   ssize_t done, bool noted);
	int (*flush)(const struct reloop_binding *binding, bool *lost);
	int (*sync)(const struct reloop_binding *binding, loff_t pos,
		    loff_t len);
	int (*punch)(const struct reloop_binding *binding, loff_t pos,
		     loff_t len);
	int (*zero)(const struct reloop_binding *binding, loff_t pos,
		    loff_t len);
};

/* An image that holds the data as it is: a regular file or a block device. */
extern const struct reloop_store_ops reloop_raw_store;

/**
 * reloop_raw_map() - reloop_store_map() of an image that holds the data as it is
 * @binding: of the image
 * @pos: first byte
 * @len: number of bytes
 * @flags: do not matter
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
 * @binding: where
 * @pos: first byte
 * @len: number of bytes, not 0
 * @flags: with %RELOOP_MAP_WRITE there is a place for the bytes to be written
 *         to afterwards, so they are not %RELOOP_RUN_ZEROES; with
 *         %RELOOP_MAP_NOWAIT this does not block
 * @run: receives where the first of them lie, and how many go on there: no more
 *       than @len, and a sector at least, or they are taken for the end of a
 *       file that was cut short
 *
 * Who has transferred the run asks again for the rest, or for all of it, if
 * the transfer came to nothing. The run is good until the request ends that it
 * is for. With %RELOOP_MAP_WRITE, and where it succeeds, and if
 * reloop_store_is_told(), reloop_store_written() is to follow.
 *
 * Return: 0; -EAGAIN with %RELOOP_MAP_NOWAIT where it would block, and somebody
 * who may is to ask again without; a negative errno of the store.
 */
static inline int reloop_store_map(const struct reloop_binding *binding,
				   loff_t pos, size_t len, unsigned int flags,
				   struct reloop_run *run)
{
	/* Of all calls of a store the only one on the way of each request. */
	if (likely(binding->store == &reloop_raw_store))
		return reloop_raw_map(binding, pos, len, flags, run);

	return binding->store->map(binding, pos, len, flags, run);
}

/**
 * reloop_store_is_told() - whether the store wants to know of the ends of writes
 * @binding: where
 *
 * Any context.
 */
static inline bool reloop_store_is_told(const struct reloop_binding *binding)
{
	return binding->store != &reloop_raw_store;
}

/**
 * reloop_store_written() - a write has ended
 * @binding: where, of a store that is told
 * @pos: where it began, as reloop_store_map() was asked
 * @done: number of bytes that were written, or a negative errno
 * @noted: as the run says that it has been written to
 *
 * Any context. Another task than the one that asked where to may call it.
 *
 * Return: number of bytes that can be read again, which may be less; or @done, if
 * that is an errno.
 */
static inline ssize_t reloop_store_written(const struct reloop_binding *binding,
					   loff_t pos, ssize_t done,
					   bool noted)
{
	return binding->store->written(binding, pos, done, noted);
}

/**
 * reloop_store_flush() - make everything written so far durable
 * @binding: where
 * @lost: set if this fails for what the file system has taken before, which may
 *	  be gone: it tells of that once. Else nothing is, and who tries again
 *	  can do it all
 *
 * Return: 0 or a negative errno of the file system.
 */
static inline int reloop_store_flush(const struct reloop_binding *binding,
				     bool *lost)
{
	return binding->store->flush(binding, lost);
}

/**
 * reloop_store_sync() - make what was written to a range durable
 * @binding: where
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * What IOCB_DSYNC asks for, but not every file system looks at that: of a
 * kiocb (ocfs2 asks the file), or at all (servers in user space).
 *
 * Return: 0 or a negative errno of the file system.
 */
static inline int reloop_store_sync(const struct reloop_binding *binding,
				    loff_t pos, loff_t len)
{
	return binding->store->sync(binding, pos, len);
}

/**
 * reloop_store_punch() - make a range read as zeroes and free its space
 * @binding: where
 * @pos: first byte
 * @len: number of bytes
 *
 * Return: 0, -EOPNOTSUPP when the store cannot, -EIO behind the end of a block
 * device, a negative errno of the file system.
 */
static inline int reloop_store_punch(const struct reloop_binding *binding,
				     loff_t pos, loff_t len)
{
	return binding->store->punch(binding, pos, len);
}

/**
 * reloop_store_zero() - make a range read as zeroes and keep its space
 * @binding: where
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

#endif /* RELOOP_STORE_H */
