/* SPDX-License-Identifier: GPL-2.0-only */
/* Of all devices those that a list is asked for. */
#ifndef RELOOP_LIST_CHOICE_H
#define RELOOP_LIST_CHOICE_H

#include "lib/dev.h"

/*
 * Moves to the front, and counts, what has @label, if that is not NULL, and what each operand
 * means; all of them, if nothing is asked for. Returns a status, and has reported what is not
 * there.
 */
int list_choose(const char *prefix, struct dev *devs, size_t *count, const char *label,
		char **operands, int operand_count);

#endif
