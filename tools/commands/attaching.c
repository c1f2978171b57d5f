// SPDX-License-Identifier: GPL-2.0-only
#include "commands/attaching.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands/checks.h"
#include "commands/leftovers.h"
#include "commands/refusal.h"
#include "commands/source.h"
#include "lib/attributes.h"
#include "lib/bind.h"
#include "lib/deadline.h"
#include "lib/find.h"
#include "lib/nodes.h"
#include "lib/progress.h"
#include "lib/signals.h"
#include "lib/spawn.h"
#include "words/explain.h"
#include "words/reason.h"

#define DETACH_WAIT_MS 5000

/* The words of the attribute. */
static const char *const format_names[] = {
	[RELOOP_FORMAT_RAW] = "raw",
	[RELOOP_FORMAT_OVERLAY] = "overlay",
	[RELOOP_FORMAT_VOLATILE] = "volatile",
};

/* Likewise; the option has been checked. */
static const char *const cache_names[] = {
	[RELOOP_CACHE_BUFFERED] = "buffered",
	[RELOOP_CACHE_DIRECT] = "direct",
	[RELOOP_CACHE_AUTO] = "auto",
	[RELOOP_CACHE_DONTCACHE] = "dontcache",
};

/* What can bypass the page cache does, unless told otherwise. */
static uint32_t cache_wanted(void)
{
	const char *wanted = attach_options.cache;
	uint32_t cache = RELOOP_CACHE_BUFFERED;

	if (attach_options.direct_io)
		return RELOOP_CACHE_BUFFERED;
	if (!wanted)
		return RELOOP_CACHE_AUTO;
	while (strcmp(cache_names[cache], wanted))
		cache++;
	return cache;
}

static void fill_request(const struct attaching *attaching, const struct source *source,
			 uint64_t sector_bytes, int number, struct reloop_attach *request)
{
	const struct attach_options *options = &attach_options;
	bool ignore_flush = options->flush && !strcmp(options->flush, "ignore");
	bool any_base = options->force_base && source->is_overlay;

	*request = (struct reloop_attach) {
		.flags = attaching->flags | RELOOP_ATTACH_UNSHARED |
			 (options->read_only ? RELOOP_ATTACH_READ_ONLY : 0) |
			 (options->partscan ? RELOOP_ATTACH_PARTSCAN : 0) |
			 (options->direct_io ? RELOOP_ATTACH_DIRECT_IO : 0) |
			 (options->is_private ? RELOOP_ATTACH_PRIVATE : 0) |
			 (ignore_flush ? RELOOP_ATTACH_FLUSH_IGNORE : 0) |
			 (any_base ? RELOOP_ATTACH_ANY_BASE : 0),
		.fd = source->image.fd,
		.number = number,
		.block_size = sector_bytes,
		.offset = options->offset,
		.size_limit = options->size_limit,
		.nospace = options->nospace_seconds,
		.cache = cache_wanted(),
	};
	if (source->is_overlay) {
		request->format = RELOOP_FORMAT_OVERLAY;
		request->base_fd = source->base.fd;
	} else if (source->side >= 0) {
		request->format = RELOOP_FORMAT_VOLATILE;
		request->base_fd = source->side;
	}
	if (options->label)
		strcpy(request->label, options->label);
}

/* Warns of what the user did not quite get. */
static void warn(const struct image *image, const struct reloop_attach *answer)
{
	uint64_t rest = checks_used_length(image) % answer->block_size;

	if (rest)
		report_warning("%s: the last %" PRIu64 " bytes are out of reach: "
			       "they do not fill a sector of %u", image->path, rest,
			       answer->block_size);
	if (attach_options.direct_io && !(answer->flags & RELOOP_ATTACH_DIRECT_IO))
		report_warning("%s: attached without direct I/O: its file system, its offset or "
			       "its sector size does not allow it", image->path);
	if (answer->reason && !attach_options.read_only)
		report_warning("%s: attached read-only: %s", image->path,
			       reason_words(answer->reason));
}

/* Waits until udev has handled all events. Without udev there is nothing to wait for. */
static int wait_for_udev(const char *path, uint64_t deadline)
{
	char timeout[32], said[128];
	const char *const argv[] = { "udevadm", "settle", timeout, NULL };
	uint64_t left = deadline_left(deadline);
	int status;

	progress_begin("waiting for udev");
	progress_show();
	snprintf(timeout, sizeof(timeout), "--timeout=%" PRIu64, (left + 999) / 1000);
	status = spawn(argv, said, sizeof(said));
	progress_end();
	if (!status || status == SPAWN_NO_COMMAND || signals_came())
		return STATUS_OK;
	return not_attached_by(-ETIMEDOUT, path, "udev is still busy; give it more --timeout");
}

