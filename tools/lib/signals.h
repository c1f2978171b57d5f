/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What people and time-outs send to end us. Held back, it waits until what would be left behind is
 * undone, or is to stay; so what may take long then has to look whether one has come.
 */
#ifndef RELOOP_SIGNALS_H
#define RELOOP_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Not those that the caller has us ignore, or has blocked. */
void signals_hold(void);
bool signals_are_held(void);

/* Has one come since they are held? */
bool signals_came(void);

/* Holds them; a file that can be read when one has come, or -errno, and none is held. */
int signals_open(void);

/* Does not return if one has come. */
void signals_release(void);

/*
 * Held no more, but blocked still: who takes over has blocked all by then, and @mask, which was in
 * force before, is made one without them.
 */
void signals_hand_over(sigset_t *mask);

/* Held again, by a child of who took over, that has them blocked. */
void signals_take_back(void);

/*
 * Those that are not to end us, or that we cannot do without, as long as it is us who run; and as
 * the caller had them, for a program that is to run in our place.
 */
void signals_arrange(void);
void signals_restore(void);

#endif
