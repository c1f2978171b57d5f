// SPDX-License-Identifier: GPL-2.0-only
#include "commands/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/signals.h"

int keeper_open_owner(pid_t owner)
{
	int fd = syscall(SYS_pidfd_open, owner, 0);

	return fd < 0 ? -errno : fd;
}

/* Out of the caller's process group. What has come to that meanwhile was for the caller. */
static void leave_group(void)
{
	sigset_t none;

	setsid();
	for (int number = 1; number <= SIGRTMAX; number++)
		signal(number, signal(number, SIG_IGN));
	sigemptyset(&none);
	signals_hand_over(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Whoever waits for the end of an output, a lock, a terminal or the use of a directory does not
 * wait for us. When all of that has gone, the caller is told so by @ready, which has a place of its
 * own until then. What cannot let go, or has nobody to tell, ends. Returns signals_open().
 */
static int let_go_of_caller(int one, int other, int ready)
{
	int null = open("/dev/null", O_RDWR), low = one < other ? one : other;
	int err = null < 0 ? -errno : 0, signals;

	dup2(ready, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close_range(STDERR_FILENO + 1, low - 1, 0);
	close_range(low + 1, one + other - low - 1, 0);
	close_range(one + other - low + 1, ~0U, 0);
	leave_group();
	prctl(PR_SET_NAME, "reloop-keeper");
	if (!err && chdir("/"))
		err = -errno;
	signals = signals_open();
	if (!err && signals < 0)
		err = signals;
	if (write(STDIN_FILENO, &err, sizeof(err)) != sizeof(err) || err)
		_exit(1);
	dup2(STDOUT_FILENO, STDIN_FILENO);
	return signals;
}

static void keep(int owner, int signals, const struct attaching *attaching,
		 const struct attachment *attachments, int count)
{
	struct pollfd ends[] = {
		{ .fd = owner, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		{ .fd = attaching->control },
	};

	/*
	 * The control file hangs up when all that it owned has gone. Whoever ends us has the nodes
	 * taken away as well.
	 */
	while (poll(ends, 3, -1) < 0)
		;
	while (count--)
		attaching_finish(attaching, &attachments[count]);
}

/* A keeper in the caller's process group could still be hit by what is meant for the caller. */
static pid_t wait_until_ready(pid_t keeper, int ready)
{
	int err = -EINTR;

	if (read(ready, &err, sizeof(err)) == sizeof(err) && !err)
		return keeper;
	keeper_stop(keeper);
	return err;
}

pid_t keeper_start(int owner, const struct attaching *attaching,
		   const struct attachment *attachments, int count)
{
	int ready[2], signals;
	pid_t keeper;

	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	keeper = fork();
	if (!keeper) {
		signals = let_go_of_caller(owner, attaching->control, ready[1]);
		keep(owner, signals, attaching, attachments, count);
		_exit(0);
	}
	if (keeper < 0)
		keeper = -errno;
	close(ready[1]);
	if (keeper > 0)
		keeper = wait_until_ready(keeper, ready[0]);
	close(ready[0]);
	return keeper;
}

void keeper_stop(pid_t keeper)
{
	kill(keeper, SIGKILL);
	waitpid(keeper, NULL, 0);
}
