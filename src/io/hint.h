/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether to ask the store not to block, or to use a plug, by what came of it
 * so far. After each try in vain, twice as many as before are skipped, since
 * tries cost: in a file full of holes, all writes would block. The counts are
 * only hints, so it does not matter if others write them at the same time.
 */
#ifndef RELOOP_HINT_H
#define RELOOP_HINT_H

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define RELOOP_HINT_STREAK_MAX	7

/**
 * struct reloop_hint - whether to try what may be in vain
 * @streak: how many tries in a row were in vain, up to a maximum
 * @skip: how many tries to skip
 */
struct reloop_hint {
	u8 streak;
	u8 skip;
};

/**
 * reloop_hint_skip() - whether to skip this try
 * @hint: of what may be tried; counts this try
 *
 * Any context.
 */
static inline bool reloop_hint_skip(struct reloop_hint *hint)
{
	unsigned int skip = READ_ONCE(hint->skip);

	if (likely(!skip))
		return false;

	WRITE_ONCE(hint->skip, skip - 1);
	return true;
}

/**
 * reloop_hint_learn() - record the outcome of a try
 * @hint: of what was tried
 * @in_vain: whether it was in vain
 *
 * Any context.
 */
static inline void reloop_hint_learn(struct reloop_hint *hint, bool in_vain)
{
	unsigned int streak = READ_ONCE(hint->streak);

	if (in_vain) {
		streak = min(streak + 1, RELOOP_HINT_STREAK_MAX);
		WRITE_ONCE(hint->streak, streak);
		WRITE_ONCE(hint->skip, (1U << streak) - 1);
	} else if (streak) {
		WRITE_ONCE(hint->streak, 0);
	}
}

#endif /* RELOOP_HINT_H */
