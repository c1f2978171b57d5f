/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints, in events/reloop/ of tracefs. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM reloop

#if !defined(RELOOP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RELOOP_TRACE_H

#include <linux/blkdev.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "device/state.h"

#define RELOOP_TRACE_NAME_LEN	12

/*
 * reloop_state - a device goes from one state to another
 * @disk: name of the disk
 * @from: the state it was in
 * @event: what happened, as in the table of state.c
 * @to: the state it is in now
 *
 * Once for each change, under the device's lock, so in order for each device.
 * Texts rather than numbers, so that a filter can say: to == "live".
 */
TRACE_EVENT(reloop_state,
	TP_PROTO(const char *disk, enum reloop_state from,
		 enum reloop_event event, enum reloop_state to),
	TP_ARGS(disk, from, event, to),
	TP_STRUCT__entry(
		__array(char, disk, DISK_NAME_LEN)
		__array(char, from, RELOOP_TRACE_NAME_LEN)
		__array(char, event, RELOOP_TRACE_NAME_LEN)
		__array(char, to, RELOOP_TRACE_NAME_LEN)
	),
	TP_fast_assign(
		strscpy(__entry->disk, disk, DISK_NAME_LEN);
		strscpy(__entry->from, reloop_state_name(from),
			RELOOP_TRACE_NAME_LEN);
		strscpy(__entry->event, reloop_event_name(event),
			RELOOP_TRACE_NAME_LEN);
		strscpy(__entry->to, reloop_state_name(to),
			RELOOP_TRACE_NAME_LEN);
	),
	TP_printk("%s: %s -> %s by %s", __entry->disk, __entry->from,
		  __entry->to, __entry->event)
);

#endif /* RELOOP_TRACE_H */

/* Kbuild searches src/ for headers. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH device
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
