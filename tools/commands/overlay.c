// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/overlay_file.h"
#include "commands/overlay_status.h"
#include "lib/follow.h"
#include "lib/identity.h"
#include "lib/overlay_change.h"
#include "lib/overlay_make.h"
#include "lib/progress.h"
#include "lib/signals.h"
#include "words/explain.h"
#include "words/report.h"

#define SIZE_OF_BASE UINT64_MAX

static uint64_t wanted_size = SIZE_OF_BASE;
static bool as_json, force;

static const struct option_row overlay_options[] = {
	{ "size", "SIZE", "create: of this size, instead of the base's", .size = &wanted_size },
	{ "force", NULL, "rebase: on another base than it was made for", .flag = &force },
	{ "json", NULL, "status: print JSON, sizes in bytes", 'J', .flag = &as_json },
	{ 0 }
};

static int refuse_making(const char *path, int err)
{
	return err == -ENOENT ? report_error(err, "%s: not made: " NO_DIRECTORY, path) :
	       overlay_refuse(path, "made", err);
}

static int create(const char *path, const char *base_path)
{
	uint64_t size = wanted_size == SIZE_OF_BASE ? 0 : wanted_size, rest;
	struct image overlay, base;
	struct stat st;
	int err, status = overlay_open_base(&base, base_path, false, path, "made");

	if (status != STATUS_OK)
		return status;
	rest = base.size % 512;
	/* If a server does not answer, wait here, where a signal can still end that. */
	stat(path, &st);
	signals_hold();
	err = wanted_size ? overlay_make(&overlay, path, &base, size, true) : -ERANGE;
	image_close(&base);
	signals_release();
	if (err)
		return refuse_making(path, err);
	image_close(&overlay);
	if (rest && !size)
		report_warning("%s: the last %" PRIu64 " bytes of its base are out of reach: "
			       "they do not fill a sector of 512", path, rest);
	return STATUS_OK;
}

/* A change that has begun must be completed, as long as there is something to complete it with. */
static bool is_in_state(const struct overlay_file *file, enum reloop_qcow2_state state)
{
	return file->overlay.header.has_note && file->overlay.header.note.state == state;
}

/*
 * The state in which a commit leaves the base once begun: written to and, if a file, as large as
 * the overlay. A block device has no inode number here.
 */
static bool is_base_of_commit(const struct qcow2_header *header, const struct qcow2_note *now)
{
	const struct qcow2_note *note = &header->note;

	return now->base_inode == note->base_inode &&
	       (now->base_size == note->base_size ||
		(now->base_inode && now->base_size == header->size));
}

/* This process's own locks would be taken for another program's. */
static bool is_own_base(const struct overlay_file *file, const char *path)
{
	struct stat st;

	return !stat(path, &st) && image_is_same(&st, &file->image.st);
}

static int refuse_full(const struct overlay_file *file, const char *path, const char *base, int err)
{
	return report_error(err, "%s: not %s: %s on its base %s; mend that and run this again, "
			    "until then the base is half of each", path, file->verb,
			    err == -EFBIG ? "its file system, or ulimit -f, lets no file become so "
			    "large" :
			    "there is not enough space", base);
}

/* Returns 0 if it is the base to commit to. */
static int check_base(const struct overlay_file *file, const struct image *base)
{
	const struct qcow2_header *header = &file->overlay.header;
	struct qcow2_note now;

	identity_of(&base->st, base->size, &now);
	if (image_is_same(&base->st, &file->image.st))
		return RELOOP_REASON_BASE_KIND;
	if (S_ISBLK(base->st.st_mode) && base->size < header->size)
		return -EOVERFLOW;
	if (is_in_state(file, RELOOP_QCOW2_COMMITTING))
		return is_base_of_commit(header, &now) ? 0 : RELOOP_REASON_BASE_CHANGED;
	if (is_in_state(file, RELOOP_QCOW2_COMMITTED))
		return identity_fits_moved(&header->note, &now) ? 0 : RELOOP_REASON_BASE_CHANGED;
	return header->has_note && !identity_fits(&header->note, &now) ?
	       RELOOP_REASON_BASE_CHANGED : 0;
}

/* If a signal interrupts it, the next run does the rest. */
static int commit_into(struct overlay_file *file, const char *path, struct image *base)
{
	bool is_of_base = false;
	int err = check_base(file, base);

	if (!err) {
		progress_begin("copying %s to %s", path, base->path);
		err = overlay_commit(&file->overlay, base,
				     file->usage.written + file->usage.zeroed, &is_of_base);
		progress_end();
	}
	image_close(base);
	if (is_of_base && (err == -ENOSPC || err == -EDQUOT || err == -EFBIG))
		return refuse_full(file, path, base->path, err);
	return err ? overlay_refuse(path, file->verb, err) : STATUS_OK;
}

