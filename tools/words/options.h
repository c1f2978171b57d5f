/* SPDX-License-Identifier: GPL-2.0-only */
/* Sub-commands and their options: one table each, which drives both the parsing and the help. */
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

/* Where the value goes also says what it is. A row without a name ends the table. */
struct option_row {
	const char *name;
	const char *argument;	/* what the help calls it; none for a flag */
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
	const struct option_row *more_options;	/* those it shares with others; may be NULL */
	const char *like;	/* the command whose help has those; NULL: its own has */
	int usage_status;	/* for wrong options, where the others are another program's */
	void (*help)(void);	/* more to say below the options; may be NULL */
	int (*run)(char **operands, int count);
};

enum options_verdict {
	OPTIONS_RUN,
	OPTIONS_HELP,		/* --help was given */
	OPTIONS_WRONG,		/* reported */
};

/* Stores the options' values; *first is then the index of the first operand in @argv. */
enum options_verdict options_parse(const struct command *command, int argc, char **argv,
				   int *first);

/*
 * For values that are more than one of the kinds above: STATUS_OK, or STATUS_USAGE, and reported.
 * @text: NULL if it was not given. @words: those that are allowed, a blank on either side of each.
 */
int options_check_word(const char *command, const char *option, const char *text,
		       const char *words);
int options_check_sector_size(const char *command, const char *text, uint64_t *size);

#define CACHE_WORDS " auto buffered direct dontcache "

void options_print_help(const struct command *command);

#endif
