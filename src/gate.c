// SPDX-License-Identifier: GPL-2.0-only
/* Keeps the buffered writes of a device away from its direct ones. */
#include "gate.h"

void reloop_gate_init(struct reloop_gate *gate)
{
	atomic_set(&gate->count, 0);
	init_waitqueue_head(&gate->waiters);
	mutex_init(&gate->shut);
}

void reloop_gate_pass(struct reloop_gate *gate)
{
	wait_event(gate->waiters, reloop_gate_try_pass(gate));
}

void reloop_gate_shut(struct reloop_gate *gate)
{
	mutex_lock(&gate->shut);
	atomic_add(RELOOP_GATE_SHUT, &gate->count);
	wait_event(gate->waiters,
		   atomic_read_acquire(&gate->count) == RELOOP_GATE_SHUT);
}

void reloop_gate_open(struct reloop_gate *gate)
{
	atomic_sub(RELOOP_GATE_SHUT, &gate->count);
	wake_up_all(&gate->waiters);
	mutex_unlock(&gate->shut);
}
