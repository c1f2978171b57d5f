// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/overlay_file.h"
#include "commands/overlay_status.h"
#include "lib/identity.h"
#include "lib/overlay_change.h"
#include "lib/overlay_make.h"
#include "lib/progress.h"
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

static int create(const char *path, const char *base_path)
{
	uint64_t size = wanted_size == SIZE_OF_BASE ? 0 : wanted_size, rest;
	struct image overlay, base;
	int err, status = overlay_open_base(&base, base_path, false, path, "made");

	if (status != STATUS_OK)
		return status;
	rest = base.size % 512;
	err = wanted_size ? overlay_make(&overlay, path, &base, size) : -ERANGE;
	image_close(&base);
	if (err)
		return overlay_refuse(path, "made", err);
	image_close(&overlay);
	if (rest && !size)
		report_warning("%s: the last %" PRIu64 " bytes of its base are out of reach: "
			       "they do not fill a sector of 512", path, rest);
	return STATUS_OK;
}

/* Of what is interrupted by a signal, the next run does the rest. */
static int commit_into(struct overlay_file *file, const char *path, const char *base_path)
{
	const struct qcow2_note *note = &file->overlay.header.note;
	bool is_begun = file->overlay.header.has_note && note->state != RELOOP_QCOW2_CLEAN;
	struct qcow2_note now;
	struct image base;
	int err, status = overlay_open_base(&base, base_path, true, path, file->verb);

	if (status != STATUS_OK)
		return status;
	identity_of(&base.st, base.size, &now);
	if (base.st.st_dev == file->image.st.st_dev && base.st.st_ino == file->image.st.st_ino)
		err = RELOOP_REASON_BASE_KIND;
	else if (S_ISBLK(base.st.st_mode) && base.size < file->overlay.header.size)
		err = -ENOSPC;
	else if (is_begun ? now.base_inode != note->base_inode :
		 file->overlay.header.has_note && !identity_fits(note, &now))
		err = RELOOP_REASON_BASE_CHANGED;
	else
		err = 0;
	if (!err) {
		progress_begin("copying %s to %s", path, base_path);
		err = overlay_commit(&file->overlay, &base,
				     file->usage.written + file->usage.zeroed);
		progress_end();
	}
	image_close(&base);
	return err ? overlay_refuse(path, file->verb, err) : STATUS_OK;
}

static int commit(const char *path)
{
	struct overlay_file file;
	char *base;
	int status = overlay_file_open(&file, path, "committed");

	if (status != STATUS_OK)
		return status;
	base = identity_path(path, file.overlay.header.base);
	status = base ? commit_into(&file, path, base) : overlay_refuse(path, file.verb, -ENOMEM);
	free(base);
	overlay_file_close(&file);
	return status;
}

/* What a commit has begun must come to its end, as long as there is something to end it with. */
static bool is_committing(const struct overlay_file *file)
{
	return file->overlay.header.has_note &&
	       file->overlay.header.note.state == RELOOP_QCOW2_COMMITTING;
}

static int reset(const char *path)
{
	struct overlay_file file;
	int err, status = overlay_file_open(&file, path, "reset");

	if (status != STATUS_OK)
		return status;
	err = is_committing(&file) ? RELOOP_REASON_COMMITTING : overlay_reset(&file.overlay);
	overlay_file_close(&file);
	return err ? overlay_refuse(path, file.verb, err) : STATUS_OK;
}

static int rebase_on(struct overlay_file *file, const char *path, const struct image *base)
{
	struct qcow2_header *header = &file->overlay.header;
	struct qcow2_note now;

	identity_of(&base->st, base->size, &now);
	if (base->st.st_dev == file->image.st.st_dev && base->st.st_ino == file->image.st.st_ino)
		return RELOOP_REASON_BASE_KIND;
	if (base->size % 512 && base->size < header->size)
		return RELOOP_REASON_BASE_SIZE;
	if (!force && !(header->has_note && identity_fits_moved(&header->note, &now)))
		return RELOOP_REASON_BASE_CHANGED;
	header->note = now;
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
	status = overlay_open_base(&base, base_path, false, path, file.verb);
	if (status == STATUS_OK) {
		err = is_committing(&file) ? RELOOP_REASON_COMMITTING :
		      rebase_on(&file, path, &base);
		if (!err)
			err = overlay_write_header(&file.overlay);
		if (err)
			status = overlay_refuse(path, file.verb, err);
		image_close(&base);
	}
	overlay_file_close(&file);
	return status;
}

enum verb { CREATE, STATUS, COMMIT, RESET, REBASE, VERBS };

static const struct {
	const char *name;
	int operands;
} verbs[] = {
	[CREATE] = { "create", 2 },
	[STATUS] = { "status", 1 },
	[COMMIT] = { "commit", 1 },
	[RESET] = { "reset", 1 },
	[REBASE] = { "rebase", 2 },
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
	if (count < verbs[verb].operands)
		return report_usage("overlay", "%s: no %s given; give one", verbs[verb].name,
				    count ? "base" : "file");
	if (count > verbs[verb].operands)
		return report_usage("overlay", "%s: '%s' is too much", verbs[verb].name,
				    operands[verbs[verb].operands]);
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
		return commit(operands[1]);
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
	     "commit FILE        write what it has to its base, as it is named in FILE\n"
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
