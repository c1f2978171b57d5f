/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user is told when something goes wrong: always exactly one line on standard error. */
#ifndef RELOOP_REPORT_H
#define RELOOP_REPORT_H

#include <stdio.h>

/* Exit statuses of the command; status_print_help() has the words. */
enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_BUSY = 3,
	STATUS_NOT_FOUND = 4,
	STATUS_PERMISSION = 5,
	STATUS_MODULE = 6,
	STATUS_TIMEOUT = 7,
	/* As with env, timeout and others, for a command that ends with the status of another. */
	STATUS_RUN_FAILED = 125,
	STATUS_NOT_RUN = 126,
	STATUS_NO_COMMAND = 127,
};

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* From here on, lines begin with @name, for callers that run the program by another name. */
void report_as(const char *name);

/* "reloop: ..."; returns STATUS_FAILED. */
int report_failure(const char *format, ...) PRINTF_LIKE(1, 2);

/* The same, but returns the status that stands for @err, an error number below zero. */
int report_error(int err, const char *format, ...) PRINTF_LIKE(2, 3);

/* "reloop: COMMAND: ...; see: reloop help COMMAND"; returns STATUS_USAGE. */
int report_usage(const char *command, const char *format, ...) PRINTF_LIKE(2, 3);

/* "reloop: ...": not a failure, but not part of the answer either. */
void report_note(const char *format, ...) PRINTF_LIKE(1, 2);

void report_warning(const char *format, ...) PRINTF_LIKE(1, 2);

/* Prints the statuses for the help. */
void status_print_help(FILE *out);

#endif
