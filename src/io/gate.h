/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the buffered writes of a device away from its direct ones.
 *
 * A buffered write of a part of a block reads the rest of it into the page
 * cache and leaves all of it dirty. Were a direct write of that rest under
 * way, what it writes would be overwritten later by what was read before. So
 * direct writes pass the gate together, each from before its call of the
 * store until it has ended, and a buffered write shuts the gate: it waits
 * for those that have passed and keeps others out. Where no request goes past
 * the page cache nobody needs it.
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
 * struct reloop_gate - the gate of one device
 * @count: direct writes under way, plus %RELOOP_GATE_SHUT
 * @last: where a buffered write waits for the last direct one
 * @shut: held by the buffered write that has shut the gate
 *
 * Requests of all kinds look at what is beside it in a device.
 */
struct reloop_gate {
	atomic_t count;
	wait_queue_head_t last;
	struct mutex shut; /* one buffered write at a time */
} ____cacheline_aligned_in_smp;

/**
 * reloop_gate_init() - a gate that is open
 * @gate: zeroed
 *
 * Any context.
 */
void reloop_gate_init(struct reloop_gate *gate);

/**
 * reloop_gate_try_pass() - begin a direct write, if the gate is open
 * @gate: of the device
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
 * reloop_gate_pass() - begin a direct write, when the gate is open
 * @gate: of the device
 *
 * Sleeps until the buffered writes before it have ended. The caller must hold
 * nothing that a write needs to end. reloop_gate_leave() is to follow.
 */
void reloop_gate_pass(struct reloop_gate *gate);

/**
 * reloop_gate_leave() - a direct write has ended, its page cache is dropped
 * @gate: of the device
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
 * reloop_gate_shut() - begin a buffered write
 * @gate: of the device
 *
 * Sleeps until no write of the device is under way. The caller must hold
 * nothing that a write needs to end, and calls reloop_gate_open().
 */
void reloop_gate_shut(struct reloop_gate *gate);

/**
 * reloop_gate_open() - a buffered write has ended
 * @gate: shut by the caller
 *
 * May sleep.
 */
void reloop_gate_open(struct reloop_gate *gate);

#endif /* RELOOP_GATE_H */
