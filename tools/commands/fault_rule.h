/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses a rule by which requests fail from the words of a command line. */
#ifndef RELOOP_FAULT_RULE_H
#define RELOOP_FAULT_RULE_H

#include "../include/uapi/reloop.h"

/*
 * Returns STATUS_OK, or STATUS_USAGE after reporting. @words: each is KEY=VALUE. @fault: receives
 * everything except which device it is.
 */
int fault_rule_parse(char **words, int count, struct reloop_fault *fault);

/* Prints what the help says about these words. */
void fault_rule_print_help(void);

#endif
