/* SPDX-License-Identifier: GPL-2.0-only */
/* File names hold any byte; output must stay one line, and JSON must stay JSON. */
#ifndef RELOOP_TEXT_H
#define RELOOP_TEXT_H

#include <stdio.h>

/*
 * @text with control characters, those of bidirectional text included, as \xHH each byte: no name
 * can break a line or steer a terminal.
 */
void text_print(FILE *out, const char *text);

/* The same, to be freed; NULL if there is no memory. */
char *text_escaped(const char *text);

/* How many columns text_print() takes for @text. */
int text_columns(const char *text);

/* How many bytes of @text fit into that many columns. */
int text_fitting(const char *text, int columns);

/*
 * @text as a JSON string. Bytes that are not UTF-8 become \udc80 to \udcff, as Python's
 * "surrogateescape" does, so that such a name can be turned back into the same bytes.
 */
void text_print_json(FILE *out, const char *text);

#endif
