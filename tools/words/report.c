// SPDX-License-Identifier: GPL-2.0-only
#include "words/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/progress.h"
#include "words/text.h"

static const char *program = "reloop";

void report_as(const char *name)
{
	program = name;
}

/* Escapes after formatting, because the names in a message come from anybody. */
static void print_escaped(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	text_print(stderr, text ? text : "out of memory");
	free(text);
}

static void print_line(const char *beginning, const char *format, va_list args)
{
	progress_end();
	fprintf(stderr, "%s: %s", program, beginning);
	print_escaped(format, args);
	putc('\n', stderr);
}

static int status_of(int err)
{
	switch (-err) {
	case EBUSY:
	case EEXIST:
	case ETXTBSY:
	case EUSERS:
	case EWOULDBLOCK:
	case EINPROGRESS:
		return STATUS_BUSY;
	case ENOENT:
	case ENOTDIR:
	case ENXIO:
	case ENODEV:
	case ENOTUNIQ:
		return STATUS_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS:
		return STATUS_PERMISSION;
	case ENOPKG:
	case ENOSYS:
	case ENOTTY:
		return STATUS_MODULE;
	case ETIMEDOUT:
		return STATUS_TIMEOUT;
	default:
		return STATUS_FAILED;
	}
}

int report_failure(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line("", format, args);
	va_end(args);
	return STATUS_FAILED;
}

int report_error(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line("", format, args);
	va_end(args);
	return status_of(err);
}

int report_usage(const char *command, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: %s: ", program, command);
	print_escaped(format, args);
	fprintf(stderr, "; see: reloop help %s\n", command);
	va_end(args);
	return STATUS_USAGE;
}

void report_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line("", format, args);
	va_end(args);
}

void report_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line("warning: ", format, args);
	va_end(args);
}

void status_print_help(FILE *out)
{
	fputs("\nExit status: 0 done; 1 failed; 2 wrong usage; 3 in use; 4 not found;\n"
	      "5 no permission; 6 no module, or one that cannot do it; 7 time is up.\n", out);
}
