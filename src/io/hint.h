/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What came of asking the store not to block, or of a plug. After each time
 * that it was in vain, twice as many go by before it is tried again, since that
 * costs: writes to a file full of holes would block one and all. The counts are
 * hints, so nobody minds who else writes them at the same time.
 */
#ifndef RELOOP_HINT_H
#define RELOOP_HINT_H

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define RELOOP_HINT_STREAK_MAX	7

/**
 * struct reloop_hint - whether to try what may be in vain
 * @streak: how often in a row it was, up to a maximum
 * @skip: how many times not to try
 */
struct reloop_hint {
	u8 streak;
	u8 skip;
};

/**
 * reloop_hint_skip() - whether not to try this time
 * @hint: of what may be tried; counts this time
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
 * reloop_hint_learn() - tell what came of a try
 * @hint: of what was tried
 * @in_vain: whether it was
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
