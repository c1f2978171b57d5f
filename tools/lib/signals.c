// SPDX-License-Identifier: GPL-2.0-only
#include "lib/signals.h"

#include <errno.h>
#include <stddef.h>
#include <sys/signalfd.h>

static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

#define ENDING (sizeof(ending) / sizeof(ending[0]))

static sigset_t held;
static bool is_holding;

static struct {
	int number;
	sighandler_t ours, before;
} arranged[] = {
	{ SIGPIPE, SIG_IGN, SIG_DFL },
	{ SIGXFSZ, SIG_IGN, SIG_DFL },		/* a file that is too large is an error to report */
	{ SIGCHLD, SIG_DFL, SIG_DFL },		/* if ignored, there are no children to wait for */
};

#define ARRANGED (sizeof(arranged) / sizeof(arranged[0]))

/* An ignored signal, as with nohup(1), would become pending all the same while it is blocked. */
static bool is_ignored(int number)
{
	struct sigaction action;

	return !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

void signals_hold(void)
{
	sigset_t blocked;

	if (is_holding)
		return;
	sigemptyset(&held);
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (size_t i = 0; i < ENDING; i++)
		if (!is_ignored(ending[i]) && !sigismember(&blocked, ending[i]))
			sigaddset(&held, ending[i]);
	sigprocmask(SIG_BLOCK, &held, NULL);
	is_holding = true;
}

bool signals_are_held(void)
{
	return is_holding;
}

bool signals_came(void)
{
	sigset_t pending;

	if (!is_holding)
		return false;
	sigpending(&pending);
	for (size_t i = 0; i < ENDING; i++)
		if (sigismember(&held, ending[i]) && sigismember(&pending, ending[i]))
			return true;
	return false;
}

int signals_open(void)
{
	int fd, err;

	signals_hold();
	fd = signalfd(-1, &held, SFD_CLOEXEC);
	if (fd >= 0)
		return fd;
	err = -errno;
	signals_release();
	return err;
}

void signals_release(void)
{
	if (!is_holding)
		return;
	is_holding = false;
	sigprocmask(SIG_UNBLOCK, &held, NULL);
}

void signals_hand_over(sigset_t *mask)
{
	for (size_t i = 0; i < ENDING && is_holding; i++)
		if (sigismember(&held, ending[i]))
			sigdelset(mask, ending[i]);
	is_holding = false;
}

void signals_take_back(void)
{
	is_holding = true;
}

void signals_arrange(void)
{
	for (size_t i = 0; i < ARRANGED; i++)
		arranged[i].before = signal(arranged[i].number, arranged[i].ours);
}

void signals_restore(void)
{
	for (size_t i = 0; i < ARRANGED; i++)
		signal(arranged[i].number, arranged[i].before);
}
