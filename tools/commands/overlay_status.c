// SPDX-License-Identifier: GPL-2.0-only
#include "commands/overlay_status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/overlay_file.h"
#include "lib/find.h"
#include "lib/identity.h"
#include "lib/locks.h"
#include "lib/size.h"
#include "words/json.h"
#include "words/report.h"
#include "words/text.h"

struct status {
	const char *path;
	const struct overlay *overlay;
	struct overlay_usage usage;
	const char *base_state;		/* as JSON has it */
	const char *state;
	char used_by[DEV_PATH_MAX + 32];
};

static const char *state_of_base(const struct status *status)
{
	const struct qcow2_header *header = &status->overlay->header;
	struct qcow2_note now;
	char *path;
	int err;

	path = identity_path(status->path, header->base);
	err = path ? overlay_look_at_base(path, &now) : -ENOMEM;
	free(path);
	if (err == -ENOENT || err == -ENOTDIR)
		return "missing";
	if (err || !header->has_note)
		return "unknown";
	/* The base is neither the old nor the new one. */
	if (header->note.state == RELOOP_QCOW2_COMMITTING)
		return "committing";
	if (!identity_fits(&header->note, &now))
		return "changed";
	/* Another block device of its size fits as well, and so does one that was written to. */
	return now.base_inode ? "unchanged" : "unknown";
}

static void find_user(struct status *status, const struct image *image)
{
	struct dev dev;
	int use = dev_find_user(&image->st, &dev);

	if (use == DEV_USE_READS || use == DEV_USE_WRITES)
		snprintf(status->used_by, sizeof(status->used_by), "%s", dev.path);
	else if (use <= DEV_USE_NONE && locks_are_held(image->fd))
		strcpy(status->used_by, "another program");
}

static void print_size(const char *what, uint64_t bytes)
{
	char text[SIZE_TEXT_MAX];

	size_format(bytes, text);
	printf("%-10s %s (%" PRIu64 " bytes)\n", what, text, bytes);
}

static void print_human(const struct status *status)
{
	const struct overlay *overlay = status->overlay;

	print_size("size", overlay->header.size);
	print_size("written", status->usage.written);
	print_size("zeroed", status->usage.zeroed);
	fputs("base       ", stdout);
	text_print(stdout, overlay->header.base);
	printf("\nbase is    %s\nstate      %s\nlayout     %s\n", status->base_state,
	       status->state, overlay->header.is_linear ? "linear" :
	       status->usage.placeless ? "not linear, can only be read" : "not linear");
	if (*status->used_by)
		printf("in use by  %s\n", status->used_by);
}

static void print_json(const struct status *status)
{
	const struct overlay *overlay = status->overlay;
	struct json json;

	json_begin(&json, stdout);
	json_text(&json, "file", status->path);
	json_number(&json, "size", overlay->header.size);
	json_number(&json, "written", status->usage.written);
	json_number(&json, "zeroed", status->usage.zeroed);
	json_text(&json, "base", overlay->header.base);
	json_text(&json, "base_is", status->base_state);
	json_text(&json, "state", status->state);
	json_flag(&json, "linear", overlay->header.is_linear);
	json_flag(&json, "writable", !status->usage.placeless);
	json_text(&json, "used_by", status->used_by);
	json_end(&json);
}

/* An unknown state is not clean; neither is it to the kernel. */
static const char *words_of_state(uint32_t state)
{
	switch (state) {
	case RELOOP_QCOW2_CLEAN:
		return "clean";
	case RELOOP_QCOW2_COMMITTING:
		return "committing";
	case RELOOP_QCOW2_COMMITTED:
		return "committed";
	default:
		return "resetting";
	}
}

int overlay_print_status(const char *path, bool as_json)
{
	struct status status = { .path = path };
	struct overlay overlay;
	struct image image;
	int err = image_open(&image, path, true);

	if (err)
		return overlay_refuse(path, "looked at", err);
	err = overlay_load(&overlay, image.fd);
	if (!err)
		err = overlay_verify(&overlay, &status.usage);
	status.overlay = &overlay;
	status.state = words_of_state(overlay.header.note.state);
	if (!err) {
		status.base_state = state_of_base(&status);
		find_user(&status, &image);
		(as_json ? print_json : print_human)(&status);
	}
	image_close(&image);
	return err ? overlay_refuse(path, "looked at", err) : STATUS_OK;
}
