/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of two ways is cheaper, by measure: the cheaper one is taken, and now
 * and then the other one is tried. Pure C.
 */
#ifndef RELOOP_TRIAL_H
#define RELOOP_TRIAL_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#endif

/**
 * struct reloop_trial - what is known of both ways; zeroed, the first is taken,
 *         and the second has yet to be tried
 * @costs: of either way, when it was last taken
 * @is_second: the second way is taken
 * @stage: of a trial of the other way: 1, a few steps; 2, if those were cheap,
 *         some more; 0, there is none
 * @skip: how often to go on before the next trial
 * @wait: how many times were skipped before the last one
 */
struct reloop_trial {
	unsigned int costs[2];
	bool is_second;
	unsigned int stage;
	unsigned int skip;
	unsigned int wait;
};

/**
 * reloop_trial_next() - learn what a way has cost, and choose
 * @trial: of both ways; says which one to take next, and whether to try it
 * @cost: of the way that was taken, in any unit
 *
 * The second way must be cheaper by an eighth to be taken. After each trial
 * that changes nothing, twice as many as before are skipped, up to a maximum.
 * Any context; calls for one @trial at the same time spoil what is known.
 */
void reloop_trial_next(struct reloop_trial *trial, unsigned int cost);

#endif /* RELOOP_TRIAL_H */
