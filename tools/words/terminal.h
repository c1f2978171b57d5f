/* SPDX-License-Identifier: GPL-2.0-only */
/* What is different where a person looks: nothing of this is seen in a file or a pipe. */
#ifndef RELOOP_TERMINAL_H
#define RELOOP_TERMINAL_H

#include <stdio.h>

/* How many columns it has; 0 if @out is not a terminal. */
int terminal_width(FILE *out);

/* Between these two, text stands out, unless there is NO_COLOR in the environment. */
void terminal_warn_begin(FILE *out);
void terminal_warn_end(FILE *out);

/*
 * What takes long, in a line on standard error. Nothing is shown at the beginning, nor for what
 * takes less than half a second, and nothing is left at the end.
 */
void progress_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void progress_tick(void);		/* it goes on */
void progress_tick_percent(int percent);
void progress_show(void);		/* it will take long */
void progress_end(void);

#endif
