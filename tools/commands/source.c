// SPDX-License-Identifier: GPL-2.0-only
#include "commands/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/attach_options.h"
#include "commands/refusal.h"
#include "lib/find.h"
#include "lib/locks.h"
#include "lib/nameless.h"
#include "lib/overlay.h"
#include "lib/operand.h"
#include "lib/overlay_make.h"
#include "lib/progress.h"
#include "lib/signals.h"

#define TRIES 3		/* to find a file that others make and remove */

/* @image is not filled in if its server has not answered. */
static int refuse(const struct image *image, const char *path, int err)
{
	return err == -EMEDIUMTYPE ? refuse_type(image) : refuse_image(path, err);
}

/*
 * A process that opens a file on a server that does not answer can only be killed while signals are
 * held, which they are if there is something to undo: so a child asks first, and not forever.
 * Before the first file is made they are not held yet, and any signal ends the wait.
 */
static int ask_server(const char *path)
{
	struct operand operand;

	if (!signals_are_held())
		return 0;
	operand_look(&operand, path);
	return operand.err == -ETIMEDOUT ? -ETIMEDOUT : 0;
}

static int open_existing(struct image *image, const char *path, bool is_read_only)
{
	int err = ask_server(path);

	return err ? err : image_open(image, path, is_read_only);
}

static int open_and_lock(struct image *image, const char *path, bool is_read_only)
{
	int err = open_existing(image, path, is_read_only);

	if (err)
		return err;
	progress_begin("waiting for the lock of %s", path);
	err = image_lock(image, is_read_only);
	progress_end();
	if (err)
		image_close(image);
	return err;
}

/* A file that its maker has removed again counts as never made. */
static int open_to_attach(struct image *image, const char *path)
{
	int err = -ESTALE;

	for (int i = 0; i < TRIES && err == -ESTALE; i++)
		err = open_and_lock(image, path, attach_options.read_only);
	return err;
}

/* A file made there must be removed again, whatever comes. */
static int begin_making(const char *path)
{
	struct stat st;
	int err = ask_server(path);

	if (!err && !signals_are_held()) {
		stat(path, &st);
		signals_hold();
	}
	return err;
}

static int open_image(struct source *source, const char *path)
{
	const struct attach_options *options = &attach_options;
	int err;

	if (options->create == CREATE_NOT) {
		err = open_to_attach(&source->image, path);
		return err ? refuse(&source->image, path, err) : STATUS_OK;
	}
	err = begin_making(path);
	if (err)
		return refuse_image(path, err);
	progress_begin("allocating %s", path);
	err = image_create(&source->image, path, options->create, options->preallocate,
			   options->read_only);
	progress_end();
	source->created = path;
	return err ? refuse(&source->image, path, err) : STATUS_OK;
}

static int check_no_writer(const struct image *base)
{
	struct dev dev;
	int use = dev_find_user(&base->st, &dev);

	if (use < 0)
		return refuse_image(base->path, use);
	return use == DEV_USE_WRITES ?
	       refuse_used(base->path, RELOOP_REASON_BASE_ATTACHED, &dev) : STATUS_OK;
}

static int open_base(struct image *base, const char *path)
{
	enum overlay_kind kind = attach_options.overlay_kind;
	int status, err = open_existing(base, path, true);

	if (err)
		return refuse(base, path, err);
	if (!attach_options.force_share)
		err = locks_take_base(base->fd);
	/* For an overlay the kernel checks this at the attach, but not for a copy. */
	if (err || kind == OVERLAY_REFLINK || kind == OVERLAY_AUTO) {
		status = check_no_writer(base);
		if (status != STATUS_OK)
			return status;
	}
	/* What is made from the base records its state: so from here on nobody may write to it. */
	if (!err)
		err = image_look_again(base, true);
	return err ? refuse_image(path, err) : STATUS_OK;
}

static int refuse_made(const char *what, int err)
{
	switch (err) {
	case -ERANGE:
		return not_attached(what, "an overlay has to have 512 bytes and at most 16 TiB; "
				    "attach the image itself");
	case -ENAMETOOLONG:
		return not_attached(what, "the base's name is too long for its header; "
				    "make that shorter");
	case -EEXIST:
		return not_attached_by(err, what, "it is there already; give another name, or "
				       "for an overlay that is to be used again: --overlay FILE");
	case -EOPNOTSUPP:
		return not_attached(what, "it cannot share blocks with its base: they need one file "
				    "system that can, as XFS or btrfs; use --overlay FILE");
	case -ENOSPC:
		return not_attached(what, "there is not enough space for it; free some");
	case -EFBIG:
		return not_attached(what, "its file system, or ulimit -f, does not let a file become "
				    "so large; put it elsewhere, or raise that");
	default:
		return refuse_image(what, err);
	}
}

static void warn_of_rest(const struct image *base)
{
	if (base->size % 512)
		report_warning("%s: the last %" PRIu64 " bytes are out of reach: "
			       "they do not fill a sector of 512", base->path, base->size % 512);
}

static int make_overlay(struct source *source, const char *path)
{
	int err = begin_making(path);

	if (!err)
		err = overlay_make(&source->image, path, &source->base, 0, false);
	if (err)
		return err;
	source->created = path;
	warn_of_rest(&source->base);
	return 0;
}

