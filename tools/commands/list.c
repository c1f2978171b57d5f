// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/list_choice.h"
#include "lib/dev.h"
#include "lib/size.h"
#include "words/explain.h"
#include "words/json.h"
#include "words/report.h"
#include "words/terminal.h"
#include "words/text.h"

static bool as_json, as_bytes, no_headings;
static const char *wanted_columns, *label;

static const struct option_row list_options[] = {
	{ "json", NULL, "print JSON, sizes in bytes", 'J', .flag = &as_json },
	{ "bytes", NULL, "print sizes in bytes, not rounded", 'b', .flag = &as_bytes },
	{ "noheadings", NULL, "leave out the line of headings", 'n', .flag = &no_headings },
	{ "columns", "NAME,...", "show these columns, in this order", 'c',
	  .text = &wanted_columns },
	{ "label", "NAME", "show the device with this label", .text = &label },
	{ 0 }
};

enum kind { KIND_TEXT, KIND_SIZE, KIND_NUMBER, KIND_FLAG };

/*
 * When a column is shown without being asked for. JSON has all of them. Those between the first and
 * the last of these are left out, the last ones first, until the rest fits the terminal.
 */
enum shown {
	SHOWN,
	SHOWN_OFFSET,
	SHOWN_AUTOCLEAR,
	SHOWN_STATE,
	SHOWN_OWNER,
	SHOWN_DIO,
	SHOWN_SECTOR,
	SHOWN_SIZE_LIMIT,
	SHOWN_PARTSCAN,
	SHOWN_IF_ASKED,
};

#define SHOWN_IF_WIDE (SHOWN_IF_ASKED - 1)

