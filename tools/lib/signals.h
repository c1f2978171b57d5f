/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that people and timeouts send to end this process. While held, they wait until what would
 * be left behind is undone, or is to stay; so whatever takes long has to check whether one came.
 */
#ifndef RELOOP_SIGNALS_H
#define RELOOP_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Does not hold those that the caller has ignored or blocked. */
void signals_hold(void);
bool signals_are_held(void);

/* Has one come since they were held? */
bool signals_came(void);

/* Holds them and returns a file that becomes readable when one comes; or -errno, with none held. */
int signals_open(void);

/* Does not return if one came. */
void signals_release(void);

/*
 * No longer holds them, but leaves them blocked: the code that takes over has blocked all signals
 * by now. Removes them from @mask, the signal mask from before that.
 */
void signals_hand_over(sigset_t *mask);

/* Holds them again, in a child of the code that took over, where they are blocked. */
void signals_take_back(void);

/*
 * Sets up signals that must not end this process, or that it relies on, as long as it runs; and
 * restores what the caller had, for a program that is to run in its place.
 */
void signals_arrange(void);
void signals_restore(void);

#endif
