// SPDX-License-Identifier: GPL-2.0-only
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int keeper_open_owner(pid_t owner)
{
	int fd = syscall(SYS_pidfd_open, owner, 0);

	return fd < 0 ? -errno : fd;
}

/* Whoever waits for the end of an output, a lock or a terminal does not wait for us. */
static void let_go_of_caller(int one, int other)
{
	int null = open("/dev/null", O_RDWR), low = one < other ? one : other;
	sigset_t none;

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close_range(STDERR_FILENO + 1, low - 1, 0);
	close_range(low + 1, one + other - low - 1, 0);
	close_range(one + other - low + 1, ~0U, 0);
	setsid();
	if (chdir("/"))
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_NAME, "reloop-keeper");
}

static void keep(int owner, const struct attaching *attaching,
		 const struct attachment *attachments, int count)
{
	struct pollfd ends[] = { { .fd = owner, .events = POLLIN }, { .fd = attaching->control } };

	let_go_of_caller(owner, attaching->control);
	/* The control file hangs up when all that it owned has gone. */
	while (poll(ends, 2, -1) < 0)
		;
	while (count--)
		attaching_finish(attaching, &attachments[count]);
}

pid_t keeper_start(int owner, const struct attaching *attaching,
		   const struct attachment *attachments, int count)
{
	pid_t keeper = fork();

	if (!keeper) {
		keep(owner, attaching, attachments, count);
		_exit(0);
	}
	return keeper < 0 ? -errno : keeper;
}

void keeper_stop(pid_t keeper)
{
	kill(keeper, SIGKILL);
	waitpid(keeper, NULL, 0);
}