/* One table for the human-readable list, the JSON and the help. */
static const struct column {
	const char *heading;
	const char *key;
	enum kind kind;
	size_t place;
	enum shown shown;
	const char *help;
} columns[] = {
#define COLUMN(heading, kind, member, shown, help) \
	{ heading, #member, kind, offsetof(struct dev, member), shown, help }
	{ "DEVICE", "device", KIND_TEXT, offsetof(struct dev, path), SHOWN, "path of the device" },
	COLUMN("SIZE", KIND_SIZE, size, SHOWN, "its size"),
	COLUMN("OFFSET", KIND_SIZE, offset, SHOWN_OFFSET, "where in the file it begins"),
	COLUMN("SIZE-LIMIT", KIND_SIZE, size_limit, SHOWN_SIZE_LIMIT,
	       "the most it may use of it, 0: no limit"),
	COLUMN("SECTOR", KIND_SIZE, sector_size, SHOWN_SECTOR, "sector size"),
	COLUMN("RO", KIND_FLAG, read_only, SHOWN, "is it read-only?"),
	COLUMN("DIO", KIND_FLAG, direct_io, SHOWN_DIO, "does it bypass the page cache?"),
	COLUMN("AUTOCLEAR", KIND_FLAG, autoclear, SHOWN_AUTOCLEAR,
	       "is it detached at its last close?"),
	COLUMN("PARTSCAN", KIND_FLAG, partscan, SHOWN_PARTSCAN,
	       "does the kernel look for partitions?"),
	COLUMN("FLUSH", KIND_TEXT, flush, SHOWN, "honour; or ignore: a crash ruins the image"),
	COLUMN("OWNER", KIND_FLAG, owner, SHOWN_OWNER, "is it detached when its owner ends?"),
	COLUMN("STATE", KIND_TEXT, state, SHOWN_STATE,
	       "live; waiting; faulty; cut; draining: open"),
	COLUMN("LABEL", KIND_TEXT, label, SHOWN, "its label"),
	COLUMN("FORMAT", KIND_TEXT, format, SHOWN_IF_ASKED,
	       "raw; overlay, which has a base; volatile"),
	COLUMN("ALLOCATED", KIND_SIZE, allocated, SHOWN_IF_ASKED,
	       "what the image takes of its file system"),
	COLUMN("CACHE", KIND_TEXT, cache, SHOWN_IF_ASKED, "how data goes through the page cache"),
	COLUMN("SUBMIT", KIND_TEXT, submit, SHOWN_IF_ASKED, "who issues its requests"),
	COLUMN("FAULTS", KIND_NUMBER, faults, SHOWN_IF_ASKED, "rules by which its requests fail"),
	COLUMN("UNFLUSHED", KIND_SIZE, unflushed, SHOWN_IF_ASKED,
	       "of a volatile cache: what a power cut takes"),
	COLUMN("OPENERS", KIND_NUMBER, openers, SHOWN_IF_ASKED, "how many have it open"),
	COLUMN("SEQUENCE", KIND_NUMBER, sequence, SHOWN_IF_ASKED, "the disk sequence number"),
	COLUMN("CREATOR", KIND_TEXT, creator, SHOWN_IF_ASKED, "the program that attached it"),
	COLUMN("PID", KIND_NUMBER, creator_pid, SHOWN_IF_ASKED,
	       "its process, which may have ended"),
	COLUMN("TIME", KIND_NUMBER, attach_time, SHOWN_IF_ASKED, "when, in seconds since 1970"),
	COLUMN("BASE", KIND_TEXT, base, SHOWN_IF_ASKED, "the base of an overlay"),
	COLUMN("BACKING-FILE", KIND_TEXT, backing_file, SHOWN,
	       "the image, \"(deleted)\" if it has no name"),
#undef COLUMN
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* The columns to show. */
static const struct column *chosen[COLUMNS];
static size_t chosen_count;

static const void *cell(const struct dev *dev, const struct column *column)
{
	return (const char *)dev + column->place;
}

/* @room is for the text of a number; other texts need no copy. */
static const char *cell_text(const struct dev *dev, const struct column *column,
			     char room[SIZE_TEXT_MAX])
{
	const void *value = cell(dev, column);

	if (column->kind == KIND_SIZE && !as_bytes) {
		size_format(*(const uint64_t *)value, room);
		return room;
	}
	switch (column->kind) {
	case KIND_SIZE:
	case KIND_NUMBER:
		snprintf(room, SIZE_TEXT_MAX, "%" PRIu64, *(const uint64_t *)value);
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
		length = text_columns(cell_text(&devs[i], column, room));
		if (length > width)
			width = length;
	}
	return width;
}

/* The last column needs no padding. File names may contain anything. */
static void print_padded(const struct column *column, const char *text, int width, bool is_last,
			 bool is_warning)
{
	bool is_number = column->kind == KIND_SIZE || column->kind == KIND_NUMBER;
	int padding = width - text_columns(text);

	if (is_number)
		printf("%*s", padding, "");
	if (is_warning)
		terminal_warn_begin(stdout);
	text_print(stdout, text);
	if (is_warning)
		terminal_warn_end(stdout);
	if (is_last)
		putchar('\n');
	else
		printf("%*s ", is_number ? 0 : padding, "");
}

/* Values that may cost somebody their data. */
static bool is_warning(const struct dev *dev, const struct column *column)
{
	const void *value = cell(dev, column);

	return (value == dev->flush && !strcmp(value, "ignore")) ||
	       (value == dev->state && (dev->waiting || dev->faults || dev->powercut)) ||
	       (value == dev->backing_file && dev->deleted);
}

static size_t measure(const struct dev *devs, size_t count, size_t width[COLUMNS])
{
	size_t total = chosen_count - 1;

	for (size_t c = 0; c < chosen_count; c++) {
		width[c] = column_width(devs, count, chosen[c]);
		total += width[c];
	}
	return total;
}

static void choose_up_to(enum shown shown)
{
	chosen_count = 0;
	for (size_t c = 0; c < COLUMNS; c++)
		if (columns[c].shown <= shown)
			chosen[chosen_count++] = &columns[c];
}

static void print_human(const struct dev *devs, size_t count)
{
	size_t width[COLUMNS], terminal = terminal_width(stdout), last;
	bool may_choose = terminal && !wanted_columns;
	char room[SIZE_TEXT_MAX];
	int shown = SHOWN_IF_WIDE;

	while (measure(devs, count, width) > terminal && may_choose && shown > SHOWN)
		choose_up_to(--shown);
	last = chosen_count - 1;
	for (size_t c = 0; c < chosen_count && !no_headings; c++)
		print_padded(chosen[c], chosen[c]->heading, width[c], c == last, false);
	for (size_t i = 0; i < count; i++)
		for (size_t c = 0; c < chosen_count; c++)
			print_padded(chosen[c], cell_text(&devs[i], chosen[c], room), width[c],
				     c == last, is_warning(&devs[i], chosen[c]));
}

static void print_json_cell(struct json *json, const struct dev *dev, const struct column *column)
{
	const void *value = cell(dev, column);

	switch (column->kind) {
	case KIND_SIZE:
	case KIND_NUMBER:
		json_number(json, column->key, *(const uint64_t *)value);
		break;
	case KIND_FLAG:
		json_flag(json, column->key, *(const bool *)value);
		break;
	default:
		json_text(json, column->key, value);
	}
}

static void print_json(const struct dev *devs, size_t count)
{
	struct json json;

	json_begin(&json, stdout);
	json_array_begin(&json, "devices");
	for (size_t i = 0; i < count; i++) {
		json_row_begin(&json);
		for (size_t c = 0; c < chosen_count; c++)
			print_json_cell(&json, &devs[i], chosen[c]);
		json_object_end(&json);
	}
	json_rows_end(&json);
	json_end(&json);
}

static char mark(enum shown shown)
{
	return shown == SHOWN ? ' ' : shown == SHOWN_IF_ASKED ? '*' : '-';
}

void list_print_columns(void)
{
	puts("Columns of 'reloop list', with their names in JSON. Those with * are shown if\n"
	     "--columns names them, those with - also where the terminal is wide enough.");
	for (size_t c = 0; c < COLUMNS; c++)
		printf(" %c%-13s %-13s %s\n", mark(columns[c].shown), columns[c].heading,
		       columns[c].key, columns[c].help);
}

static void print_more(void)
{
	puts("\n'reloop help columns' explains the columns.");
}

static const struct column *find_column(const char *name, size_t length)
{
	for (size_t c = 0; c < COLUMNS; c++)
		if ((strlen(columns[c].heading) == length &&
		     !strncasecmp(columns[c].heading, name, length)) ||
		    (strlen(columns[c].key) == length && !strncmp(columns[c].key, name, length)))
			return &columns[c];
	return NULL;
}

static int report_column(const char *name, size_t length)
{
	report_failure("list: --columns: there is no column '%.*s'; see: reloop help columns",
		       (int)length, name);
	return STATUS_USAGE;
}

static int choose_columns(void)
{
	const char *name = wanted_columns;
	size_t length;

	if (!name)
		choose_up_to(as_json ? SHOWN_IF_ASKED : SHOWN_IF_WIDE);
	while (name) {
		length = strcspn(name, ",");
		if (chosen_count == COLUMNS)
			return report_usage("list", "--columns: too many; name each once");
		chosen[chosen_count] = find_column(name, length);
		if (!chosen[chosen_count++])
			return report_column(name, length);
		name = name[length] ? name + length + 1 : NULL;
	}
	return STATUS_OK;
}

/* The operands may be images, so devices have to be found by image. */
static uint64_t wanted_members(int operand_count)
{
	uint64_t members = label ? DEV_MEMBER(label) : 0;

	if (operand_count)
		members |= dev_identity() | DEV_MEMBER(backing_file) | DEV_MEMBER(deleted);
	for (size_t c = 0; c < chosen_count; c++)
		members |= dev_member(chosen[c]->place);
	/* Deleted files are marked. */
	if (members & DEV_MEMBER(backing_file))
		members |= DEV_MEMBER(deleted);
	return members;
}

static int list(const char *prefix, struct dev *devs, size_t count, char **operands,
		int operand_count)
{
	int status = list_choose(prefix, devs, &count, label, operands, operand_count);

	if (status != STATUS_OK)
		return status;
	if (as_json)
		print_json(devs, count);
	else if (count)
		print_human(devs, count);
	return STATUS_OK;
}

static int run_list(char **operands, int count)
{
	int status = choose_columns(), err;
	char prefix[DEV_PREFIX_MAX];
	struct dev *devs;
	size_t total;

	if (status != STATUS_OK)
		return status;
	err = dev_prefix(prefix);
	if (!err)
		err = dev_list(prefix, wanted_members(count), &devs, &total);
	if (err)
		return report_error(err, "devices: not listed: %s", explain_module(err));
	status = list(prefix, devs, total, operands, count);
	free(devs);
	return status;
}

const struct command list_command = {
	.name = "list",
	.operands = "[DEVICE|IMAGE]...",
	.summary = "Show what is attached to which device.",
	.options = list_options,
	.help = print_more,
	.run = run_list,
};
