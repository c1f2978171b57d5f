// SPDX-License-Identifier: GPL-2.0-only
/* Chooses the device that takes what is to be attached. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/loop.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "control/index.h"
#include "control/place.h"
#include "device/attach.h"
#include "device/attachment.h"
#include "device/owner.h"

/*
 * Attaches to a reserved device. If that fails, a device that was made for it
 * is removed.
 */
static int place_try(struct reloop_device *dev, blk_mode_t mode,
		     struct reloop_attachment *attachment)
{
	int ret;

	ret = reloop_device_attach_prepared(dev, mode, attachment);
	reloop_device_unreserve(dev);
	/* Whoever detached it meanwhile found it reserved, and left it. */
	if (READ_ONCE(dev->transient)) {
		reloop_device_reap(dev);
		if (ret)
			reloop_device_wait_reaped(dev);
	}
	return ret;
}

/*
 * Callers that ask for any free device get different ones. But a caller that
 * asks for a number may be quicker; then the next device is tried.
 */
static struct reloop_device *
place_any(blk_mode_t mode, struct reloop_attachment *attachment)
{
	struct reloop_device *dev;
	unsigned long next = 0;
	int ret;

	do {
		dev = reloop_index_reserve_free(&next) ?: reloop_index_create(-1, true);
		if (IS_ERR(dev))
			return dev;
		ret = place_try(dev, mode, attachment);
		if (!ret)
			return dev;
		reloop_device_put(dev);
		if (ret != -EBUSY || attachment->user.reason)
			return ERR_PTR(ret);
	} while (!signal_pending(current));

	return ERR_PTR(-ERESTARTSYS);
}

/*
 * Returns the device with that number, reserved and with a reference. A device
 * that its last user has left is not in the way: either it can be taken, or it
 * is being removed, and is made anew after that.
 */
static struct reloop_device *place_reserve(int number)
{
	struct reloop_device *dev;
	bool gone;

	do {
		dev = reloop_index_get(number);
		if (!dev) {
			dev = reloop_index_create(number, true);
			/* It is just being made or removed. */
			return dev == ERR_PTR(-EEXIST) ? ERR_PTR(-EBUSY) : dev;
		}
		if (reloop_device_reserve_known(dev))
			return dev;
		reloop_device_wait_reaped(dev);
		gone = !reloop_index_has(number, dev);
		reloop_device_put(dev);
	} while (gone && !signal_pending(current));

	return ERR_PTR(gone ? -ERESTARTSYS : -EBUSY);
}

static struct reloop_device *
place_number(int number, blk_mode_t mode,
	     struct reloop_attachment *attachment)
{
	struct reloop_device *dev;
	int ret;

	dev = place_reserve(number);
	if (IS_ERR(dev))
		return dev;

	ret = place_try(dev, mode, attachment);
	if (ret) {
		reloop_device_put(dev);
		return ERR_PTR(ret);
	}
	return dev;
}

static int place_get_image(const struct reloop_attach *request,
			   struct reloop_image *image)
{
	struct file *second;

	*image = (struct reloop_image){
		.any_base	= request->flags & RELOOP_ATTACH_ANY_BASE,
		.is_private	= request->flags & RELOOP_ATTACH_PRIVATE,
		.unshared	= request->flags & RELOOP_ATTACH_UNSHARED,
		.cache		= request->cache,
		.label		= request->label,
	};
	image->file = fget(request->fd);
	if (!image->file)
		return -EBADF;
	if (request->format == RELOOP_FORMAT_RAW)
		return 0;

	second = fget(request->base_fd);
	if (!second) {
		fput(image->file);
		return -EBADF;
	}
	if (request->format == RELOOP_FORMAT_VOLATILE)
		image->side = second;
	else
		image->base = second;
	return 0;
}

static void place_put_image(const struct reloop_image *image)
{
	if (image->side)
		fput(image->side);
	if (image->base)
		fput(image->base);
	fput(image->file);
}

/* Reports which device keeps this one from its files, if one does. */
static void place_answer_user(struct reloop_attach *request,
			      const struct reloop_user *user)
{
	if (!user->reason)
		return;
	request->reason = user->reason;
	request->user = user->number;
}

/* Prepares what is asked for. */
static int place_prepare(struct reloop_attach *request,
			 blk_mode_t mode, struct reloop_owner *owner,
			 struct reloop_attachment *attachment)
{
	struct loop_config config = {
		.block_size		= request->block_size,
		.info.lo_offset		= request->offset,
		.info.lo_sizelimit	= request->size_limit,
		.info.lo_flags		= request->flags &
					  LOOP_CONFIGURE_SETTABLE_FLAGS,
	};
	struct reloop_image image;
	int ret;

	ret = place_get_image(request, &image);
	if (ret)
		return ret;

	strscpy(config.info.lo_file_name, request->label,
		sizeof(config.info.lo_file_name));
	ret = reloop_attachment_init(attachment, &image, mode & BLK_OPEN_WRITE,
				     &config);
	place_put_image(&image);
	if (ret) {
		request->reason = attachment->reason;
		place_answer_user(request, &attachment->user);
		return ret;
	}
	if (request->cache && attachment->binding->cache != request->cache) {
		request->reason = RELOOP_REASON_CACHE;
		reloop_attachment_exit(attachment);
		return -EINVAL;
	}

	if (request->flags & RELOOP_ATTACH_OWNER) {
		attachment->owned = reloop_owned_create(owner);
		if (!attachment->owned) {
			reloop_attachment_exit(attachment);
			return -ENOMEM;
		}
	}
	if (request->flags & RELOOP_ATTACH_FLUSH_IGNORE)
		attachment->binding->ignore_flush = true;
	attachment->nospace = request->nospace;

	return 0;
}

static void place_answer(struct reloop_attach *request,
			 const struct reloop_device *dev,
			 const struct reloop_attachment *attachment)
{
	request->flags &= ~LOOP_CONFIGURE_SETTABLE_FLAGS;
	request->flags |= attachment->flags;
	request->number = dev->index;
	request->block_size = attachment->block_size;
	request->capacity = attachment->sectors << SECTOR_SHIFT;
	request->diskseq = attachment->diskseq;
	/* Only on success: it is no reason for a failure that came later. */
	request->reason = attachment->reason;
}

struct reloop_device *reloop_place_attach(struct reloop_attach *request,
					  bool writable,
					  struct reloop_owner *owner,
					  bool *made)
{
	struct reloop_attachment attachment;
	blk_mode_t mode = BLK_OPEN_READ;
	struct reloop_device *dev;
	int ret;

	if (writable && !(request->flags & RELOOP_ATTACH_READ_ONLY))
		mode |= BLK_OPEN_WRITE;

	ret = place_prepare(request, mode, owner, &attachment);
	if (ret)
		return ERR_PTR(ret);

	if (request->number < 0)
		dev = place_any(mode, &attachment);
	else
		dev = place_number(request->number, mode, &attachment);
	if (!IS_ERR(dev)) {
		place_answer(request, dev, &attachment);
		*made = attachment.made;
	} else {
		place_answer_user(request, &attachment.user);
	}
	reloop_attachment_exit(&attachment);

	return dev;
}
