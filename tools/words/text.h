/* SPDX-License-Identifier: GPL-2.0-only */
/* File names can hold any byte; output must stay one line, and JSON must stay JSON. */
#ifndef RELOOP_TEXT_H
#define RELOOP_TEXT_H

#include <stdio.h>

/*
 * Prints @text with each byte of a control character, also of bidirectional text, as \xHH: no name
 * can break a line or control a terminal.
 */
void text_print(FILE *out, const char *text);

/* The same as a string, which the caller frees; NULL if there is no memory. */
char *text_escaped(const char *text);

/* How many columns text_print() needs for @text. */
int text_columns(const char *text);

/* How many bytes of @text fit into that many columns. */
int text_fitting(const char *text, int columns);

/*
 * Prints @text as a JSON string. Bytes that are not UTF-8 become \udc80 to \udcff, as with Python's
 * "surrogateescape", so that the name can be turned back into the same bytes.
 */
void text_print_json(FILE *out, const char *text);

#endif
