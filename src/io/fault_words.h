/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words of a rule, struct reloop_fault, and how it is written; pure C. The
 * command is linked with it, so that both know the same words.
 */
#ifndef RELOOP_FAULT_WORDS_H
#define RELOOP_FAULT_WORDS_H

#ifdef __KERNEL__
#include <uapi/reloop.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include "../../include/uapi/reloop.h"
#endif

/* Room for a rule as text, with all of its members and all of their digits. */
#define RELOOP_FAULT_TEXT_MAX	224

/**
 * struct reloop_fault_word - a name and what it stands for
 * @name: as it is written in a rule; NULL ends a table
 * @value: an errno, an enum reloop_fault_action, or a bit of @ops
 */
struct reloop_fault_word {
	const char *name;
	__u32 value;
};

/* The block layer's statuses, by the kernel's errno for each. */
extern const struct reloop_fault_word reloop_fault_statuses[];
extern const struct reloop_fault_word reloop_fault_actions[];
extern const struct reloop_fault_word reloop_fault_ops[];

/**
 * reloop_fault_ops_of() - the requests that an action applies to
 * @action: enum reloop_fault_action, or another number
 *
 * Any context.
 *
 * Return: RELOOP_FAULT_READ and so on; 0 if no rule has such an action.
 */
__u32 reloop_fault_ops_of(__u32 action);

/**
 * reloop_fault_fails() - whether an action makes a request fail
 * @action: enum reloop_fault_action
 *
 * Any context.
 */
bool reloop_fault_fails(__u32 action);

/**
 * reloop_fault_ok() - whether this is a valid rule, or clears all rules
 * @fault: from a program; @size, @number and @diskseq do not matter
 *
 * Any context.
 */
bool reloop_fault_ok(const struct reloop_fault *fault);

/**
 * reloop_fault_print() - format a rule as text
 * @fault: a rule for which reloop_fault_ok() holds
 * @text: receives the rule, without members that have their default
 *
 * Any context.
 */
void reloop_fault_print(const struct reloop_fault *fault,
			char text[RELOOP_FAULT_TEXT_MAX]);

#endif /* RELOOP_FAULT_WORDS_H */
