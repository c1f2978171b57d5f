// SPDX-License-Identifier: GPL-2.0-only
/* Every state with every event, against the contract written out by hand. */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "device/state.h"

enum { OK = RELOOP_NR_STATES };		/* stays where it is */

static const struct {
	enum reloop_state state;
	const char *name;
	int next[RELOOP_NR_EVENTS];
} contract[] = {
	/* OPEN, CONFIGURE, USE, DETACH, DRAINED, REMOVE */
	{ RELOOP_IDLE, "idle",
	  { OK, RELOOP_LIVE, -ENXIO, -ENXIO, -EINVAL, RELOOP_DYING } },
	{ RELOOP_LIVE, "live",
	  { OK, -EBUSY, OK, RELOOP_DRAINING, -EINVAL, -EBUSY } },
	{ RELOOP_DRAINING, "draining",
	  { -ENXIO, -EBUSY, -ENXIO, -ENXIO, RELOOP_IDLE, -EBUSY } },
	{ RELOOP_DYING, "dying",
	  { -ENXIO, -EBUSY, -ENXIO, -ENXIO, -EINVAL, -ENODEV } },
};

static const char * const events[RELOOP_NR_EVENTS] = {
	"open", "configure", "use", "detach", "drained", "remove",
};

static void check_row(unsigned int row)
{
	enum reloop_state state = contract[row].state;
	int event, want, got;

	CHECK(!strcmp(reloop_state_name(state), contract[row].name),
	      "state %d is called %s", state, contract[row].name);

	for (event = 0; event < RELOOP_NR_EVENTS; event++) {
		CHECK(!strcmp(reloop_event_name(event), events[event]),
		      "event %d is called %s", event, events[event]);
		want = contract[row].next[event];
		if (want == OK)
			want = state;
		got = reloop_state_next(state, event);
		CHECK(got == want, "%s on %s: %d, want %d",
		      contract[row].name, events[event], got, want);
	}
}

int main(void)
{
	unsigned int row;

	CHECK(sizeof(contract) / sizeof(*contract) == RELOOP_NR_STATES,
	      "the contract has a row for every state");
	for (row = 0; row < sizeof(contract) / sizeof(*contract); row++)
		check_row(row);

	CHECK(reloop_state_next(RELOOP_NR_STATES, RELOOP_OPEN) == -EINVAL,
	      "no such state");
	CHECK(reloop_state_next(RELOOP_IDLE, RELOOP_NR_EVENTS) == -EINVAL,
	      "no such event");
	CHECK(!strcmp(reloop_state_name(RELOOP_NR_STATES), "unknown"),
	      "no such state has no name");

	return check_end();
}
