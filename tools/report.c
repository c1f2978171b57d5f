// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"

/* Escapes after formatting, because the names in a message are anybody's. */
static void print_escaped(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	text_print(stderr, text ? text : "out of memory");
	free(text);
}

int report_failure(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("reloop: ", stderr);
	print_escaped(format, args);
	putc('\n', stderr);
	va_end(args);
	return STATUS_FAILED;
}

int report_usage(const char *command, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "reloop: %s: ", command);
	print_escaped(format, args);
	fprintf(stderr, "; see: reloop help %s\n", command);
	va_end(args);
	return STATUS_USAGE;
}

void report_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("reloop: warning: ", stderr);
	print_escaped(format, args);
	putc('\n', stderr);
	va_end(args);
}
