// SPDX-License-Identifier: GPL-2.0-only
#include "words/terminal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/progress.h"
#include "words/text.h"

#define WIDTH_DEFAULT 80
#define ERASE "\r\033[K"

int terminal_width(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)))
		return 0;
	return ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col ? WIDTH_DEFAULT : size.ws_col;
}

/* Does it understand escape sequences? */
static bool is_able(FILE *out)
{
	const char *type = getenv("TERM");

	return type && strcmp(type, "dumb") && terminal_width(out);
}

static bool has_colour(FILE *out)
{
	const char *unwanted = getenv("NO_COLOR");

	return (!unwanted || !*unwanted) && is_able(out);
}

void terminal_warn_begin(FILE *out)
{
	if (has_colour(out))
		fputs("\033[1;31m", out);
}

void terminal_warn_end(FILE *out)
{
	if (has_colour(out))
		fputs("\033[0m", out);
}

/* Narrower than the terminal: a line that wraps around could not be erased. */
static void show_task(const char *task, int percent)
{
	int width = terminal_width(stderr) - 1;
	char *line, tail[16] = "...";

	if (percent != PROGRESS_NO_PERCENT)
		snprintf(tail, sizeof(tail), ": %d %%", percent);
	line = text_escaped(task);
	width -= strlen(tail);
	if (line && width > 0)
		fprintf(stderr, ERASE "%.*s%s", text_fitting(line, width), line, tail);
	fflush(stderr);
	free(line);
}

static void erase_task(void)
{
	fputs(ERASE, stderr);
	fflush(stderr);
}

void terminal_show_progress(void)
{
	if (is_able(stderr))
		progress_is_shown_by(show_task, erase_task);
}
