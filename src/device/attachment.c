// SPDX-License-Identifier: GPL-2.0-only
/* What an attach prepares before it takes a lock of a device. */
#include <linux/err.h>
#include <linux/file.h>

#include "device/attachment.h"
#include "device/info.h"
#include "device/owner.h"
#include "store/overlay.h"
#include "store/run.h"
#include "store/volatile.h"

static int binding_open_overlay(struct reloop_binding *binding,
				const struct reloop_image *image,
				enum reloop_reason *reason)
{
	struct reloop_overlay *overlay;
	struct file *base;

	base = reloop_run_get_plain(image->base);
	if (IS_ERR(base))
		return PTR_ERR(base);
	overlay = reloop_overlay_open(binding->file, base,
				      !reloop_binding_is_read_only(binding),
				      image->any_base, reason);
	fput(base);
	if (IS_ERR(overlay))
		return PTR_ERR(overlay);

	reloop_binding_set_overlay(binding, overlay);
	return 0;
}

static int binding_open_volatile(struct reloop_binding *binding,
				 const struct reloop_image *image)
{
	struct reloop_volatile *vol;
	struct file *side;
	sector_t sectors;
	int ret;

	if (reloop_binding_is_read_only(binding))
		return -EINVAL;
	ret = reloop_binding_sectors(binding, &sectors);
	if (ret)
		return ret;
	side = reloop_run_get_plain(image->side);
	if (IS_ERR(side))
		return PTR_ERR(side);
	vol = reloop_volatile_open(binding->file, side, binding->offset,
				   sectors);
	fput(side);
	if (IS_ERR(vol))
		return PTR_ERR(vol);

	reloop_binding_set_volatile(binding, vol);
	return 0;
}

/*
 * Direct I/O that was asked for as in the kernel's own driver chooses the block
 * size as well, as there; the other ways leave it alone.
 */
static void binding_choose_cache(struct reloop_binding *binding,
				 const struct reloop_image *image)
{
	enum reloop_cache cache = image->cache;

	if (binding->flags & LO_FLAGS_DIRECT_IO) {
		binding->cache = RELOOP_CACHE_DIRECT;
		return;
	}
	if (!cache && !binding->cache)
		cache = image->default_cache;
	if (!cache)
		return;

	binding->cache = cache;
	binding->block_size = binding->block_size ?: SECTOR_SIZE;
}

/* Sets what reloop_binding_prepare() needs. */
static int binding_configure(struct reloop_binding *binding,
			     const struct reloop_image *image,
			     const struct loop_config *config,
			     struct reloop_attachment *attachment)
{
	int ret;

	binding->block_size = config->block_size;
	binding->flags |= config->info.lo_flags & ~LO_FLAGS_AUTOCLEAR;
	binding_choose_cache(binding, image);
	ret = reloop_info_check(&config->info);
	if (ret)
		return ret;
	reloop_binding_set_info(binding, &config->info);
	/* Before the files are read, or their cached pages are touched. */
	if (image->unshared)
		ret = reloop_chain_check_unshared(binding, image->base,
						  &attachment->user);
	if (ret)
		return ret;
	if (image->side)
		return binding_open_volatile(binding, image);
	if (!image->base)
		return 0;

	return binding->offset ? -EINVAL :
	       binding_open_overlay(binding, image, &attachment->reason);
}

static struct reloop_binding *
binding_from_config(const struct reloop_image *image, bool writable,
		    const struct loop_config *config,
		    struct reloop_attachment *attachment)
{
	struct reloop_binding *binding;
	int ret;

	if (config->info.lo_flags & ~LOOP_CONFIGURE_SETTABLE_FLAGS)
		return ERR_PTR(-EINVAL);

	binding = reloop_binding_create(image->file, writable);
	if (IS_ERR(binding))
		return binding;

	ret = binding_configure(binding, image, config, attachment);
	if (!ret)
		ret = reloop_binding_prepare(binding);
	if (ret) {
		reloop_binding_destroy(binding);
		return ERR_PTR(ret);
	}
	return binding;
}

int reloop_attachment_init(struct reloop_attachment *attachment,
			   const struct reloop_image *image, bool writable,
			   const struct loop_config *config)
{
	struct reloop_binding *binding;
	struct reloop_origin *origin;
	int ret;

	*attachment = (struct reloop_attachment){
		.autoclear	= config->info.lo_flags & LO_FLAGS_AUTOCLEAR,
		.unshared	= image->unshared,
	};
	binding = binding_from_config(image, writable, config, attachment);
	if (IS_ERR(binding))
		return PTR_ERR(binding);

	attachment->binding = binding;
	ret = reloop_binding_sectors(binding, &attachment->sectors);
	if (ret)
		goto destroy_binding;

	origin = reloop_origin_create(image->file, image->label,
				      image->is_private);
	if (IS_ERR(origin)) {
		ret = PTR_ERR(origin);
		goto destroy_binding;
	}
	attachment->origin = origin;

	return 0;

destroy_binding:
	reloop_binding_destroy(binding);
	return ret;
}

void reloop_attachment_exit(struct reloop_attachment *attachment)
{
	reloop_binding_destroy(attachment->binding);
	reloop_origin_destroy(attachment->origin);
	reloop_owned_destroy(attachment->owned);
}
