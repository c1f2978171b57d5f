// SPDX-License-Identifier: GPL-2.0-only
#include "words/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/size.h"
#include "words/nearest.h"
#include "words/report.h"

/* Of one command; with more, none of its options is parsed, so it shows at once. */
#define MAX_OPTIONS 32
#define SECTOR_MIN 512

/* With more rows, the exit statuses do not fit a screen of 24 lines; the manual has them, too. */
#define ROWS_BESIDE_STATUSES 17
/* With more rows than these, an empty line does not fit. */
#define ROWS_BESIDE_BLANK 20
/* With more rows than these, the summary, which the overview has too, does not fit. */
#define ROWS_BESIDE_SUMMARY 21
/* More rows than these do not fit on the screen at all. */
#define ROWS_OF_SCREEN 22

/* What getopt returns for row 0, and so on; above all letters. */
#define ROW_BASE 256

static const struct option_row help_row = {
	.name = "help", .letter = 'h', .help = "show this text",
};

/* The rows as getopt wants them: one form for long names, one for letters. */
struct spelling {
	struct option names[MAX_OPTIONS + 2];
	char letters[2 * (MAX_OPTIONS + 1) + 2];
};

static void spell_row(struct spelling *spelling, const struct option_row *row, int index)
{
	struct option *name = &spelling->names[index];
	char *letters = spelling->letters + strlen(spelling->letters);

	name->name = row->name;
	name->has_arg = row->argument ? required_argument : no_argument;
	name->val = ROW_BASE + index;
	sprintf(letters, "%c%s", row->letter, row->argument ? ":" : "");
	if (!row->letter)
		*letters = '\0';
}

/* All rows of a command; the help comes last. */
struct table {
	const struct option_row *rows[MAX_OPTIONS + 1];
	int count;
};

static void add_rows(struct table *table, const struct option_row *rows)
{
	while (rows && rows->name) {
		if (table->count == MAX_OPTIONS)
			abort();
		table->rows[table->count++] = rows++;
	}
}

static void fill_table(struct table *table, const struct command *command)
{
	table->count = 0;
	add_rows(table, command->options);
	add_rows(table, command->more_options);
	table->rows[table->count++] = &help_row;
}

static void spell(struct spelling *spelling, const struct table *table)
{
	memset(spelling, 0, sizeof(*spelling));
	strcpy(spelling->letters, ":");		/* tell missing arguments from unknown options */
	for (int i = 0; i < table->count; i++)
		spell_row(spelling, table->rows[i], i);
}

static const struct option_row *find_row(const struct table *table, int found)
{
	for (int i = 0; i < table->count; i++)
		if (found == ROW_BASE + i || found == table->rows[i]->letter)
			return table->rows[i];
	return &help_row;
}

static int store_size(const struct command *command, const struct option_row *row,
		      const char *text)
{
	switch (size_parse(text, row->size)) {
	case 0:
		return STATUS_OK;
	case -EDOM:
		return report_usage(command->name, "--%s: %s is negative; give 0 or more",
				    row->name, text);
	case -ERANGE:
		return report_usage(command->name, "--%s: %s is too large; files end below 8 EiB",
				    row->name, text);
	default:
		return report_usage(command->name,
				    "--%s: '%s' is not a size; write it like 4096, 1M or 2GiB",
				    row->name, text);
	}
}

static int store_one_more(const struct command *command, const struct option_row *row)
{
	if (row->texts->count == TEXTS_MAX)
		return report_usage(command->name, "--%s: too many of them; %d are possible",
				    row->name, TEXTS_MAX);
	row->texts->items[row->texts->count++] = optarg;
	return STATUS_OK;
}

static int store(const struct command *command, const struct option_row *row)
{
	if (row->flag)
		*row->flag = true;
	if (row->text)
		*row->text = optarg;
	if (row->texts)
		return store_one_more(command, row);
	return row->size ? store_size(command, row, optarg) : STATUS_OK;
}

/* The beginning of an option; of several, since if only one fits, getopt knows which is meant. */
static bool is_beginning(const struct table *table, const char *word)
{
	for (int i = 0; i < table->count; i++)
		if (!strncmp(word, "--", 2) &&
		    !strncmp(word + 2, table->rows[i]->name, strcspn(word + 2, "=")))
			return true;
	return false;
}

static int report_unknown(const struct command *command, const struct table *table,
			  const char *word)
{
	struct nearest nearest;

	if (strncmp(word, "--", 2))
		return report_usage(command->name, "unknown option %s", word);
	nearest_begin(&nearest, word + 2, strcspn(word + 2, "="));
	for (int i = 0; i < table->count; i++)
		nearest_offer(&nearest, table->rows[i]->name);
	return report_usage(command->name, "unknown option %s%s%s", word,
			    nearest.word ? ", perhaps --" : "", nearest.word ? nearest.word : "");
}