/* The target of a link that leads to nothing is not made. */
static bool is_to_make(const char *path, int err)
{
	struct stat st;

	return err == -ENOENT && lstat(path, &st);
}

/* It would be read while it is written. */
static bool is_own_base(const struct source *source)
{
	return image_is_same(&source->image.st, &source->base.st);
}

/* Somebody else may make it after it was not found and before it is made here. */
static int open_or_make_overlay(struct source *source, const char *path)
{
	int err;

	for (int i = 0; i < TRIES; i++) {
		err = open_to_attach(&source->image, path);
		if (!err && is_own_base(source))
			return not_attached(path, "it would be its own base; give --overlay "
					    "another file");
		if (!err)
			return STATUS_OK;
		if (!is_to_make(path, err))
			return refuse(&source->image, path, err);
		err = make_overlay(source, path);
		if (err != -EEXIST)
			break;
	}
	return err ? refuse_made(path, err) : STATUS_OK;
}

static int refuse_nameless(const char *directory, const char *what, int err)
{
	return err == -ENOENT ? not_attached_by(err, directory, "there is no such directory for "
						"%s; make it, or set TMPDIR", what) :
	       refuse_made(directory, err);
}

/* It goes with the device. */
static int make_temporary(struct source *source)
{
	const char *directory = source->base.path;
	int err = overlay_make_nameless(&source->image, &directory, &source->base);

	if (err)
		return refuse_nameless(directory, "overlays", err);
	/* There is no better name for it. */
	source->image.path = source->base.path;
	warn_of_rest(&source->base);
	return STATUS_OK;
}

static int make_clone(struct source *source, const char *path, bool or_overlay)
{
	int err = begin_making(path);

	if (!err)
		err = overlay_make_clone(&source->image, path, &source->base);
	if (err == -EOPNOTSUPP && or_overlay) {
		report_note("%s: an overlay of %s", path, source->base.path);
		err = make_overlay(source, path);
		return err ? refuse_made(path, err) : STATUS_OK;
	}
	if (err)
		return refuse_made(path, err);
	if (or_overlay)
		report_note("%s: a copy of %s that shares its blocks", path, source->base.path);
	source->created = path;
	source->is_overlay = false;
	return STATUS_OK;
}

static int open_over(struct source *source)
{
	const struct attach_options *options = &attach_options;

	source->is_overlay = true;
	switch (options->overlay_kind) {
	case OVERLAY_TEMPORARY:
		return make_temporary(source);
	case OVERLAY_REFLINK:
		return make_clone(source, options->overlay_file, false);
	case OVERLAY_AUTO:
		return make_clone(source, options->overlay_file, true);
	default:
		return open_or_make_overlay(source, options->overlay_file);
	}
}

static int measure(struct source *source)
{
	struct overlay overlay;
	int err = overlay_load(&overlay, source->image.fd);

	source->image.size = overlay.header.size;
	if (err == -EMEDIUMTYPE)
		return refuse_type(&source->image);
	return err > 0 ? refuse_reason(source->image.path, err) :
	       err ? refuse_image(source->image.path, err) : STATUS_OK;
}

/* Holds what is written to the image until it is flushed; as large as the image, and empty. */
static int open_side(struct source *source)
{
	const char *directory;
	int fd = nameless_open(&directory);

	if (fd < 0)
		return refuse_nameless(directory, "what is not flushed", fd);
	source->side = fd;
	return ftruncate(fd, source->image.size) ? refuse_made(directory, -errno) : STATUS_OK;
}

/* A process that waits for a dead disk can be stopped only if there is nothing to undo. */
static void look(struct source *source, const struct image *content)
{
	if (!signals_are_held())
		checks_look(content, &source->found);
}

static int open_raw(struct source *source, const char *path)
{
	int status = open_image(source, path);

	if (status == STATUS_OK)
		look(source, &source->image);
	return status == STATUS_OK && attach_options.is_volatile ? open_side(source) : status;
}

static int open_all(struct source *source, const char *path)
{
	int status;

	if (attach_options.overlay_kind == OVERLAY_NONE)
		return open_raw(source, path);
	status = open_base(&source->base, path);
	if (status == STATUS_OK)
		look(source, &source->base);
	if (status == STATUS_OK)
		status = open_over(source);
	return status == STATUS_OK && source->is_overlay ? measure(source) : status;
}

int source_open(struct source *source, const char *path)
{
	int status;

	*source = (struct source) {
		.image = { .fd = -1, .lock_fd = -1 }, .base = { .fd = -1, .lock_fd = -1 },
		.side = -1,
	};
	status = open_all(source, path);
	if (status != STATUS_OK) {
		if (source->image.fd >= 0)
			source_unlink(source);
		source_close(source);
	}
	return status;
}

const struct image *source_content(const struct source *source)
{
	return source->is_overlay ? &source->base : &source->image;
}

int source_lock(const struct source *source)
{
	const struct attach_options *options = &attach_options;
	const struct image *image = &source->image;

	if (options->force_share)
		return 0;
	if (!source->is_overlay)
		return locks_take_raw(image->fd, options->read_only);
	return options->read_only ? locks_take_base(image->fd) : locks_take_alone(image->fd);
}

void source_unlink(const struct source *source)
{
	if (source->created)
		image_unlink(source->created, &source->image.st);
}

void source_close(struct source *source)
{
	image_close(&source->image);
	image_close(&source->base);
	if (source->side >= 0)
		close(source->side);
}
