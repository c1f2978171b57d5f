// SPDX-License-Identifier: GPL-2.0-only
#include "commands/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/signals.h"
#include "lib/sysfs.h"

#define KEEPER_NAME "reloop-keeper"
/* Users of the device may need a moment to let go of it. */
#define GO_WAIT_MS 5000

int keeper_open_owner(pid_t owner)
{
	int fd = syscall(SYS_pidfd_open, owner, 0);

	return fd < 0 ? -errno : fd;
}

/* Leaves the caller's process group. Signals that have come to it meanwhile were for the caller. */
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
 * Whoever waits for the end of an output, a lock, a terminal or the use of a directory must not
 * wait for the keeper. When it has let go of all that, it tells the caller by @ready, which has a
 * place of its own until then. If it cannot, or has nobody to tell, it exits. Returns
 * signals_open().
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
	prctl(PR_SET_NAME, KEEPER_NAME);
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

static bool is_keeper(const char *process)
{
	char path[64], name[64] = "";

	snprintf(path, sizeof(path), "%s/comm", process);
	sysfs_read_text(path, name, sizeof(name));
	return !strncmp(name, KEEPER_NAME, strlen(KEEPER_NAME));
}

static bool is_in(const struct stat *namespace, const char *process)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "%s/ns/mnt", process);
	return !stat(path, &st) && st.st_dev == namespace->st_dev &&
	       st.st_ino == namespace->st_ino;
}

/*
 * Do only keepers live in this mount namespace? Then whatever is mounted there, perhaps from the
 * device, goes no earlier than they do.
 */
static bool is_deserted(void)
{
	bool is_any = false;
	struct stat own;
	glob_t all;

	if (stat("/proc/self/ns/mnt", &own) || glob("/proc/[0-9]*", GLOB_NOSORT, NULL, &all))
		return true;
	for (size_t i = 0; i < all.gl_pathc && !is_any; i++)
		is_any = is_in(&own, all.gl_pathv[i]) && !is_keeper(all.gl_pathv[i]);
	globfree(&all);
	return !is_any;
}

/*
 * The kernel detaches devices that stay in use by itself. But it removes no nodes, so wait for the
 * devices to go, until somebody wants the keeper to end.
 */
static void wait_until_gone(int signals, const struct attaching *attaching,
			    const struct attachment *attachments, int count)
{
	struct pollfd ends[] = {
		{ .fd = attaching->control },
		{ .fd = signals, .events = POLLIN },
	};
	bool is_last = !attach_options.nodes;

	for (;;) {
		/* In the last round, a signal has already come. */
		poll(ends, is_last ? 1 : 2, GO_WAIT_MS);
		for (int i = 0; i < count; i++)
			attaching_clear(attaching, &attachments[i]);
		if (ends[0].revents || is_last || (!ends[1].revents && is_deserted()))
			return;
		is_last = ends[1].revents;
	}
}

/* Each by a process of its own if there are several: the last flush of one may take long. */
static void let_go_of_all(const struct attaching *attaching, const struct attachment *attachments,
			  int count)
{
	pid_t child;

	for (int i = 0; i < count; i++) {
		child = count > 1 ? fork() : -1;
		if (child > 0)
			continue;
		attaching_let_go(attaching, &attachments[i]);
		if (!child)
			_exit(0);
	}
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
	 * The control file hangs up when everything that it owned has gone. A signal to end the
	 * keeper also removes the nodes.
	 */
	while (poll(ends, 3, -1) < 0)
		;
	let_go_of_all(attaching, attachments, count);
	wait_until_gone(signals, attaching, attachments, count);
}

/* A keeper in the caller's process group could still be hit by signals meant for the caller. */
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