/*
 * Finds what getopt stumbled over: a letter, which it keeps in optopt, or else the word before the
 * next one. If that word is an option, its row is also in optopt.
 */
static int report_stumble(const struct command *command, const struct table *table, char **argv,
			  bool is_missing_argument)
{
	const char *word = argv[optind - 1];
	char letter[] = { '-', optopt, '\0' };

	if (optopt && optopt < ROW_BASE)
		word = letter;
	if (is_missing_argument)
		return report_usage(command->name, "%s needs an argument", word);
	if (optopt >= ROW_BASE)
		return report_usage(command->name, "--%s takes no argument",
				    find_row(table, optopt)->name);
	if (!optopt && is_beginning(table, word))
		return report_usage(command->name, "%s may be several options; give one in full",
				    word);
	return report_unknown(command, table, word);
}

enum options_verdict options_parse(const struct command *command, int argc, char **argv,
				   int *first)
{
	const struct option_row *row;
	struct spelling spelling;
	struct table table;
	int found;

	fill_table(&table, command);
	spell(&spelling, &table);
	opterr = 0;
	while ((found = getopt_long(argc, argv, spelling.letters, spelling.names, NULL)) != -1) {
		if (found == '?' || found == ':') {
			report_stumble(command, &table, argv, found == ':');
			return OPTIONS_WRONG;
		}
		row = find_row(&table, found);
		if (row == &help_row)
			return OPTIONS_HELP;
		if (store(command, row) != STATUS_OK)
			return OPTIONS_WRONG;
	}
	*first = optind;
	return OPTIONS_RUN;
}

int options_check_word(const char *command, const char *option, const char *text,
		       const char *words)
{
	char wanted[32];

	if (!text)
		return STATUS_OK;
	snprintf(wanted, sizeof(wanted), " %s ", text);
	if (*text && !strchr(text, ' ') && strstr(words, wanted))
		return STATUS_OK;
	return report_usage(command, "--%s: '%s' is not a way to do it; give one of%.*s",
			    option, text, (int)strlen(words) - 1, words);
}

int options_check_sector_size(const char *command, const char *text, uint64_t *size)
{
	int err = text ? size_parse(text, size) : 0;

	if (!text)
		return STATUS_OK;
	if (err == -EINVAL)
		return report_usage(command, "--sector-size: '%s' is not a size; "
				    "write it like 512 or 4K", text);
	if (err || *size < SECTOR_MIN || *size > UINT32_MAX || (*size & (*size - 1)))
		return report_usage(command, "--sector-size: %s cannot be one; "
				    "give a power of two from 512, such as 4096", text);
	return STATUS_OK;
}

static void print_row(const struct option_row *row)
{
	char spelling[64], letter[] = { '-', row->letter, ',', ' ', '\0' };

	snprintf(spelling, sizeof(spelling), "%s--%s%s%s", row->letter ? letter : "    ",
		 row->name, row->argument ? " " : "", row->argument ? row->argument : "");
	printf("  %-26s %s\n", spelling, row->help);
}

/* Returns how many rows a table has. */
static int count_rows(const struct option_row *rows)
{
	int count = 0;

	while (rows && rows[count].name)
		count++;
	return count;
}

static void print_rows(const struct option_row *rows)
{
	for (; rows && rows->name; rows++)
		print_row(rows);
}

/* A text that does not fit on the screen anyway may as well be longer. */
static bool has_room(int rows, int limit)
{
	return rows < limit || rows >= ROWS_OF_SCREEN;
}

void options_print_help(const struct command *command)
{
	const struct option_row *more = command->like ? NULL : command->more_options;
	int rows = count_rows(command->options) + count_rows(more);

	printf("Usage: reloop %s%s%s%s\n", command->name,
	       command->options->name || command->more_options ? " [OPTION]..." : "",
	       *command->operands ? " " : "", command->operands);
	if (has_room(rows, ROWS_BESIDE_SUMMARY))
		printf("%s\n%s", command->summary, has_room(rows, ROWS_BESIDE_BLANK) ? "\n" : "");
	print_rows(command->options);
	print_rows(more);
	print_row(&help_row);
	if (command->like)
		printf("  and the options of: reloop help %s\n", command->like);
	if (command->help)
		command->help();
	if (!command->usage_status && has_room(rows, ROWS_BESIDE_STATUSES))
		status_print_help(stdout);
}
