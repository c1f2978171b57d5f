/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Progress of long tasks. Without a function that shows it, nothing here does anything. Nothing is
 * shown at the beginning, nor for tasks that take less than half a second.
 */
#ifndef RELOOP_PROGRESS_H
#define RELOOP_PROGRESS_H

#define PROGRESS_NO_PERCENT -1

void progress_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void progress_tick(void);		/* still going on */
void progress_tick_percent(int percent);
void progress_show(void);		/* it will take long */
void progress_end(void);

/* @percent may be PROGRESS_NO_PERCENT; @erase removes what has been shown. */
void progress_is_shown_by(void (*show)(const char *task, int percent), void (*erase)(void));

#endif
