// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands/commands.h"
#include "commands/volumes.h"
#include "lib/find.h"
#include "lib/image.h"
#include "lib/kind.h"
#include "lib/sector.h"
#include "lib/size.h"
#include "words/explain.h"
#include "words/json.h"
#include "words/report.h"

#define BLOCK_OF_STAT 512

static bool as_json;

static const struct option_row info_options[] = {
	{ "json", NULL, "print JSON, sizes in bytes", 'J', .flag = &as_json },
	{ 0 }
};

struct info {
	const struct image *image;
	const struct kind *kind;	/* NULL: a raw image */
	uint64_t gpt_sector;		/* 0 without a GPT */
	struct contents contents;
	struct dev *devs;		/* all attached devices */
	size_t count;
};

static const struct explanation info_errors[] = {
	{ -ENOENT, "no such file; check the name" },
	{ -EMEDIUMTYPE, "it is neither a file nor a block device" },
	{ -EACCES, "no permission to read it; needs root: use sudo" },
	{ -ELIBACC, "there is no libblkid.so.1, of util-linux, or it is too old; install it" },
	{ 0 }
};

static void print_size(const char *what, uint64_t bytes)
{
	char text[SIZE_TEXT_MAX];

	size_format(bytes, text);
	printf("%-10s %s (%" PRIu64 " bytes)\n", what, text, bytes);
}

static uint64_t allocated(const struct info *info)
{
	return (uint64_t)info->image->st.st_blocks * BLOCK_OF_STAT;
}

/* Prints a line for each device that has the image in this way. */
static void print_devices(const struct info *info,
			  bool (*has)(const struct dev *dev, const struct stat *st),
			  const char *what)
{
	for (size_t i = 0; i < info->count; i++)
		if (has(&info->devs[i], &info->image->st))
			printf("%-10s %s\n", what, info->devs[i].path);
}

static void print_json_devices(struct json *json, const struct info *info,
			       bool (*has)(const struct dev *dev, const struct stat *st),
			       const char *key)
{
	json_array_begin(json, key);
	for (size_t i = 0; i < info->count; i++)
		if (has(&info->devs[i], &info->image->st))
			json_text(json, NULL, info->devs[i].path);
	json_array_end(json);
}

static void print_human(const struct info *info)
{
	const struct contents *contents = &info->contents;

	printf("%-10s %s\n", "kind", info->kind ? info->kind->name : "raw");
	print_size("size", info->image->size);
	if (!info->image->st.st_rdev)
		print_size("allocated", allocated(info));
	print_devices(info, dev_is_backed_by, "attached");
	print_devices(info, dev_has_base, "base of");
	if (info->gpt_sector)
		printf("%-10s gpt, sectors of %" PRIu64 "\n", "table", info->gpt_sector);
	else if (*contents->table)
		printf("%-10s %s\n", "table", contents->table);
	volumes_print(contents);
}

static void print_json(const struct info *info)
{
	const struct contents *contents = &info->contents;
	struct json json;

	json_begin(&json, stdout);
	json_text(&json, "image", info->image->path);
	json_text(&json, "kind", info->kind ? info->kind->word : "raw");
	json_number(&json, "size", info->image->size);
	json_number(&json, "allocated", allocated(info));
	json_number(&json, "gpt_sector_size", info->gpt_sector);
	json_text(&json, "table", contents->table);
	volumes_print_json(&json, &contents->whole);
	print_json_devices(&json, info, dev_is_backed_by, "devices");
	print_json_devices(&json, info, dev_has_base, "base_of");
	volumes_print_json_all(&json, contents);
	json_end(&json);
}

/* Without the module, or without /sys, the image is attached to nothing that anybody could name. */
static void find_devices(struct info *info)
{
	char prefix[DEV_PREFIX_MAX];

	if (dev_prefix(prefix) || dev_list(prefix, DEV_ALL, &info->devs, &info->count)) {
		info->devs = NULL;
		info->count = 0;
	}
}

/* A file that is not a raw disk has no such contents. */
static int look_at(struct info *info)
{
	const struct image *image = info->image;

	info->kind = kind_of_image(image->fd);
	if (info->kind)
		return 0;
	info->gpt_sector = sector_size_of_gpt(image->fd, 0);
	return contents_read(&info->contents, image->fd, image->size, info->gpt_sector);
}

static int look(struct info *info)
{
	bool is_disk = S_ISBLK(info->image->st.st_mode);
	int err;

	/* What others have looked at may be old, and what is seen now will be. */
	if (is_disk)
		dev_forget(info->image->fd);
	err = look_at(info);
	if (is_disk)
		dev_forget(info->image->fd);
	return err;
}

static int run_info(char **operands, int count)
{
	struct image image;
	struct info info = { .image = &image };
	int err;

	if (count != 1)
		return report_usage("info", count ? "'%s' is too much; give one image" :
				    "no image given; give one", count ? operands[1] : "");
	err = image_open(&image, operands[0], true);
	if (!err) {
		err = look(&info);
		image_close(&image);
	}
	if (err)
		return report_error(err, "%s: cannot be looked at: %s", operands[0],
				    explain(info_errors, err));
	find_devices(&info);
	(as_json ? print_json : print_human)(&info);
	free(info.devs);
	contents_free(&info.contents);
	return STATUS_OK;
}

const struct command info_command = {
	.name = "info",
	.operands = "IMAGE",
	.summary = "Tell what is in an image, without attaching it.",
	.options = info_options,
	.run = run_info,
};
