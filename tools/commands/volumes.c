// SPDX-License-Identifier: GPL-2.0-only
#include "commands/volumes.h"

#include <stdio.h>

#include "lib/size.h"
#include "words/text.h"

#define COLUMNS 6

static const char *const headings[COLUMNS] = { "PART", "START", "SIZE", "TYPE", "HOLDS", "UUID" };

/* The texts of a line except the label, which comes last and has no fixed width. */
struct line {
	char numbers[3][SIZE_TEXT_MAX];
	const char *cells[COLUMNS];
};

static void fill(struct line *line, const struct volume *volume)
{
	snprintf(line->numbers[0], SIZE_TEXT_MAX, "%u", volume->number);
	size_format(volume->start, line->numbers[1]);
	size_format(volume->size, line->numbers[2]);
	for (int i = 0; i < 3; i++)
		line->cells[i] = line->numbers[i];
	line->cells[3] = volume->type;
	line->cells[4] = volume->file_system;
	line->cells[5] = volume->uuid;
	for (int i = 0; i < COLUMNS; i++)
		line->cells[i] = *line->cells[i] ? line->cells[i] : "-";
}

static void print_line(const char *const cells[COLUMNS], const int widths[COLUMNS],
		       const char *label)
{
	for (int i = 0; i < COLUMNS; i++) {
		text_print(stdout, cells[i]);
		printf("%*s", widths[i] + 2 - text_columns(cells[i]), "");
	}
	text_print(stdout, label);
	putchar('\n');
}

static void widen(int widths[COLUMNS], const char *const cells[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++)
		if (text_columns(cells[i]) > widths[i])
			widths[i] = text_columns(cells[i]);
}

/* First the whole disk, if it contains something outside of partitions; then the partitions. */
static const struct volume *next(const struct contents *contents, const struct volume *volume)
{
	if (!volume && *contents->whole.file_system)
		return &contents->whole;
	volume = volume && volume->number ? volume + 1 : contents->partitions;
	return volume && volume < contents->partitions + contents->count ? volume : NULL;
}

void volumes_print(const struct contents *contents)
{
	const struct volume *volume = NULL;
	int widths[COLUMNS] = { 0 };
	struct line line;

	if (!next(contents, NULL))
		return;
	widen(widths, headings);
	while ((volume = next(contents, volume))) {
		fill(&line, volume);
		widen(widths, line.cells);
	}
	print_line(headings, widths, "LABEL");
	while ((volume = next(contents, volume))) {
		fill(&line, volume);
		print_line(line.cells, widths, *volume->label ? volume->label : "-");
	}
}

void volumes_print_json(struct json *json, const struct volume *volume)
{
	json_text(json, "file_system", volume->file_system);
	json_text(json, "label", volume->label);
	json_text(json, "uuid", volume->uuid);
}

void volumes_print_json_all(struct json *json, const struct contents *contents)
{
	const struct volume *volume = contents->partitions;

	json_array_begin(json, "partitions");
	for (size_t i = 0; i < contents->count; i++, volume++) {
		json_row_begin(json);
		json_number(json, "number", volume->number);
		json_number(json, "start", volume->start);
		json_number(json, "size", volume->size);
		json_text(json, "type", volume->type);
		json_text(json, "name", volume->name);
		json_text(json, "partition_uuid", volume->partition_uuid);
		volumes_print_json(json, volume);
		json_object_end(json);
	}
	json_rows_end(json);
}
