/* SPDX-License-Identifier: GPL-2.0-only */
/* The value of --nospace, for all commands that have it. */
#ifndef RELOOP_NOSPACE_H
#define RELOOP_NOSPACE_H

#include <stdbool.h>
#include <stdint.h>

/* The value for struct reloop_attach. Accepts only what the module's attribute accepts. */
bool nospace_parse(const char *text, uint32_t *seconds);

/*
 * Returns STATUS_OK, or STATUS_USAGE after reporting. @text: NULL if it was not given.
 */
int nospace_check(const char *command, const char *text, uint32_t *seconds);

#endif
