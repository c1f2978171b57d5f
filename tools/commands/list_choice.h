/* SPDX-License-Identifier: GPL-2.0-only */
/* Chooses the devices that a list is asked for. */
#ifndef RELOOP_LIST_CHOICE_H
#define RELOOP_LIST_CHOICE_H

#include "lib/dev.h"

/*
 * Moves the devices that have @label, if that is not NULL, and those that each operand means to the
 * front, and counts them; if nothing is asked for, all of them. Returns a status and has reported
 * what does not exist.
 */
int list_choose(const char *prefix, struct dev *devs, size_t *count, const char *label,
		char **operands, int operand_count);

#endif
