/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a valid label is. Pure C, built into the module, the unit tests and the
 * command.
 */
#ifndef RELOOP_LABEL_H
#define RELOOP_LABEL_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#endif
#include <uapi/reloop.h>

/**
 * reloop_label_ok() - whether a text can be a label
 * @label: RELOOP_LABEL_SIZE bytes of anything
 *
 * The rules are in include/uapi/reloop.h: a label can be a file name, and is
 * what it looks like. Any context.
 */
bool reloop_label_ok(const char *label);

#endif /* RELOOP_LABEL_H */
