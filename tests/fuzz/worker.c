// SPDX-License-Identifier: GPL-2.0-only
/* Threads that draw an operation after the other. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "fuzz.h"

/* Without privileges: nothing that anybody may do who has the node, and what he has stays open. */
static unsigned int weight_of(const struct op *op)
{
	if (settings.given && op->flags & (OP_IF_OPEN | OP_OPENS))
		return 0;
	return op->weight;
}

static unsigned int total_weight(void)
{
	unsigned int i, total = 0;

	for (i = 0; i < op_count(); i++)
		total += weight_of(&ops[i]);
	return total;
}

static unsigned int draw_op(struct worker *worker)
{
	unsigned int ticket = below(worker, total_weight()), i = 0;

	while (ticket >= weight_of(&ops[i]))
		ticket -= weight_of(&ops[i++]);
	return i;
}

static void run_one(struct worker *worker)
{
	unsigned int i;
	int ret;

	worker->serial++;
	worker->rng.state = rng_mix(rng_mix(settings.seed, worker->number), worker->serial);
	i = draw_op(worker);
	ret = ops[i].run(worker);
	if (ret < 0)
		worker->refused[i]++;
	else
		worker->done[i]++;
	if (ret >= 0 && settings.as_nobody && ops[i].flags & OP_CHANGES)
		complain(worker, "%s is allowed", ops[i].name);
	say_done(worker);
}

void worker_begin(struct worker *worker)
{
	worker->tid = gettid();
	draw_memory(worker);
}

static void *work(void *argument)
{
	struct worker *worker = argument;

	worker_begin(worker);
	while (!shared->stopping)
		run_one(worker);
	return NULL;
}

/* A user without privileges, or root of a user namespace of his. */

static void write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		give_up("%s: %s", path, strerror(errno));
	close(fd);
}

static void become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		give_up("nobody: %s", strerror(errno));
	/* Or /proc/self is root's. */
	prctl(PR_SET_DUMPABLE, 1);
}

static void become_root_of_namespace(void)
{
	char text[32];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		give_up("unshare: %s", strerror(errno));
	write_map("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "0 %u 1", NOBODY);
	write_map("/proc/self/uid_map", text);
	write_map("/proc/self/gid_map", text);
}

static void on_signal(int signal)
{
	(void)signal;
}

/* A signal ends a call that waits, and does nothing else. */
static void take_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

void worker_process(unsigned int process)
{
	struct worker *first = &shared->workers[process * THREADS];
	pthread_t threads[THREADS];
	unsigned int i;

	take_signals();
	draw_shared_memory();
	if (settings.as_nobody)
		become_nobody();
	if (settings.as_userns)
		become_root_of_namespace();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, first + i))
			give_up("no thread");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	first->tid = getpid();
	say(first, "exit");
	_exit(0);
}
