// SPDX-License-Identifier: GPL-2.0-only
/* Whose call does not end. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

/* Longer than that nobody waits who may wait for ever. */
#define PATIENT_MS	2000

static void print_file(const char *path)
{
	char line[256];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		printf("    %s", line);
	if (file)
		fclose(file);
}

static void print_stack(const char *what, const char *task)
{
	char path[PATH_BYTES];

	printf("  %s: %s\n", task, what);
	snprintf(path, sizeof(path), "/proc/%.32s/stack", task);
	print_file(path);
}

/* Among those that cannot be woken is who is waited for. */
static void print_sleepers(void)
{
	char path[PATH_BYTES], text[PATH_BYTES];
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	const char *state;
	FILE *file;

	while (dir && (entry = readdir(dir))) {
		if (!isdigit(*entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%.32s/stat", entry->d_name);
		file = fopen(path, "r");
		state = file && fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
		if (state && state[2] == 'D')
			print_stack(text, entry->d_name);
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
}

void watch_report(struct worker *stuck)
{
	char text[TEXT_BYTES + 64];
	struct worker *worker;

	snprintf(text, sizeof(text), "fuzz: thread %u is stuck: %s\n", stuck->number, stuck->text);
	printf("FAILED: no end for %u s (seed %llu, thread %u, operation %llu): %s\n",
	       settings.stall_seconds, (unsigned long long)settings.seed, stuck->number,
	       (unsigned long long)stuck->serial, stuck->text);
	for (worker = shared->workers; worker < shared->workers + WORKERS; worker++) {
		char task[32];

		snprintf(task, sizeof(task), "%d", worker->tid);
		print_stack(worker->text, task);
	}
	print_sleepers();
	fflush(stdout);
	write_text("/proc/sysrq-trigger", "w");
	write_text("/dev/kmsg", text);
}

/* Wakes who may wait for ever, and finds who is stuck. */
struct worker *watch_find(void)
{
	struct worker *worker;
	unsigned int since, took;

	for (worker = shared->workers; worker < shared->workers + WORKERS; worker++) {
		since = worker->since;
		took = milliseconds_now() - since;
		if (!since || (int)took < 0)
			continue;
		if (took > settings.stall_seconds * 1000)
			return worker;
		if (took > PATIENT_MS && worker->may_wait)
			syscall(SYS_tkill, worker->tid, SIGUSR1);
	}
	return NULL;
}
