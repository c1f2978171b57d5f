/* SPDX-License-Identifier: GPL-2.0-only */
/* Output that only a person at a terminal sees; none of it goes to a file or a pipe. */
#ifndef RELOOP_TERMINAL_H
#define RELOOP_TERMINAL_H

#include <stdio.h>

/* How many columns the terminal has; 0 if @out is not a terminal. */
int terminal_width(FILE *out);

/* Text between these two stands out, unless NO_COLOR is in the environment. */
void terminal_warn_begin(FILE *out);
void terminal_warn_end(FILE *out);

/* From here on, shows long tasks in a line on standard error; nothing is left of it at the end. */
void terminal_show_progress(void);

#endif