int attaching_provide_nodes(const struct attaching *attaching, const char *path,
			    struct attachment *attachment)
{
	const struct dev *dev = &attachment->dev;
	bool needs_all = attaching->needs_partitions || attach_options.wait;
	uint64_t deadline = deadline_ms(attach_options.wait_ms);
	char node[DEV_NODE_MAX];
	int err = 0;

	progress_begin("waiting for the nodes of %s", dev->path);
	dev_node(dev, 0, node);
	if (attach_options.nodes)
		err = nodes_make(attaching->control, dev, &attachment->has_made_nodes, node);
	if (!err)
		err = needs_all ? nodes_wait_for_all(dev, deadline, node) :
				  nodes_wait_for(dev, 0, deadline);
	progress_end();
	if (err)
		return refuse_node(path, node, err);
	return attach_options.wait ? wait_for_udev(path, deadline) : STATUS_OK;
}

static int check_signals(const char *path)
{
	if (!signals_came())
		return STATUS_OK;
	return not_attached(path, "a signal came; try again");
}

static bool was_there(const struct attaching *attaching, const struct dev *dev)
{
	for (size_t i = 0; i < attaching->count; i++)
		if (attaching->before[i] == dev->number)
			return true;
	return false;
}

/* Uses the control node: the device may have no node of its own. */
static int detach_again(const struct attaching *attaching, const struct attachment *attachment)
{
	const struct dev *dev = &attachment->dev;
	int err = bind_detach_own(attaching->control, dev, DETACH_WAIT_MS);
	bool is_removed = (!err || bind_is_lost(err)) && !was_there(attaching, dev);

	if (is_removed && (attaching->flags & RELOOP_ATTACH_OWNER))
		bind_wait_removed(dev);
	else if (is_removed)
		bind_remove(attaching->control, dev);
	if (err == -ETIMEDOUT && attachment->has_made_nodes)
		leftovers_report_nodes(dev);
	else if (err != -ETIMEDOUT && attach_options.nodes)
		leftovers_remove(attaching->control, dev, true);
	return err;
}

/* A process that uses a file made here, without asking for the lock, needs the file's name. */
static int keep_used(struct source *source, int status)
{
	if (status == STATUS_BUSY)
		source->created = NULL;
	return status;
}

static int refuse_locked(const struct attaching *attaching, struct source *source, int err)
{
	const struct image *image = &source->image;
	int status = checks_not_attached_yet(image, attaching->prefix);

	return keep_used(source, status == STATUS_OK ? refuse_image(image->path, err) : status);
}

static int refuse_user(const struct attaching *attaching, struct source *source,
		       const struct reloop_attach *request)
{
	struct dev dev;

	dev_name(&dev, attaching->prefix, request->user);
	if (request->reason == RELOOP_REASON_BASE_ATTACHED)
		return refuse_used(source->base.path, request->reason, &dev);
	return keep_used(source, refuse_used(source->image.path, request->reason, &dev));
}

/* Without a reason the device is busy, or an overlay that is just being attached elsewhere. */
static int refuse_busy(const struct attaching *attaching, struct source *source, int number)
{
	const char *path = source->image.path;
	struct dev dev;

	dev_name(&dev, attaching->prefix, number);
	if (number >= 0 && dev_read(&dev) != -ENXIO)
		return refuse_device(path, attaching->prefix, &dev, -EBUSY);
	if (dev_find_user(&source->image.st, &dev) > DEV_USE_NONE)
		return keep_used(source, refuse_bind(path, 0, -EBUSY));
	return refuse_bind(path, 0, -EBUSY);
}

static int refuse(const struct attaching *attaching, struct source *source,
		  const struct reloop_attach *request, int err)
{
	const char *path = source->image.path;

	if (request->user >= 0)
		return refuse_user(attaching, source, request);
	if (request->reason)
		return refuse_reason(path, request->reason);
	return err == -EBUSY ? refuse_busy(attaching, source, request->number) :
	       refuse_bind(path, request->block_size, err);
}

