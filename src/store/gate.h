/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A gate for writes: many pass it together, each from before it begins until it
 * has ended, and who shuts it waits for those that have passed and keeps others
 * out.
 *
 * A device has one that keeps its buffered writes away from its direct ones. A
 * buffered write of a part of a block reads the rest of it into the page
 * cache and leaves all of it dirty. Were a direct write of that rest under
 * way, what it writes would be overwritten later by what was read before. So
 * direct writes pass, and a buffered write shuts. Where no request goes past
 * the page cache nobody needs it.
 *
 * An overlay has one that keeps writes away from what changes pieces as a whole.
 */
#ifndef RELOOP_GATE_H
#define RELOOP_GATE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/mutex.h>
#include <linux/wait.h>

/* Added to the count while the gate is shut: more than there are requests. */
#define RELOOP_GATE_SHUT	(-(1 << 30))

/**
 * struct reloop_gate - a gate
 * @count: those that have passed, plus %RELOOP_GATE_SHUT
 * @last: where who shuts it waits for the last of them
 * @shut: held by who has shut it
 *
 * Requests of all kinds look at what is beside it.
 */
struct reloop_gate {
	atomic_t count;
	wait_queue_head_t last;
	struct mutex shut; /* one at a time */
} ____cacheline_aligned_in_smp;

/**
 * reloop_gate_init() - a gate that is open
 * @gate: zeroed
 *
 * Any context.
 */
void reloop_gate_init(struct reloop_gate *gate);

/**
 * reloop_gate_try_pass() - begin a write, if the gate is open
 * @gate: of the device or the overlay
 *
 * Any context. Where it passes, reloop_gate_leave() is to follow.
 *
 * Return: whether the gate is open.
 */
static inline bool reloop_gate_try_pass(struct reloop_gate *gate)
{
	return atomic_inc_unless_negative(&gate->count);
}

/**
 * reloop_gate_pass() - begin a write, when the gate is open
 * @gate: of the device or the overlay
 *
 * Sleeps until those who have shut it before have opened it. The caller must
 * hold nothing that a write needs to end. reloop_gate_leave() is to follow.
 */
void reloop_gate_pass(struct reloop_gate *gate);

/**
 * reloop_gate_leave() - a write has ended, and what belongs to its end
 * @gate: passed
 *
 * Any context. Another task than the one that passed may leave. The request
 * must not have ended yet, since the device may go after it.
 */
static inline void reloop_gate_leave(struct reloop_gate *gate)
{
	if (unlikely(atomic_dec_return(&gate->count) == RELOOP_GATE_SHUT))
		wake_up_all(&gate->last);
}

/**
 * reloop_gate_shut() - be alone
 * @gate: of the device or the overlay
 *
 * Sleeps until none is under way that has passed. The caller must hold nothing
 * that a write needs to end, and calls reloop_gate_open().
 */
void reloop_gate_shut(struct reloop_gate *gate);

/**
 * reloop_gate_open() - let others pass
 * @gate: shut by the caller
 *
 * May sleep.
 */
void reloop_gate_open(struct reloop_gate *gate);

/**
 * reloop_gate_open_and_pass() - let others pass, and be one of them
 * @gate: shut by the caller
 *
 * Nobody can shut it in between. May sleep; reloop_gate_leave() is to follow.
 */
void reloop_gate_open_and_pass(struct reloop_gate *gate);

#endif /* RELOOP_GATE_H */
