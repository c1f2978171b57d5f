// SPDX-License-Identifier: GPL-2.0-only
/* Who is doing what, what went wrong, and who is stuck. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "torture.h"

#define MAX_COMPLAINTS	50

atomic_bool stopping;

static struct worker *workers[MAX_THREADS + 1];
static atomic_uint worker_count;
static atomic_uint complaints;
static long deadline;

/* Time. */

uint64_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

long seconds_now(void)
{
	return milliseconds_now() / 1000;
}

void set_deadline(unsigned int seconds)
{
	deadline = seconds_now() + seconds;
}

bool is_time_up(void)
{
	return stopping || seconds_now() >= deadline;
}

/* Workers. */

void worker_register(struct worker *worker, unsigned int number)
{
	worker->number = number;
	worker->tid = gettid();
	workers[atomic_fetch_add(&worker_count, 1)] = worker;
}

void worker_begin(struct worker *worker, const char *what)
{
	worker->rng.state = rng_mix(rng_mix(settings.seed, worker->number), worker->round);
	worker->since = seconds_now();
	worker->doing = what;
}

void worker_end(struct worker *worker)
{
	worker->doing = NULL;
	worker->round++;
}

/* What went wrong. */

void complain(struct worker *worker, const char *format, ...)
{
	const char *doing = worker->doing;
	char text[512];
	va_list args;

	if (atomic_fetch_add(&complaints, 1) >= MAX_COMPLAINTS)
		return;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("FAILED: %s: %s (seed %llu, thread %u, round %llu)\n", doing ? doing : "?", text,
	       (unsigned long long)settings.seed, worker->number,
	       (unsigned long long)worker->round);
	fflush(stdout);
}

unsigned int complaint_count(void)
{
	return complaints;
}

void give_up(const char *format, ...)
{
	va_list args;

	fputs("torture: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

bool errno_is_in(int error, const int *list)
{
	for (; *list; list++)
		if (*list == error)
			return true;
	return false;
}

bool expect(struct worker *worker, int ret, const char *what, const int *allowed)
{
	if (ret >= 0 || errno_is_in(-ret, allowed))
		return true;

	complain(worker, "%s: unexpected %s", what, strerrorname_np(-ret));
	return false;
}

/* Who is stuck. */

static void (*on_stall)(void);

static void print_stack(const char *task)
{
	char path[PATH_BYTES], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/stack", task);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		printf("    %s", line);
	if (file)
		fclose(file);
}

/* Prints the stacks of all tasks in uninterruptible sleep: among them is who is waited for. */
static void print_sleepers(void)
{
	char path[PATH_BYTES], text[256], *state;
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	FILE *file;

	while (dir && (entry = readdir(dir))) {
		if (!isdigit(*entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%.16s/stat", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		state = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
		fclose(file);
		if (!state || state[2] != 'D')
			continue;
		printf("  asleep: %.*s\n", (int)(state - text) + 1, text);
		print_stack(entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static void report_stall(struct worker *stuck, const char *doing)
{
	char text[256];
	unsigned int i;

	snprintf(text, sizeof(text),
		 "torture: no progress for %u s in '%s' (seed %llu, thread %u, round %llu)\n",
		 settings.stall_seconds, doing, (unsigned long long)settings.seed, stuck->number,
		 (unsigned long long)stuck->round);
	fputs(text, stdout);
	for (i = 0; i < worker_count; i++) {
		doing = workers[i]->doing;
		if (!doing)
			continue;
		printf("  thread %u has been in '%s' for %ld s\n", workers[i]->number, doing,
		       seconds_now() - workers[i]->since);
		snprintf(text, sizeof(text), "self/task/%d", workers[i]->tid);
		print_stack(text);
	}
	print_sleepers();
	fflush(stdout);
	write_text("/proc/sysrq-trigger", "w");
	write_text("/dev/kmsg", text);
}

static struct worker *find_stuck(const char **doing)
{
	unsigned int i;

	for (i = 0; i < worker_count; i++) {
		*doing = workers[i]->doing;
		if (*doing && seconds_now() - workers[i]->since > settings.stall_seconds)
			return workers[i];
	}
	return NULL;
}

static void *watch(void *unused)
{
	struct worker *stuck;
	const char *doing;

	(void)unused;
	do {
		sleep(1);
		stuck = find_stuck(&doing);
	} while (!stuck);
	report_stall(stuck, doing);
	on_stall();
	return NULL;
}

void watchdog_start(void (*callback)(void))
{
	pthread_t thread;

	on_stall = callback;
	if (pthread_create(&thread, NULL, watch, NULL))
		give_up("no thread for the watchdog");
}
