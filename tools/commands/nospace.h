/* SPDX-License-Identifier: GPL-2.0-only */
/* The value of --nospace, for all commands that have it. */
#ifndef RELOOP_NOSPACE_H
#define RELOOP_NOSPACE_H

#include <stdint.h>

/*
 * Returns STATUS_OK, or STATUS_USAGE after reporting. @text: NULL if it was not given. @seconds:
 * the value for struct reloop_attach.
 */
int nospace_check(const char *command, const char *text, uint32_t *seconds);

#endif
