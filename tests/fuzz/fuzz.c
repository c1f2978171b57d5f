// SPDX-License-Identifier: GPL-2.0-only
/*
 *	fuzz [OPTION...] DIRECTORY...
 *
 * Exit status: 0; 1: something was wrong; 2: it could not begin; 3: a call does not end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

struct settings settings = { .seed = 1, .seconds = 10, .stall_seconds = 60, .disk = "/dev/null" };
struct shared *shared;

unsigned int milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		perror(path);
	if (fd >= 0)
		close(fd);
}

void say_done(struct worker *worker)
{
	unsigned int since = worker->since, took = milliseconds_now() - since;

	if (since && took > worker->longest) {
		worker->longest = took;
		memcpy(worker->longest_text, worker->text, sizeof(worker->text));
	}
	worker->since = 0;
}

void say(struct worker *worker, const char *format, ...)
{
	char line[TEXT_BYTES + 64];
	unsigned int now;
	va_list args;

	say_done(worker);
	va_start(args, format);
	vsnprintf(worker->text, sizeof(worker->text), format, args);
	va_end(args);
	if (settings.trace) {
		snprintf(line, sizeof(line), "fuzz: %u.%llu: %s\n", worker->number,
			 (unsigned long long)worker->serial, worker->text);
		write_text("/dev/kmsg", line);
	}
	now = milliseconds_now();
	/* 0 is for none. */
	worker->since = now ? now : 1;
}

void complain(struct worker *worker, const char *format, ...)
{
	const struct rlimit no_limit = { RLIM_INFINITY, RLIM_INFINITY };
	char text[TEXT_BYTES];
	va_list args;

	/* That of op_limit() is for the file as well that this goes to. */
	setrlimit(RLIMIT_FSIZE, &no_limit);
	if (atomic_fetch_add(&shared->complaints, 1) > 20)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("FAILED: %s (seed %llu, thread %u, operation %llu: %s)\n", text,
	       (unsigned long long)settings.seed, worker->number,
	       (unsigned long long)worker->serial, worker->text);
}

void give_up(const char *format, ...)
{
	va_list args;

	fputs("fuzz: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

/* Processes. */

static pid_t children[PROCESSES + 1];

static pid_t start(void (*run)(unsigned int process), unsigned int process)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		give_up("fork: %s", strerror(errno));
	if (!child) {
		run(process);
		fflush(stdout);
		_exit(0);
	}
	return child;
}

static void kill_all(void)
{
	unsigned int i;

	for (i = 0; i <= PROCESSES; i++)
		if (children[i])
			kill(children[i], SIGKILL);
}

/* Ends the program when somebody is stuck: his process may never end. */
static void watch(void)
{
	struct worker *stuck = watch_find();

	if (!stuck)
		return;
	watch_report(stuck);
	kill_all();
	fflush(stdout);
	_exit(3);
}

static void await(pid_t *child)
{
	int status;

	while (!waitpid(*child, &status, WNOHANG)) {
		watch();
		usleep(50000);
	}
	*child = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		printf("FAILED: a process ended with status %#x\n", status);
		shared->complaints++;
	}
}

static void start_clearer(unsigned int unused)
{
	(void)unused;
	clear_process();
}

static void start_clear_all(unsigned int unused)
{
	(void)unused;
	clear_all(&shared->workers[CLEARER]);
}

static void run(void)
{
	unsigned int end = milliseconds_now() + settings.seconds * 1000, i;

	for (i = 0; i < PROCESSES; i++)
		children[i] = start(worker_process, i);
	if (!settings.as_nobody)
		children[PROCESSES] = start(start_clearer, 0);
	while ((int)(end - milliseconds_now()) > 0) {
		watch();
		usleep(50000);
	}
	shared->stopping = true;
	for (i = 0; i < PROCESSES; i++)
		await(&children[i]);
	if (settings.as_nobody)
		return;
	kill(children[PROCESSES], SIGKILL);
	waitpid(children[PROCESSES], NULL, 0);
	children[PROCESSES] = start(start_clear_all, 0);
	await(&children[PROCESSES]);
}

static void print_tally(void)
{
	unsigned int i, worker, done, refused, calls = 0, successes = 0;

	for (i = 0; i < op_count(); i++) {
		done = 0;
		refused = 0;
		for (worker = 0; worker < WORKERS; worker++) {
			done += shared->workers[worker].done[i];
			refused += shared->workers[worker].refused[i];
		}
		calls += done + refused;
		successes += done;
		printf("%-16s %8u done %8u refused\n", ops[i].name, done, refused);
	}
	for (worker = 0; worker < WORKERS; worker++)
		printf("longest of thread %u: %u ms: %s\n", worker, shared->workers[worker].longest,
		       shared->workers[worker].longest_text);
	printf("%u operations, %u of them done; failures: %u\n", calls, successes,
	       shared->complaints);
}

static const struct option options[] = {
	{ "seed",	required_argument, NULL, 's' },
	{ "seconds",	required_argument, NULL, 't' },
	{ "stall",	required_argument, NULL, 'w' },
	{ "disk",	required_argument, NULL, 'd' },
	{ "nobody",	no_argument,	   NULL, 'n' },
	{ "userns",	no_argument,	   NULL, 'u' },
	{ "given",	no_argument,	   NULL, 'g' },
	{ "trace",	no_argument,	   NULL, 'v' },
	{ 0 }
};

static void print_usage(void)
{
	fputs("usage: fuzz [OPTION...] DIRECTORY...\n"
	      "  --seed N       what all is drawn from (1)\n"
	      "  --seconds N    how long (10)\n"
	      "  --stall N      a call that takes longer is stuck (60)\n"
	      "  --disk DEVICE  a block device to attach and write to\n"
	      "  --nobody       as a user without privileges; all that would change something must fail\n"
	      "  --userns       the same, as root of a user namespace\n"
	      "  --given        with these: devices 0 to 2 and the control node are open\n"
	      "  --trace        each call is told in the kernel log first\n", stderr);
	exit(2);
}

static void parse_options(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 's':
			settings.seed = strtoull(optarg, NULL, 0);
			break;
		case 't':
			settings.seconds = strtoul(optarg, NULL, 0);
			break;
		case 'w':
			settings.stall_seconds = strtoul(optarg, NULL, 0);
			break;
		case 'd':
			settings.disk = optarg;
			break;
		case 'u':
			settings.as_userns = true;
			settings.as_nobody = true;
			break;
		case 'n':
			settings.as_nobody = true;
			break;
		case 'g':
			settings.given = true;
			break;
		case 'v':
			settings.trace = true;
			break;
		default:
			print_usage();
		}
	}
	if (optind == argc || argc - optind > MAX_DIRS)
		print_usage();
	while (optind < argc)
		settings.dirs[settings.dir_count++] = argv[optind++];
}

int main(int argc, char **argv)
{
	unsigned int i;

	parse_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		give_up("no memory");
	for (i = 0; i < WORKERS; i++)
		shared->workers[i].number = i;
	printf("seed %llu, %u s\n", (unsigned long long)settings.seed, settings.seconds);
	if (!settings.as_nobody)
		clear_check(&shared->workers[CLEARER]);
	files_build();
	overlays_build();
	table_begin();
	run();
	print_tally();
	return shared->complaints ? 1 : 0;
}
