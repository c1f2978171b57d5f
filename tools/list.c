// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "dev.h"
#include "explain.h"
#include "report.h"
#include "size.h"
#include "text.h"

static bool as_json, no_headings;

static const struct option_row list_options[] = {
	{ "json", NULL, "print JSON, sizes in bytes", 'J', .flag = &as_json },
	{ "noheadings", NULL, "leave out the line of headings", 'n', .flag = &no_headings },
	{ 0 }
};

enum kind { KIND_TEXT, KIND_SIZE, KIND_FLAG };

/* One table for the human list, the JSON and the help. */
static const struct column {
	const char *heading;
	const char *key;
	enum kind kind;
	size_t place;
	const char *help;
} columns[] = {
#define COLUMN(heading, kind, member, help) \
	{ heading, #member, kind, offsetof(struct dev, member), help }
	{ "DEVICE", "device", KIND_TEXT, offsetof(struct dev, path), "path of the device" },
	COLUMN("SIZE", KIND_SIZE, size, "its size"),
	COLUMN("OFFSET", KIND_SIZE, offset, "where in the file it begins"),
	COLUMN("SIZE-LIMIT", KIND_SIZE, size_limit, "the most it may use of the file, 0: no limit"),
	COLUMN("SECTOR", KIND_SIZE, sector_size, "sector size"),
	COLUMN("RO", KIND_FLAG, read_only, "is it read-only?"),
	COLUMN("DIO", KIND_FLAG, direct_io, "does it bypass the page cache?"),
	COLUMN("AUTOCLEAR", KIND_FLAG, autoclear, "is it detached at its last close?"),
	COLUMN("PARTSCAN", KIND_FLAG, partscan, "does the kernel look for partitions?"),
	COLUMN("STATE", KIND_TEXT, state, "live; or draining: detached, but not closed yet"),
	COLUMN("BACKING-FILE", KIND_TEXT, backing_file,
	       "the attached file, \"(deleted)\" if it has no name any more"),
#undef COLUMN
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))
#define LAST (COLUMNS - 1)

static const void *cell(const struct dev *dev, const struct column *column)
{
	return (const char *)dev + column->place;
}

/* @room holds the text of a number; other texts are their own. */
static const char *cell_text(const struct dev *dev, const struct column *column,
			     char room[SIZE_TEXT_MAX])
{
	const void *value = cell(dev, column);

	switch (column->kind) {
	case KIND_SIZE:
		size_format(*(const uint64_t *)value, room);
		return room;
	case KIND_FLAG:
		return *(const bool *)value ? "yes" : "no";
	default:
		return value;
	}
}

static size_t column_width(const struct dev *devs, size_t count, const struct column *column)
{
	size_t length, width = no_headings ? 0 : strlen(column->heading);
	char room[SIZE_TEXT_MAX];

	for (size_t i = 0; i < count; i++) {
		length = strlen(cell_text(&devs[i], column, room));
		if (length > width)
			width = length;
	}
	return width;
}

static void print_padded(const struct column *column, const char *text, int width)
{
	printf("%*s ", column->kind == KIND_SIZE ? width : -width, text);
}

/* The last column is a file name: it needs no padding, but may hold anything. */
static void print_human(const struct dev *devs, size_t count)
{
	char room[SIZE_TEXT_MAX];
	size_t width[LAST];

	for (size_t c = 0; c < LAST; c++)
		width[c] = column_width(devs, count, &columns[c]);
	if (!no_headings) {
		for (size_t c = 0; c < LAST; c++)
			print_padded(&columns[c], columns[c].heading, width[c]);
		puts(columns[LAST].heading);
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t c = 0; c < LAST; c++)
			print_padded(&columns[c], cell_text(&devs[i], &columns[c], room), width[c]);
		text_print(stdout, cell_text(&devs[i], &columns[LAST], room));
		putchar('\n');
	}
}

static void print_json_cell(const struct dev *dev, const struct column *column)
{
	const void *value = cell(dev, column);

	printf("\"%s\": ", column->key);
	switch (column->kind) {
	case KIND_SIZE:
		printf("%" PRIu64, *(const uint64_t *)value);
		break;
	case KIND_FLAG:
		fputs(*(const bool *)value ? "true" : "false", stdout);
		break;
	default:
		text_print_json(stdout, value);
	}
}

static void print_json(const struct dev *devs, size_t count)
{
	fputs("{\"devices\": [", stdout);
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ",\n  {" : "\n  {", stdout);
		for (size_t c = 0; c < COLUMNS; c++) {
			fputs(c ? ", " : "", stdout);
			print_json_cell(&devs[i], &columns[c]);
		}
		putchar('}');
	}
	puts(count ? "\n]}" : "]}");
}

static void print_columns(void)
{
	puts("\nColumns (and their names in JSON):");
	for (size_t c = 0; c < COLUMNS; c++)
		printf("  %-13s %-13s %s\n", columns[c].heading, columns[c].key, columns[c].help);
}

static int run_list(char **operands, int count)
{
	char prefix[DEV_PREFIX_MAX];
	struct dev *devs;
	size_t total;
	int err;

	if (count)
		return report_usage("list", "'%s' is too much; list takes no arguments",
				    operands[0]);
	err = dev_prefix(prefix);
	if (!err)
		err = dev_list(prefix, dev_read, &devs, &total);
	if (err)
		return report_error(err, "devices: not listed: %s", explain_module(err));
	if (as_json)
		print_json(devs, total);
	else
		print_human(devs, total);
	free(devs);
	return STATUS_OK;
}

const struct command list_command = {
	.name = "list",
	.operands = "",
	.summary = "Show what is attached to which device.",
	.options = list_options,
	.help = print_columns,
	.run = run_list,
};
