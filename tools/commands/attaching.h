/* SPDX-License-Identifier: GPL-2.0-only */
/* From an image and options to an attached device; every failure is reported. */
#ifndef RELOOP_ATTACHING_H
#define RELOOP_ATTACHING_H

#include "commands/attach_options.h"
#include "lib/dev.h"

/* What all attachments of one run of the command have in common. */
struct attaching {
	char prefix[DEV_PREFIX_MAX];
	uint32_t flags;			/* RELOOP_ATTACH_* in addition to the options' */
	int control;
	bool needs_partitions;		/* partition nodes must exist for an attach to succeed */
	unsigned int *before;		/* the devices that existed at the beginning */
	size_t count;
};

struct attachment {
	struct dev dev;
	const char *path;		/* of the image, as given */
	const char *created;		/* the name of a file that was made, or NULL */
	int lock_fd;			/* of that file, until it is kept */
	struct stat image;
	unsigned int reason;		/* enum reloop_reason: why it is read-only */
	uint64_t asked_sector;		/* the sector size asked for; 0: the module's choice */
	bool is_read_only;
	bool has_made_nodes;
};

/* A function that returns a status has reported any failure. */

/*
 * @path: what to name when it fails. attaching_end() undoes this, and with that, whatever has an
 * owner is detached.
 */
int attaching_begin(struct attaching *attaching, uint32_t flags, const char *path);
void attaching_end(struct attaching *attaching);

/*
 * A failure leaves nothing behind, nor does a signal: from the point where one would, the signals
 * of lib/signals.h are held, and they are still held when this returns, whatever it returns.
 */
int attaching_attach(const struct attaching *attaching, const char *path,
		     struct attachment *attachment);

/*
 * A device without a node is of no use to anybody; who makes them may take a moment. Those that
 * attaching_attach() waits for, of what somebody else has attached.
 */
int attaching_provide_nodes(const struct attaching *attaching, const char *path,
			    struct attachment *attachment);

/*
 * Detaches what has an owner, with the nodes that were made for it, as attaching_end() does without
 * waiting. Returns -errno: -ETIMEDOUT when somebody still has it open.
 */
int attaching_finish(const struct attaching *attaching, const struct attachment *attachment);

/*
 * The same for a caller that has other things to wait for: the first asks the device to go, which
 * its users may delay; the second removes the nodes that were made for it, once it has gone.
 */
void attaching_let_go(const struct attaching *attaching, const struct attachment *attachment);
void attaching_clear(const struct attaching *attaching, const struct attachment *attachment);

/* It will not be undone, so others may lock a file that was made. */
void attaching_keep(struct attachment *attachment);

/* Undoes it as if attaching_attach() had failed. */
void attaching_undo(const struct attaching *attaching, struct attachment *attachment);

#endif