static int commit_to(struct overlay_file *file, const char *path, const char *base_path)
{
	struct image base;
	int status;

	if (is_own_base(file, base_path))
		return overlay_refuse(path, file->verb, RELOOP_REASON_BASE_KIND);
	status = overlay_open_base(&base, base_path, true, path, file->verb);
	return status == STATUS_OK ? commit_into(file, path, &base) : status;
}

/*
 * Another user who made the overlay, or can write to it, may have named a file that only this
 * process can write to. And a name without a note may lead to anything.
 */
static const char *reason_not_to_follow(const struct overlay_file *file)
{
	if (file->image.st.st_uid != geteuid())
		return "it is another user's, who may have named any file as its base";
	if (file->image.st.st_mode & 022)
		return "others may write to it, and have named any file as its base";
	return file->overlay.header.has_note ? NULL : "it has not noted what its base is like";
}

static int refuse_named(const struct overlay_file *file, const char *path, const char *base,
			int err)
{
	switch (err) {
	case -ESTALE:
		return report_error(err, "%s: not %s: another file has come to that name; "
				    "run this again", path, file->verb);
	case -EXDEV:
		return report_error(-EINVAL, "%s: not %s: its base %s is found on another mount, "
				    "by a link, or below a directory, that others could change; "
				    "say which it is: reloop overlay commit FILE BASE", path,
				    file->verb, base);
	default:
		return overlay_refuse_base(path, file->verb, base, err);
	}
}

/* The node of a block device may by now belong to another one of the same size. */
static int refuse_block_device(const struct overlay_file *file, const char *path, const char *base)
{
	return report_error(-EINVAL, "%s: not %s: its base %s is a block device, which may be "
			    "another one by now; say which: reloop overlay commit FILE BASE", path,
			    file->verb, base);
}

/* What has been judged is what is written to, wherever the name leads by then. */
static int commit_to_found(struct overlay_file *file, const char *path, const char *base_path,
			   int found)
{
	struct image base;
	struct stat st;
	int status;

	if (fstat(found, &st))
		return overlay_refuse_base(path, file->verb, base_path, -errno);
	if (image_is_same(&st, &file->image.st))
		return overlay_refuse(path, file->verb, RELOOP_REASON_BASE_KIND);
	if (S_ISBLK(st.st_mode))
		return refuse_block_device(file, path, base_path);
	status = overlay_open_found_base(&base, base_path, found, true, path, file->verb);
	return status == STATUS_OK ? commit_into(file, path, &base) : status;
}

static int commit_to_named(struct overlay_file *file, const char *path)
{
	const char *reason = reason_not_to_follow(file), *name = file->overlay.header.base;
	int found, status;
	char *base;

	if (reason)
		return report_error(-EINVAL, "%s: not %s: %s; say which it is: "
				    "reloop overlay commit FILE BASE", path, file->verb, reason);
	base = identity_path(path, name);
	if (!base)
		return overlay_refuse(path, file->verb, -ENOMEM);
	found = follow_base(path, &file->image.st, name);
	if (found < 0) {
		status = refuse_named(file, path, base, found);
	} else {
		status = commit_to_found(file, path, base, found);
		close(found);
	}
	free(base);
	return status;
}

static int commit(const char *path, const char *base)
{
	struct overlay_file file;
	int status = overlay_file_open(&file, path, "committed");

	if (status != STATUS_OK)
		return status;
	if (is_in_state(&file, RELOOP_QCOW2_RESETTING))
		status = overlay_refuse(path, file.verb, RELOOP_REASON_COMMITTING);
	else
		status = base ? commit_to(&file, path, base) : commit_to_named(&file, path);
	overlay_file_close(&file);
	return status;
}

static int reset(const char *path)
{
	struct overlay_file file;
	int err, status = overlay_file_open(&file, path, "reset");

	if (status != STATUS_OK)
		return status;
	signals_hold();
	err = is_in_state(&file, RELOOP_QCOW2_COMMITTING) ||
	      is_in_state(&file, RELOOP_QCOW2_COMMITTED) ? RELOOP_REASON_COMMITTING :
	      overlay_reset(&file.overlay);
	overlay_file_close(&file);
	signals_release();
	return err ? overlay_refuse(path, file.verb, err) : STATUS_OK;
}

/*
 * A commit that cannot be completed with the base it began with continues with a copy of that base,
 * if one is forced upon it.
 */
