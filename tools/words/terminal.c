// SPDX-License-Identifier: GPL-2.0-only
#include "words/terminal.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/wait.h"
#include "words/text.h"

#define WIDTH_DEFAULT 80
#define SHOWN_AFTER_MS 500
#define NO_PERCENT -1
#define ERASE "\r\033[K"

int terminal_width(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)))
		return 0;
	return ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col ? WIDTH_DEFAULT : size.ws_col;
}

/* Whether it knows what an escape sequence is. */
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

/* --- progress ------------------------------------------------------------------------------- */

/* What is under way, if anything, and what of it is on the screen. */
static char *task;
static uint64_t shown_from_ms;
static int shown_percent;
static bool is_shown;

void progress_begin(const char *format, ...)
{
	va_list args;

	progress_end();
	va_start(args, format);
	if (!is_able(stderr) || vasprintf(&task, format, args) < 0)
		task = NULL;
	va_end(args);
	shown_from_ms = wait_deadline_ms(SHOWN_AFTER_MS);
}

/* Not as wide as the terminal: what goes on in the next line cannot be erased. */
static void show(int percent)
{
	int width = terminal_width(stderr) - 1;
	char *line, tail[16] = "...";

	if (is_shown && percent == shown_percent)
		return;
	if (percent != NO_PERCENT)
		snprintf(tail, sizeof(tail), ": %d %%", percent);
	line = text_escaped(task);
	width -= strlen(tail);
	if (line && width > 0)
		fprintf(stderr, ERASE "%.*s%s", text_fitting(line, width), line, tail);
	fflush(stderr);
	free(line);
	is_shown = true;
	shown_percent = percent;
}

void progress_tick_percent(int percent)
{
	if (task && wait_deadline_ms(0) >= shown_from_ms)
		show(percent);
}

void progress_tick(void)
{
	progress_tick_percent(NO_PERCENT);
}

void progress_show(void)
{
	if (task)
		show(NO_PERCENT);
}

void progress_end(void)
{
	if (is_shown)
		fputs(ERASE, stderr);
	fflush(stderr);
	is_shown = false;
	free(task);
	task = NULL;
}
