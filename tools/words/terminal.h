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

/* What takes long, from here on, in a line on standard error; nothing is left at the end. */
void terminal_show_progress(void);

#endif
