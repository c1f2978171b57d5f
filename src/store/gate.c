// SPDX-License-Identifier: GPL-2.0-only
/* A gate that writes pass, and that others shut to be alone. */
#include "store/gate.h"

void reloop_gate_init(struct reloop_gate *gate)
{
	atomic_set(&gate->count, 0);
	init_waitqueue_head(&gate->last);
	mutex_init(&gate->shut);
}

/* Takes its turn with those who shut the gate, however many there are. */
void reloop_gate_pass(struct reloop_gate *gate)
{
	if (reloop_gate_try_pass(gate))
		return;

	mutex_lock(&gate->shut);
	atomic_inc(&gate->count);
	mutex_unlock(&gate->shut);
}

void reloop_gate_shut(struct reloop_gate *gate)
{
	mutex_lock(&gate->shut);
	if (atomic_add_return(RELOOP_GATE_SHUT, &gate->count) !=
	    RELOOP_GATE_SHUT)
		wait_event(gate->last, atomic_read_acquire(&gate->count) ==
				       RELOOP_GATE_SHUT);
}

void reloop_gate_open(struct reloop_gate *gate)
{
	/*
	 * A full barrier. Pairs with reloop_gate_try_pass(): whoever passes
	 * without the mutex sees what was written.
	 */
	atomic_sub_return(RELOOP_GATE_SHUT, &gate->count);
	mutex_unlock(&gate->shut);
}

void reloop_gate_open_and_pass(struct reloop_gate *gate)
{
	atomic_sub_return(RELOOP_GATE_SHUT - 1, &gate->count);
	mutex_unlock(&gate->shut);
}
