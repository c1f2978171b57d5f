/* SPDX-License-Identifier: GPL-2.0-only */
/* Sub-commands and their options: one table each, which drives both parsing and help. */
#ifndef RELOOP_OPTIONS_H
#define RELOOP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define TEXTS_MAX 32

/* The values of an option that may be given several times. */
struct texts {
	const char *items[TEXTS_MAX];
	int count;
};

/* The pointer that is set also tells the type of the value. A row without a name ends the table. */
struct option_row {
	const char *name;
	const char *argument;	/* its name in the help; NULL for a flag */
	const char *help;
	char letter;
	bool *flag;
	uint64_t *size;
	const char **text;
	struct texts *texts;
};

struct command {
	const char *name;
	const char *operands;
	const char *summary;
	const struct option_row *options;
	const struct option_row *more_options;	/* shared with other commands; may be NULL */
	const char *like;	/* the command whose help shows those; NULL: this one's */
	int usage_status;	/* for wrong options, if other statuses are another program's */
	void (*help)(void);	/* prints more below the options; may be NULL */
	int (*run)(char **operands, int count);
};

enum options_verdict {
	OPTIONS_RUN,
	OPTIONS_HELP,		/* --help was given */
	OPTIONS_WRONG,		/* it has been reported */
};

/* Stores the options' values and sets *first to the index of the first operand in @argv. */
enum options_verdict options_parse(const struct command *command, int argc, char **argv,
				   int *first);

/*
 * For values that fit none of the types above. Returns STATUS_OK, or STATUS_USAGE after reporting.
 * @text: NULL if it was not given. @words: the allowed ones, with a blank before and after each.
 */
int options_check_word(const char *command, const char *option, const char *text,
		       const char *words);
int options_check_sector_size(const char *command, const char *text, uint64_t *size);

#define CACHE_WORDS " auto buffered direct dontcache "

void options_print_help(const struct command *command);

#endif
