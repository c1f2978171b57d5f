/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A gate for writes. Many writes can pass it together; each is inside from
 * before it begins until it has ended. Whoever shuts the gate waits for the
 * writes that have passed and keeps others out.
 *
 * A device has one that separates its buffered writes from its direct ones. A
 * buffered write of part of a block reads the rest of the block into the page
 * cache and dirties all of it. If a direct write of that rest were under way,
 * its data would be overwritten later by what was read before. So direct writes
 * pass the gate, and a buffered write shuts it. A device whose requests all go
 * through the page cache does not need it.
 *
 * An overlay has one that separates writes from changes to whole pieces.
 */
#ifndef RELOOP_GATE_H
#define RELOOP_GATE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/mutex.h>
#include <linux/wait.h>

/* Added to the count of a shut gate; outweighs all possible requests. */
#define RELOOP_GATE_SHUT	(-(1 << 30))

/**
 * struct reloop_gate - a gate
 * @count: number of writes that have passed, plus %RELOOP_GATE_SHUT while shut
 * @last: where whoever shuts the gate waits for the last of these writes
 * @shut: held by whoever has shut the gate
 *
 * Aligned because requests of all kinds read what is next to it.
 */
struct reloop_gate {
	atomic_t count;
	wait_queue_head_t last;
	struct mutex shut; /* one at a time */
} ____cacheline_aligned_in_smp;

/**
 * reloop_gate_init() - initialize a gate, open
 * @gate: zeroed
 *
 * Any context.
 */
void reloop_gate_init(struct reloop_gate *gate);

/**
 * reloop_gate_try_pass() - begin a write if the gate is open
 * @gate: of the device or the overlay
 *
 * Any context. If it passes, reloop_gate_leave() must follow.
 *
 * Return: whether the gate is open and was passed.
 */
static inline bool reloop_gate_try_pass(struct reloop_gate *gate)
{
	return atomic_inc_unless_negative(&gate->count);
}

/**
 * reloop_gate_pass() - wait for the gate to be open, and begin a write
 * @gate: of the device or the overlay
 *
 * Sleeps until everyone who has shut the gate before has opened it. The caller
 * must hold nothing that a write needs in order to end. reloop_gate_leave()
 * must follow.
 */
void reloop_gate_pass(struct reloop_gate *gate);

/**
 * reloop_gate_leave() - end a write, after everything that belongs to its end
 * @gate: passed
 *
 * Any context; may be called by another task than the one that passed. The
 * request must not have ended yet, since the device may go away after that.
 */
static inline void reloop_gate_leave(struct reloop_gate *gate)
{
	if (unlikely(atomic_dec_return(&gate->count) == RELOOP_GATE_SHUT))
		wake_up_all(&gate->last);
}

/**
 * reloop_gate_shut() - shut the gate and be alone
 * @gate: of the device or the overlay
 *
 * Sleeps until no write that has passed is under way. The caller must hold
 * nothing that a write needs in order to end, and calls reloop_gate_open().
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
 * reloop_gate_open_and_pass() - let others pass, and pass as well
 * @gate: shut by the caller
 *
 * Nobody can shut the gate in between. May sleep; reloop_gate_leave() must
 * follow.
 */
void reloop_gate_open_and_pass(struct reloop_gate *gate);

#endif /* RELOOP_GATE_H */
