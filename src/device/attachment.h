/* SPDX-License-Identifier: GPL-2.0-only */
/* What an attach prepares before it takes a lock of a device. */
#ifndef RELOOP_ATTACHMENT_H
#define RELOOP_ATTACHMENT_H

#include <linux/blkdev.h>
#include <linux/loop.h>
#include <uapi/reloop.h>

#include "device/chain.h"
#include "device/origin.h"
#include "store/binding.h"

struct reloop_owned;

/**
 * struct reloop_image - what is to be attached
 * @file: an open file; the caller keeps it
 * @base: the base of an overlay, likewise; otherwise NULL
 * @side: the second file of an image with a volatile write cache, likewise;
 *        otherwise NULL
 * @any_base: the base may differ from what the overlay has noted
 * @is_private: see struct reloop_origin
 * @unshared: the attach fails if another device keeps it from its files
 * @cache: how to use the page cache where that is possible, unless the
 *         configuration asks for direct I/O; RELOOP_CACHE_BUFFERED also if
 *         nobody says so
 * @default_cache: how to use it if nobody says so, nor has opened the file for
 *                 direct I/O
 * @label: checked; empty for none
 */
struct reloop_image {
	struct file *file;
	struct file *base;
	struct file *side;
	bool any_base;
	bool is_private;
	bool unshared;
	enum reloop_cache cache;
	enum reloop_cache default_cache;
	const char *label;
};

/**
 * struct reloop_attachment - a file that is to be attached
 * @binding: the file and how it is used; NULL once a device has it
 * @origin: who attaches; NULL once a device has it
 * @owned: for the owner that the device will belong to, or NULL; also NULL once
 *         a device has it
 * @sectors: the device's size
 * @nospace: seconds that a write waits for space, see parked.h; 0 unless
 *           changed
 * @unshared: the attach fails if another device keeps it from its files
 * @user: with @unshared: the device that does, if the attach fails for that
 * @autoclear: detach at the last close
 * @flags: the flags of <linux/loop.h> in force, once attached
 * @block_size: the block size in force, once attached
 * @diskseq: the disk's sequence number, once attached
 * @reason: what is wrong with the file, also if the attach fails
 * @made: the device was made for this or another attachment; valid once
 *        attached
 *
 * Several devices may be tried in turn until one takes it.
 */
struct reloop_attachment {
	struct reloop_binding *binding;
	struct reloop_origin *origin;
	struct reloop_owned *owned;
	sector_t sectors;
	u32 nospace;
	bool unshared;
	struct reloop_user user;
	bool autoclear;
	u32 flags;
	unsigned int block_size;
	u64 diskseq;
	enum reloop_reason reason;
	bool made;
};

/**
 * reloop_attachment_init() - prepare to attach a file
 * @attachment: uninitialized; if this succeeds, reloop_attachment_exit() must
 *              follow; its reason and its user are set in any case
 * @image: the file; the attachment takes references of its own
 * @writable: whether the caller may write to the device
 * @config: block size, offset, size limit, flags, name; the file descriptor is
 *          ignored
 *
 * Calls into the file system, so it may take long. May sleep.
 *
 * Return: 0; the errors of LOOP_CONFIGURE that come from the file and the
 * configuration, see reloop_device_attach(); those of reloop_overlay_open() and
 * reloop_volatile_open(); -EINVAL for an overlay with an offset other than 0,
 * or a volatile write cache for a read-only image; -EBUSY if there is a user.
 */
int reloop_attachment_init(struct reloop_attachment *attachment,
			   const struct reloop_image *image, bool writable,
			   const struct loop_config *config);

/**
 * reloop_attachment_exit() - free what no device has taken over
 * @attachment: initialized
 *
 * May sleep.
 */
void reloop_attachment_exit(struct reloop_attachment *attachment);

#endif /* RELOOP_ATTACHMENT_H */