static int rebase_on(struct overlay_file *file, const char *path, const struct image *base)
{
	struct qcow2_header *header = &file->overlay.header;
	bool is_begun = is_in_state(file, RELOOP_QCOW2_COMMITTING);
	struct qcow2_note now;

	if (is_in_state(file, RELOOP_QCOW2_RESETTING) ||
	    is_in_state(file, RELOOP_QCOW2_COMMITTED) || (is_begun && !force))
		return RELOOP_REASON_COMMITTING;

	identity_of(&base->st, base->size, &now);
	if (image_is_same(&base->st, &file->image.st))
		return RELOOP_REASON_BASE_KIND;
	if (base->size % 512 && base->size < header->size)
		return RELOOP_REASON_BASE_SIZE;
	if (!force && !header->has_note)
		return -ENODATA;
	if (!force && !identity_fits_moved(&header->note, &now))
		return RELOOP_REASON_BASE_CHANGED;
	header->has_note = true;
	header->note = now;
	if (is_begun)
		header->note.state = RELOOP_QCOW2_COMMITTING;
	memset(header->base, 0, sizeof(header->base));
	return identity_name(path, base->path, &base->st, header->base);
}

static int rebase(const char *path, const char *base_path)
{
	struct overlay_file file;
	struct image base;
	int err, status = overlay_file_open(&file, path, "rebased");

	if (status != STATUS_OK)
		return status;
	status = is_own_base(&file, base_path) ?
		 overlay_refuse(path, file.verb, RELOOP_REASON_BASE_KIND) :
		 overlay_open_base(&base, base_path, false, path, file.verb);
	if (status == STATUS_OK) {
		err = rebase_on(&file, path, &base);
		if (!err)
			err = overlay_write_header(&file.overlay);
		if (err)
			status = overlay_refuse(path, file.verb, err);
		else if (is_in_state(&file, RELOOP_QCOW2_COMMITTING))
			report_note("%s: its commit has not ended; go on with it: "
				    "reloop overlay commit", path);
		image_close(&base);
	}
	overlay_file_close(&file);
	return status;
}

enum verb { CREATE, STATUS, COMMIT, RESET, REBASE, VERBS };

static const struct {
	const char *name;
	int least, most;
} verbs[] = {
	[CREATE] = { "create", 2, 2 },
	[STATUS] = { "status", 1, 1 },
	[COMMIT] = { "commit", 1, 2 },
	[RESET] = { "reset", 1, 1 },
	[REBASE] = { "rebase", 2, 2 },
};

static enum verb find_verb(const char *name)
{
	int i = 0;

	while (i < VERBS && strcmp(verbs[i].name, name))
		i++;
	return i;
}

static int check(enum verb verb, char **operands, int count)
{
	if (count < verbs[verb].least)
		return report_usage("overlay", "%s: no %s given; give one", verbs[verb].name,
				    count ? "base" : "file");
	if (count > verbs[verb].most)
		return report_usage("overlay", "%s: '%s' is too much", verbs[verb].name,
				    operands[verbs[verb].most]);
	for (int i = 0; i < count; i++)
		if (!*operands[i])
			return report_usage("overlay", "%s: a name is empty; give one",
					    verbs[verb].name);
	if ((wanted_size != SIZE_OF_BASE && verb != CREATE) || (force && verb != REBASE) ||
	    (as_json && verb != STATUS))
		return report_usage("overlay", "%s does not take this option", verbs[verb].name);
	return STATUS_OK;
}

static int run_overlay(char **operands, int count)
{
	enum verb verb = count ? find_verb(operands[0]) : VERBS;
	int status;

	if (verb == VERBS)
		return report_usage("overlay", count ? "'%s' cannot be done with one" :
				    "nothing to do; say what%s", count ? operands[0] : "");
	status = check(verb, operands + 1, count - 1);
	if (status != STATUS_OK)
		return status;
	switch (verb) {
	case CREATE:
		return create(operands[1], operands[2]);
	case STATUS:
		return overlay_print_status(operands[1], as_json);
	case COMMIT:
		return commit(operands[1], count > 2 ? operands[2] : NULL);
	case RESET:
		return reset(operands[1]);
	default:
		return rebase(operands[1], operands[2]);
	}
}

static void print_more(void)
{
	puts("\ncreate FILE BASE   make an overlay, which shows BASE and keeps what is written\n"
	     "status FILE        tell what it has, and of which base\n"
	     "commit FILE [BASE] write what it has to BASE, or to the base that FILE names\n"
	     "reset FILE         throw away what it has\n"
	     "rebase FILE BASE   its base has been moved, and is BASE now");
}

const struct command overlay_command = {
	.name = "overlay",
	.operands = "create|status|commit|reset|rebase FILE [BASE]",
	.summary = "Make overlays of a base image, and look after them.",
	.options = overlay_options,
	.help = print_more,
	.run = run_overlay,
};
