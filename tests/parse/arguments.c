// SPDX-License-Identifier: GPL-2.0-only
/* Command lines of all commands, and what mount(8) gives to its helper. */
#include "parse.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "commands/attach_options.h"
#include "commands/commands.h"
#include "commands/keep.h"
#include "commands/mount_helper.h"
#include "commands/nospace.h"
#include "control/label.h"
#include "words/options.h"
#include "words/report.h"

#define ARGUMENTS_MAX 48
#define ROWS_MAX 32

static const struct command *const commands[] = {
	&attach_command, &run_command, &mount_command, &umount_command, &detach_command,
	&info_command, &list_command, &resize_command, &set_command, &overlay_command,
	&fault_command, &powercut_command, &stats_command, &who_command, &status_command,
	&gc_command,
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; name && i < COUNT(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

/* --- what the options of a command are stored in -------------------------------------------- */

/* What is there before anything is parsed. */
static struct state {
	const struct option_row *row;
	uint64_t size;
	const char *text;
} states[COUNT(commands) * ROWS_MAX];
static size_t state_count;
static struct attach_options options_before;

static void remember_rows(const struct option_row *row)
{
	for (; row && row->name; row++) {
		EXPECT(state_count < COUNT(states));
		states[state_count++] = (struct state) {
			.row = row, .size = row->size ? *row->size : 0,
			.text = row->text ? *row->text : NULL,
		};
	}
}

/* Whatever the help shows is an option that the command knows, and so is its letter. */
static void expect_known(const struct command *command, const struct option_row *row)
{
	char name[64], value[] = "1", letter[] = { '-', row->letter, '\0' };
	char *argv[4] = { name, name, value };
	int first;

	snprintf(name, sizeof(name), "--%s", row->name);
	optind = 0;
	EXPECT(options_parse(command, row->argument ? 3 : 2, argv, &first) == OPTIONS_RUN);
	argv[1] = letter;
	optind = 0;
	EXPECT(!row->letter ||
	       options_parse(command, row->argument ? 3 : 2, argv, &first) == OPTIONS_RUN);
}

static void restore(void)
{
	for (size_t i = 0; i < state_count; i++) {
		if (states[i].row->flag)
			*states[i].row->flag = false;
		if (states[i].row->size)
			*states[i].row->size = states[i].size;
		if (states[i].row->text)
			*states[i].row->text = states[i].text;
		if (states[i].row->texts)
			states[i].row->texts->count = 0;
	}
	attach_options = options_before;
	optind = 0;
}

static void begin(void)
{
	if (!state_count) {
		options_before = attach_options;
		for (size_t i = 0; i < COUNT(commands); i++)
			remember_rows(commands[i]->options);
		remember_rows(attach_option_rows);
		for (size_t i = 0; i < COUNT(commands); i++) {
			for (const struct option_row *row = commands[i]->options; row->name; row++)
				expect_known(commands[i], row);
			for (const struct option_row *row = commands[i]->more_options;
			     row && row->name; row++)
				expect_known(commands[i], row);
		}
	}
	restore();
}

/* --- what may be in there afterwards -------------------------------------------------------- */

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(text, *words))
		words++;
	return *words;
}

/* What attach_options_check() lets through is what the module and the rest of the command take. */
static void expect_checked(void)
{
	static const char *const caches[] = { "auto", "buffered", "direct", "dontcache", NULL };
	static const char *const flushes[] = { "honour", "ignore", NULL };
	const struct attach_options *options = &attach_options;
	uint64_t sector = options->sector_bytes;
	char label[RELOOP_LABEL_SIZE] = "";

	EXPECT(sector == SECTOR_DEFAULT || sector == SECTOR_AUTO ||
	       (sector >= 512 && sector <= UINT32_MAX && !(sector & (sector - 1))));
	EXPECT(options->wait_ms <= INT_MAX);
	EXPECT(!options->overlay == (options->overlay_kind == OVERLAY_NONE));
	EXPECT(options->overlay_kind == OVERLAY_NONE ||
	       options->overlay_kind == OVERLAY_TEMPORARY || *options->overlay_file);
	EXPECT(!options->cache || is_one_of(options->cache, caches));
	EXPECT(!options->flush || is_one_of(options->flush, flushes));
	EXPECT(!options->format || !strcmp(options->format, "raw"));
	EXPECT(!(options->is_volatile && (options->overlay || options->read_only)));
	EXPECT(options->offset <= INT64_MAX && options->size_limit <= INT64_MAX);
	EXPECT(options->create <= INT64_MAX || options->create == CREATE_NOT);
	if (!options->label)
		return;
	EXPECT(*options->label && strlen(options->label) < sizeof(label));
	EXPECT(reloop_label_ok(strcpy(label, options->label)));
}

/* A text is one of the arguments, or a part of one. */
static void expect_in(const char *text, char **argv, int argc)
{
	for (int i = 0; i < argc; i++)
		if (text >= argv[i] && text <= argv[i] + strlen(argv[i]))
			return;
	EXPECT(!"in the arguments");
}

static void expect_rows(const struct option_row *row, char **argv, int argc)
{
	for (; row && row->name; row++) {
		EXPECT(!row->texts || (row->texts->count >= 0 && row->texts->count <= TEXTS_MAX));
		for (int i = 0; row->texts && i < row->texts->count; i++)
			expect_in(row->texts->items[i], argv, argc);
		for (size_t i = 0; row->text && *row->text && i < state_count; i++)
			if (states[i].row == row && *row->text != states[i].text)
				expect_in(*row->text, argv, argc);
	}
}

/* These do nothing but parse until they ask for the module, which is not there. */
static bool is_harmless(const struct command *command)
{
	return command == &resize_command || command == &set_command || command == &fault_command ||
	       command == &powercut_command || command == &stats_command;
}

static void run(const struct command *command, char **argv, int argc)
{
	int first = 0, status = STATUS_OK;
	enum options_verdict verdict;
	struct heard heard;

	hear(&heard, &stderr);
	verdict = options_parse(command, argc, argv, &first);
	if (verdict == OPTIONS_RUN) {
		EXPECT(first >= 1 && first <= argc);
		expect_rows(command->options, argv, argc);
		expect_rows(command->more_options, argv, argc);
		if (command->more_options == attach_option_rows)
			status = attach_options_check(command->name);
		if (status == STATUS_OK)
			expect_checked();
		if (is_harmless(command))
			status = command->run(argv + first, argc - first);
	}
	expect_report(&heard, verdict == OPTIONS_WRONG || status != STATUS_OK);
}

/* A line for each word; the first one is the command. */
void parse_options(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length), *argv[ARGUMENTS_MAX + 1];
	int argc = cut(text, "\n", argv, ARGUMENTS_MAX);
	const struct command *command = find_command(argv[0]);

	begin();
	give_files(NULL, 0);
	if (command)
		run(command, argv, argc);
	free(text);
}

/* A line for each word. With -f, it parses everything and does nothing. */
void parse_helper(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length), *argv[ARGUMENTS_MAX + 3] = { MOUNT_HELPER, "-f" };
	int argc = 2 + cut(text, "\n", argv + 2, ARGUMENTS_MAX), status;
	struct heard heard;

	begin();
	hear(&heard, &stderr);
	status = mount_helper(argc, argv);
	report_as("reloop");
	EXPECT(status == 0 || status == 1);
	if (!status)
		expect_checked();
	expect_report(&heard, status);
	free(text);
}
