/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user is told when things go wrong: always exactly one line on standard error. */
#ifndef RELOOP_REPORT_H
#define RELOOP_REPORT_H

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* "reloop: ..."; returns STATUS_FAILED. */
int report_failure(const char *format, ...) PRINTF_LIKE(1, 2);

/* "reloop: COMMAND: ...; see: reloop help COMMAND"; returns STATUS_USAGE. */
int report_usage(const char *command, const char *format, ...) PRINTF_LIKE(2, 3);

void report_warning(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
