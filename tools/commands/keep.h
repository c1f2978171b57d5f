/* SPDX-License-Identifier: GPL-2.0-only */
/* What survives a power cut: how the command line gives it, and how it is reported. */
#ifndef RELOOP_KEEP_H
#define RELOOP_KEEP_H

#include "../include/uapi/reloop.h"
#include "lib/dev.h"

#define KEEP_HELP "none, all, random or prefix:N of the unflushed"

/*
 * Returns STATUS_OK, or STATUS_USAGE after reporting. @option: the option that @text is the value
 * of. @text: NULL if it was not given. If no seed is given, one is drawn.
 */
int keep_parse(const char *command, const char *option, const char *text,
	       struct reloop_powercut *cut);

/* What to do about an error, -errno, of bind_powercut(). */
const char *keep_explain(int err);

#define KEEP_TEXT_MAX 160

/* Writes "none: kept 0, dropped 12 blocks of 512 bytes". */
void keep_describe(const struct reloop_powercut *cut, char text[KEEP_TEXT_MAX]);

#endif
