/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The states of a loop device, and what each event does in each state. Pure C,
 * built into both the module and the unit tests.
 */
#ifndef RELOOP_STATE_H
#define RELOOP_STATE_H

enum reloop_state {
	RELOOP_IDLE,		/* no backing file */
	RELOOP_LIVE,		/* a backing file is attached */
	RELOOP_DRAINING,	/* detached, but its only opener has it open */
	RELOOP_DYING,		/* being removed */
	RELOOP_NR_STATES
};

enum reloop_event {
	RELOOP_OPEN,		/* somebody opens the device */
	RELOOP_CONFIGURE,	/* a backing file is to be attached */
	RELOOP_USE,		/* an ioctl that needs a backing file */
	RELOOP_DETACH,		/* the backing file is to go */
	RELOOP_DRAINED,		/* the backing file is gone */
	RELOOP_REMOVE,		/* the device itself is to go */
	RELOOP_NR_EVENTS
};

/**
 * reloop_state_next() - what an event does in a state
 * @state: the state the device is in
 * @event: what is about to happen
 *
 * Any context.
 *
 * Return: the next state, which may be @state itself, or the negative errno
 * that refuses the event: -ENXIO if a backing file or the device is missing,
 * -EBUSY if the device is in use, -ENODEV if it is being removed, -EINVAL if
 * the caller is wrong.
 */
int reloop_state_next(enum reloop_state state, enum reloop_event event);

/**
 * reloop_state_name() - the name of a state in lower case
 * @state: the state
 *
 * Return: a constant string, never NULL.
 */
const char *reloop_state_name(enum reloop_state state);

/**
 * reloop_event_name() - the name of an event in lower case
 * @event: the event
 *
 * Return: a constant string, never NULL.
 */
const char *reloop_event_name(enum reloop_event event);

#endif /* RELOOP_STATE_H */
