// SPDX-License-Identifier: GPL-2.0-only
/* What an attach puts together before it takes a lock of a device. */
#include <linux/err.h>

#include "device/attachment.h"
#include "device/info.h"

static struct reloop_binding *
binding_from_config(struct file *file, bool writable,
		    const struct loop_config *config)
{
	struct reloop_binding *binding;
	int ret;

	if (config->info.lo_flags & ~LOOP_CONFIGURE_SETTABLE_FLAGS)
		return ERR_PTR(-EINVAL);

	binding = reloop_binding_create(file, writable);
	if (IS_ERR(binding))
		return binding;

	binding->block_size = config->block_size;
	binding->flags |= config->info.lo_flags & ~LO_FLAGS_AUTOCLEAR;
	if (binding->flags & LO_FLAGS_DIRECT_IO)
		binding->cache = RELOOP_CACHE_DIRECT;
	ret = reloop_info_check(&config->info);
	if (!ret) {
		reloop_binding_set_info(binding, &config->info);
		ret = reloop_binding_prepare(binding);
	}
	if (ret) {
		reloop_binding_destroy(binding);
		return ERR_PTR(ret);
	}
	return binding;
}

int reloop_attachment_init(struct reloop_attachment *attachment,
			   struct file *file, bool writable,
			   const struct loop_config *config,
			   const char *label)
{
	struct reloop_binding *binding;
	struct reloop_origin *origin;
	int ret;

	binding = binding_from_config(file, writable, config);
	if (IS_ERR(binding))
		return PTR_ERR(binding);

	*attachment = (struct reloop_attachment){
		.binding	= binding,
		.autoclear	= config->info.lo_flags & LO_FLAGS_AUTOCLEAR,
	};
	ret = reloop_binding_sectors(binding, &attachment->sectors);
	if (ret)
		goto destroy_binding;

	origin = reloop_origin_create(file, label);
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
}
