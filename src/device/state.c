// SPDX-License-Identifier: GPL-2.0-only
/*
 * The transition table of a loop device, which defines its life cycle.
 *
 * Every change of state happens under the device's lock, and a device is
 * configured with that lock held. Nobody can see a device half way to LIVE, so
 * there is no state for it. DRAINING exists because the kernel's own driver
 * since 6.11 lets LOOP_CLR_FD take effect at the last close: until then the
 * device refuses opens and use, and still owns its backing file.
 *
 * LOOP_CLR_FD on a device that others have open does not change the state. It
 * sets autoclear, a property of the device, and the last close sends DETACH.
 */
#include <linux/errno.h>

#include "device/state.h"

static const signed char next_state[RELOOP_NR_STATES][RELOOP_NR_EVENTS] = {
	[RELOOP_IDLE] = {
		[RELOOP_OPEN]		= RELOOP_IDLE,
		[RELOOP_CONFIGURE]	= RELOOP_LIVE,
		[RELOOP_USE]		= -ENXIO,
		[RELOOP_DETACH]		= -ENXIO,
		[RELOOP_DRAINED]	= -EINVAL,
		[RELOOP_REMOVE]		= RELOOP_DYING,
	},
	[RELOOP_LIVE] = {
		[RELOOP_OPEN]		= RELOOP_LIVE,
		[RELOOP_CONFIGURE]	= -EBUSY,
		[RELOOP_USE]		= RELOOP_LIVE,
		[RELOOP_DETACH]		= RELOOP_DRAINING,
		[RELOOP_DRAINED]	= -EINVAL,
		[RELOOP_REMOVE]		= -EBUSY,
	},
	[RELOOP_DRAINING] = {
		[RELOOP_OPEN]		= -ENXIO,
		[RELOOP_CONFIGURE]	= -EBUSY,
		[RELOOP_USE]		= -ENXIO,
		[RELOOP_DETACH]		= -ENXIO,
		[RELOOP_DRAINED]	= RELOOP_IDLE,
		[RELOOP_REMOVE]		= -EBUSY,
	},
	[RELOOP_DYING] = {
		[RELOOP_OPEN]		= -ENXIO,
		[RELOOP_CONFIGURE]	= -EBUSY,
		[RELOOP_USE]		= -ENXIO,
		[RELOOP_DETACH]		= -ENXIO,
		[RELOOP_DRAINED]	= -EINVAL,
		[RELOOP_REMOVE]		= -ENODEV,
	},
};

int reloop_state_next(enum reloop_state state, enum reloop_event event)
{
	if ((unsigned int)state >= RELOOP_NR_STATES ||
	    (unsigned int)event >= RELOOP_NR_EVENTS)
		return -EINVAL;

	return next_state[state][event];
}

const char *reloop_state_name(enum reloop_state state)
{
	static const char * const names[RELOOP_NR_STATES] = {
		[RELOOP_IDLE]		= "idle",
		[RELOOP_LIVE]		= "live",
		[RELOOP_DRAINING]	= "draining",
		[RELOOP_DYING]		= "dying",
	};

	if ((unsigned int)state >= RELOOP_NR_STATES)
		return "unknown";

	return names[state];
}

const char *reloop_event_name(enum reloop_event event)
{
	static const char * const names[RELOOP_NR_EVENTS] = {
		[RELOOP_OPEN]		= "open",
		[RELOOP_CONFIGURE]	= "configure",
		[RELOOP_USE]		= "use",
		[RELOOP_DETACH]		= "detach",
		[RELOOP_DRAINED]	= "drained",
		[RELOOP_REMOVE]		= "remove",
	};

	if ((unsigned int)event >= RELOOP_NR_EVENTS)
		return "unknown";

	return names[event];
}
