// SPDX-License-Identifier: GPL-2.0-only
#include "lib/progress.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/deadline.h"

#define SHOWN_AFTER_MS 500

static void (*show_task)(const char *task, int percent);
static void (*erase_task)(void);

/* The task that is under way, if any, and what is shown of it. */
static char *task;
static uint64_t shown_from_ms;
static int shown_percent;
static bool is_shown;

void progress_is_shown_by(void (*show)(const char *task, int percent), void (*erase)(void))
{
	show_task = show;
	erase_task = erase;
}

void progress_begin(const char *format, ...)
{
	va_list args;

	progress_end();
	va_start(args, format);
	if (!show_task || vasprintf(&task, format, args) < 0)
		task = NULL;
	va_end(args);
	shown_from_ms = deadline_ms(SHOWN_AFTER_MS);
}

static void show(int percent)
{
	if (is_shown && percent == shown_percent)
		return;
	show_task(task, percent);
	is_shown = true;
	shown_percent = percent;
}

void progress_tick_percent(int percent)
{
	if (task && deadline_ms(0) >= shown_from_ms)
		show(percent);
}

void progress_tick(void)
{
	progress_tick_percent(PROGRESS_NO_PERCENT);
}

void progress_show(void)
{
	if (task)
		show(PROGRESS_NO_PERCENT);
}

void progress_end(void)
{
	if (is_shown)
		erase_task();
	is_shown = false;
	free(task);
	task = NULL;
}
