/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the data path and what holds the data.
 *
 * A store knows a binding and nothing of devices, requests or ioctls. All
 * positions and lengths are in bytes of the backing file, the binding's
 * offset included. Where nothing else is said functions may sleep and are called
 * with memalloc_noio_save() in force, because memory reclaim may be waiting.
 */
#ifndef RELOOP_STORE_H
#define RELOOP_STORE_H

#include <linux/fs.h>

#include "store/binding.h"

/**
 * reloop_store_flush() - make everything written so far durable
 * @binding: where
 *
 * Return: 0 or a negative errno of the file system.
 */
int reloop_store_flush(const struct reloop_binding *binding);

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
int reloop_store_sync(const struct reloop_binding *binding, loff_t pos,
		      loff_t len);

/**
 * reloop_store_punch() - make a range read as zeroes and free its space
 * @binding: where
 * @pos: first byte
 * @len: number of bytes
 *
 * Return: 0, -EOPNOTSUPP when the store cannot, -EIO behind the end of a block
 * device, a negative errno of the file system.
 */
int reloop_store_punch(const struct reloop_binding *binding, loff_t pos,
		       loff_t len);

/**
 * reloop_store_zero() - make a range read as zeroes and keep its space
 * @binding: where
 * @pos: first byte
 * @len: number of bytes
 *
 * Return: as reloop_store_punch().
 */
int reloop_store_zero(const struct reloop_binding *binding, loff_t pos,
		      loff_t len);

#endif /* RELOOP_STORE_H */