static int attach(const struct attaching *attaching, struct source *source,
		  uint64_t sector_bytes, struct attachment *attachment)
{
	const struct image *image = &source->image;
	struct reloop_attach request;
	struct dev *dev = &attachment->dev;
	int number, status, err;

	status = checks_device(attaching->prefix, image->path, &number);
	if (status != STATUS_OK)
		return status;
	err = source_lock(source);
	if (err)
		return refuse_locked(attaching, source, err);

	fill_request(attaching, source, sector_bytes, number, &request);
	signals_hold();
	err = bind_attach(attaching->control, &request);
	if (err)
		return refuse(attaching, source, &request, err);
	/* The kernel has it now, and tells others so. But what was made may have to go again. */
	if (!source->created)
		image_unlock(&source->image);
	dev_name(dev, attaching->prefix, request.number);
	dev->sequence = request.diskseq;
	dev->attach_time = time(NULL);
	dev->creator_pid = getpid();
	if (attaching->flags & RELOOP_ATTACH_OWNER)
		bind_identify(dev);
	strcpy(dev->format, format_names[request.format]);
	if (request.flags & RELOOP_ATTACH_FLUSH_IGNORE)
		strcpy(dev->flush, "ignore");
	attachment->is_read_only = request.flags & RELOOP_ATTACH_READ_ONLY;
	attachment->reason = request.reason;
	attachment->asked_sector = sector_bytes;

	status = attaching_provide_nodes(attaching, image->path, attachment);
	if (status == STATUS_OK)
		status = check_signals(image->path);
	if (status != STATUS_OK) {
		detach_again(attaching, attachment);
		return status;
	}
	warn(image, &request);
	checks_warn(&source->found, source_content(source), request.block_size);
	return STATUS_OK;
}

static int check_and_attach(const struct attaching *attaching, struct source *source,
			    struct attachment *attachment)
{
	uint64_t sector_bytes = checks_sector_size(source_content(source));
	int status = checks_range(&source->image, sector_bytes);

	checks_forget(source_content(source), &source->found);
	return status == STATUS_OK ? attach(attaching, source, sector_bytes, attachment) : status;
}

int attaching_attach(const struct attaching *attaching, const char *path,
		     struct attachment *attachment)
{
	struct source source;
	int status = source_open(&source, path);

	if (status != STATUS_OK)
		return status;
	*attachment = (struct attachment) {
		.path = path,
		.created = source.created,
		.image = source.image.st,
		.lock_fd = -1,
	};
	status = check_and_attach(attaching, &source, attachment);
	if (status != STATUS_OK)
		source_unlink(&source);
	if (status == STATUS_OK && source.created) {
		attachment->lock_fd = source.image.lock_fd;
		source.image.lock_fd = -1;
	}
	source_close(&source);
	return status;
}

int attaching_finish(const struct attaching *attaching, const struct attachment *attachment)
{
	return detach_again(attaching, attachment);
}

void attaching_let_go(const struct attaching *attaching, const struct attachment *attachment)
{
	bind_detach_own(attaching->control, &attachment->dev, 0);
}

void attaching_clear(const struct attaching *attaching, const struct attachment *attachment)
{
	if (!attach_options.nodes)
		return;
	if (!was_there(attaching, &attachment->dev))
		bind_wait_removed(&attachment->dev);
	leftovers_remove(attaching->control, &attachment->dev, true);
}

void attaching_keep(struct attachment *attachment)
{
	if (attachment->lock_fd >= 0)
		close(attachment->lock_fd);
	attachment->lock_fd = -1;
}

void attaching_undo(const struct attaching *attaching, struct attachment *attachment)
{
	if (attachment->created)
		image_unlink(attachment->created, &attachment->image);
	detach_again(attaching, attachment);
	attaching_keep(attachment);
}

/*
 * Loads the module as the kernel does for /dev/loop-control, unless the administrator has ruled
 * that out. While somebody else loads it, it does not know its names yet; modprobe waits for that.
 */
static int find_or_load_module(char *prefix)
{
	const char *const argv[] = { "modprobe", "--quiet", "--use-blacklist", "reloop", NULL };
	int err = dev_prefix(prefix);
	char said[128];

	if (geteuid() || (err && err != -ENOPKG) || (!err && !dev_module_is_coming()))
		return err;
	return spawn(argv, said, sizeof(said)) ? err : dev_prefix(prefix);
}

int attaching_begin(struct attaching *attaching, uint32_t flags, const char *path)
{
	int err = find_or_load_module(attaching->prefix);

	attaching->flags = flags;
	attaching->needs_partitions = false;
	if (!err)
		err = dev_numbers(attaching->prefix, &attaching->before, &attaching->count);
	if (err)
		return not_attached_by(err, path, "%s", explain_module(err));
	attaching->control = bind_open_control(attaching->prefix);
	if (attaching->control >= 0)
		return STATUS_OK;
	free(attaching->before);
	return not_attached_by(attaching->control, path, "/dev/%s" RELOOP_NAMES_CONTROL ": %s",
			       attaching->prefix, explain_control(attaching->control));
}

void attaching_end(struct attaching *attaching)
{
	close(attaching->control);
	free(attaching->before);
}
