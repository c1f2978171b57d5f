/* SPDX-License-Identifier: GPL-2.0-only */
/* What an attach puts together before it takes a lock of a device. */
#ifndef RELOOP_ATTACHMENT_H
#define RELOOP_ATTACHMENT_H

#include <linux/blkdev.h>
#include <linux/loop.h>
#include <uapi/reloop.h>

#include "device/chain.h"
#include "device/origin.h"
#include "store/binding.h"

struct reloop_owner;

/**
 * struct reloop_image - what is to be attached
 * @file: open; the caller keeps it
 * @base: of an overlay, likewise; else NULL
 * @side: of an image with a volatile write cache, likewise; else NULL
 * @any_base: whether the base may be another than the overlay has noted
 * @is_private: see struct reloop_origin
 * @unshared: whether no other device may keep it from its files
 * @label: checked; empty for none
 */
struct reloop_image {
	struct file *file;
	struct file *base;
	struct file *side;
	bool any_base;
	bool is_private;
	bool unshared;
	const char *label;
};

/**
 * struct reloop_attachment - a file that is to be attached
 * @binding: the file and how it is used; NULL once it is a device's
 * @origin: who attaches; NULL once it is a device's
 * @owner: whom the device is to belong to, or NULL
 * @sectors: the device's size
 * @nospace: seconds that a write waits for space, see parked.h; 0 unless changed
 * @unshared: whether no other device may keep it from its files
 * @user: of @unshared: which one has, where the attach fails for that
 * @autoclear: detach at the last close
 * @flags: those in force of <linux/loop.h>, once it is attached
 * @block_size: the one in force, once it is attached
 * @diskseq: the disk's sequence number, once it is attached
 * @reason: what is the matter with the file, also where the attach fails
 * @made: whether the device was made for this or another attachment, once it
 *	is attached
 *
 * May be tried on one device after the other until one takes it.
 */
struct reloop_attachment {
	struct reloop_binding *binding;
	struct reloop_origin *origin;
	struct reloop_owner *owner;
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
 * @attachment: uninitialised; if this succeeds, for reloop_attachment_exit(); its
 *		reason and its user are set in any case
 * @image: the file; the attachment takes references of its own
 * @writable: whether the caller may write to the device
 * @config: block size, offset, size limit, flags, name; not the descriptor
 *
 * Calls into the file system, so takes its time. May sleep.
 *
 * Return: 0, or the errors of LOOP_CONFIGURE that come from the file and the
 * configuration, see reloop_device_attach(); those of reloop_overlay_open() and
 * reloop_volatile_open(); -EINVAL for an overlay that is to begin elsewhere than
 * at 0, and for a volatile write cache before what is not to be written to; -EBUSY
 * for a user.
 */
int reloop_attachment_init(struct reloop_attachment *attachment,
			   const struct reloop_image *image, bool writable,
			   const struct loop_config *config);

/**
 * reloop_attachment_exit() - free what no device has taken
 * @attachment: initialised
 *
 * May sleep.
 */
void reloop_attachment_exit(struct reloop_attachment *attachment);

#endif /* RELOOP_ATTACHMENT_H */
