// SPDX-License-Identifier: GPL-2.0-only
#include "words/reason.h"

#include <errno.h>
#include <stddef.h>

#include "../include/uapi/reloop.h"

#define CONVERT "; convert it, see FOREIGN OVERLAYS in reloop(8)"
#define DAMAGED "; look what can be saved with: qemu-img check"

static const char *const words[] = {
	[RELOOP_REASON_NOT_QCOW2] = "it is no overlay, it does not begin as a qcow2 image does; "
		"make one with: reloop overlay create",
	[RELOOP_REASON_VERSION] = "it is a qcow2 image of another version than 3" CONVERT,
	[RELOOP_REASON_HEADER] = "its header contradicts itself" DAMAGED,
	[RELOOP_REASON_DIRTY] = "a program ended while it wrote to it; "
		"mend it with: qemu-img check -r leaks",
	[RELOOP_REASON_CORRUPT] = "a program has found it damaged" DAMAGED,
	[RELOOP_REASON_EXTERNAL_DATA] = "its data is in another file" CONVERT,
	[RELOOP_REASON_FEATURE] = "it has a feature that is not known here" CONVERT,
	[RELOOP_REASON_STANDARD_L2] = "it is a qcow2 image without extended L2 entries" CONVERT,
	[RELOOP_REASON_CLUSTER] = "its clusters are not of 128 KiB" CONVERT,
	[RELOOP_REASON_ENCRYPTED] = "it is encrypted" CONVERT,
	[RELOOP_REASON_SNAPSHOTS] = "it has snapshots inside; "
		"delete them with: qemu-img snapshot -d NAME",
	[RELOOP_REASON_SIZE] = "its size is 0, no multiple of 512 or too large" CONVERT,
	[RELOOP_REASON_REFCOUNTS] = "its refcounts are not of 16 bits" CONVERT,
	[RELOOP_REASON_TABLE] = "one of its tables lies where it cannot" DAMAGED,
	[RELOOP_REASON_CLUSTERS] = "a cluster of it lies outside of the file, "
		"or where another one does" DAMAGED,
	[RELOOP_REASON_COMPRESSED] = "a cluster of it is compressed" CONVERT,
	[RELOOP_REASON_PIECES] = "a piece of it is data and zero at once" DAMAGED,
	[RELOOP_REASON_SHORT] = "the file ends before the overlay does; it has been cut off",
	[RELOOP_REASON_COMMITTING] = "a commit of it has been interrupted, or a reset; "
		"end that first, by: reloop overlay commit FILE, or reset",
	[RELOOP_REASON_BASE_CHANGED] = "its base is not as it was when the overlay was made, "
		"which may have ruined it; give the base it was made for, or see: "
		"reloop overlay status",
	[RELOOP_REASON_BASE_BUSY] = "its base is open for writing; end that first",
	[RELOOP_REASON_BASE_KIND] = "its base is neither a file nor a block device, "
		"or the overlay itself; give another",
	[RELOOP_REASON_BASE_SIZE] = "its base is smaller than the overlay and no multiple of 512 "
		"bytes large; lengthen it with: truncate",
	[RELOOP_REASON_NO_BASE] = "it names no base, so it is no overlay but a whole disk; "
		"convert it to a raw image with: qemu-img convert -O raw",
	[RELOOP_REASON_BASE_FORMAT] = "its base is no raw image, it says; "
		"convert that, and then it, see FOREIGN OVERLAYS in reloop(8)",
	[RELOOP_REASON_NO_PLACE] = "not each of its clusters has a place, "
		"so it can only be read" CONVERT,
	[RELOOP_REASON_CACHE] = "this --cache is not possible with this image, sector size, offset "
		"and kernel; give another, or leave it out",
};

const char *reason_words(unsigned int reason)
{
	return reason < sizeof(words) / sizeof(words[0]) ? words[reason] : NULL;
}

int reason_error(unsigned int reason)
{
	switch (reason) {
	case RELOOP_REASON_COMMITTING:
		return -EBUSY;
	case RELOOP_REASON_BASE_CHANGED:
		return -ESTALE;
	case RELOOP_REASON_BASE_BUSY:
		return -ETXTBSY;
	default:
		return -EINVAL;
	}
}
