/* SPDX-License-Identifier: GPL-2.0-only */
/* What --nospace says, of all commands that have it. */
#ifndef RELOOP_NOSPACE_H
#define RELOOP_NOSPACE_H

#include <stdint.h>

/*
 * STATUS_OK, or STATUS_USAGE, and reported. @text: NULL if it was not given. @seconds: as in struct
 * reloop_attach.
 */
int nospace_check(const char *command, const char *text, uint32_t *seconds);

#endif
