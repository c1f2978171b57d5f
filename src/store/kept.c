// SPDX-License-Identifier: GPL-2.0-only
/* What outlives a binding. */
#include <linux/file.h>

#include "store/binding.h"
#include "store/kept.h"
#include "store/overlay.h"
#include "store/volatile.h"

void reloop_kept_get(struct reloop_kept *kept,
		     const struct reloop_binding *binding)
{
	*kept = (struct reloop_kept){
		.file		= get_file(binding->file),
		.overlay	= binding->overlay,
		.vol		= binding->vol,
	};
	if (kept->overlay)
		reloop_overlay_get(kept->overlay);
	if (kept->vol)
		reloop_volatile_get(kept->vol);
}

bool reloop_kept_has_flush(const struct reloop_kept *kept)
{
	return kept->overlay || kept->vol;
}

void reloop_kept_flush(const struct reloop_kept *kept, bool sync,
		       errseq_t wb_told)
{
	if (kept->overlay)
		reloop_overlay_flush_last(kept->overlay, sync, wb_told);
	if (kept->vol)
		reloop_volatile_close(kept->vol);
}

void reloop_kept_close(const struct reloop_kept *kept)
{
	if (kept->overlay)
		reloop_overlay_close(kept->overlay);
}

int reloop_kept_lost(const struct reloop_kept *kept)
{
	if (kept->overlay)
		return kept->overlay->lost;

	return kept->vol ? kept->vol->lost : 0;
}

void reloop_kept_put(const struct reloop_kept *kept)
{
	if (kept->overlay)
		reloop_overlay_put(kept->overlay);
	if (kept->vol)
		reloop_volatile_put(kept->vol);
	fput(kept->file);
}
