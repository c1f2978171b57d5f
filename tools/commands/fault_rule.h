/* SPDX-License-Identifier: GPL-2.0-only */
/* A rule by which requests fail, from the words of a command line. */
#ifndef RELOOP_FAULT_RULE_H
#define RELOOP_FAULT_RULE_H

#include "../include/uapi/reloop.h"

/*
 * STATUS_OK, or STATUS_USAGE, and reported. @words: KEY=VALUE each. @fault: gets all but what names
 * the device.
 */
int fault_rule_parse(char **words, int count, struct reloop_fault *fault);

/* What the help says of the words. */
void fault_rule_print_help(void);

#endif
