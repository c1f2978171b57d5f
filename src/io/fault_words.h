/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a rule of struct reloop_fault may say, and how it is written; pure C. The
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

/* A rule as a text, all of its members with all of their digits. */
#define RELOOP_FAULT_TEXT_MAX	224

/**
 * struct reloop_fault_word - a name and what it stands for
 * @name: as it is written in a rule; NULL ends a table
 * @value: an errno, enum reloop_fault_action or a bit of what @ops has
 */
struct reloop_fault_word {
	const char *name;
	__u32 value;
};

/* The block layer's statuses, by the errno that the kernel has for each. */
extern const struct reloop_fault_word reloop_fault_statuses[];
extern const struct reloop_fault_word reloop_fault_actions[];
extern const struct reloop_fault_word reloop_fault_ops[];

/**
 * reloop_fault_ops_of() - the requests that an action is of
 * @action: enum reloop_fault_action, or another number
 *
 * Any context.
 *
 * Return: RELOOP_FAULT_READ and so on; 0 where no rule has such an action.
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
 * reloop_fault_ok() - whether it is a rule, or clears all of them
 * @fault: from a program; @size, @number and @diskseq do not matter
 *
 * Any context.
 */
bool reloop_fault_ok(const struct reloop_fault *fault);

/**
 * reloop_fault_print() - a rule as it is written
 * @fault: for which reloop_fault_ok() holds
 * @text: receives it; what has its default is left out
 *
 * Any context.
 */
void reloop_fault_print(const struct reloop_fault *fault,
			char text[RELOOP_FAULT_TEXT_MAX]);

#endif /* RELOOP_FAULT_WORDS_H */
