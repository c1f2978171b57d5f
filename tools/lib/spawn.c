// SPDX-License-Identifier: GPL-2.0-only
#include "lib/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/signals.h"

#define TICK_MS 50
#define CHILDREN_MAX 64

struct children {
	pid_t pids[CHILDREN_MAX];
	int count;
};

int spawn_status(int end)
{
	return WIFSIGNALED(end) ? SPAWN_SIGNAL + WTERMSIG(end) : WEXITSTATUS(end);
}

void spawn_execute(const char *const *argv, const sigset_t *mask)
{
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], (char *const *)argv);
}

/* @child: a pidfd. Waits until @fd has more to read, or until the child has ended. */
static bool has_more(int fd, int child)
{
	struct pollfd files[] = {
		{ .fd = fd, .events = POLLIN }, { .fd = child, .events = POLLIN },
	};

	while (!signals_came())
		if (poll(files, 2, TICK_MS) > 0)
			return files[0].revents;
	return false;
}

static bool has_ended(int child, int timeout_ms)
{
	struct pollfd end = { .fd = child, .events = POLLIN };

	return poll(&end, 1, timeout_ms) > 0;
}

/* Reads until the child ends: what it leaves running may keep the output open forever. */
static void read_first_line(int fd, int child, char *said, int size)
{
	int length = 0;
	ssize_t count;
	char rest[512];

	while (length < size - 1 && has_more(fd, child) &&
	       (count = read(fd, said + length, size - 1 - length)) > 0)
		length += count;
	while (!has_ended(child, 0) && has_more(fd, child) && read(fd, rest, sizeof(rest)) > 0)
		;
	/* It may have closed its output long before it ends. */
	while (child >= 0 && !has_ended(child, TICK_MS) && !signals_came())
		;
	said[length] = '\0';
	said[strcspn(said, "\n")] = '\0';
}

/* Returns whether it has killed it. @child: a child that this process has not waited for. */
static bool listen_to(pid_t child, int fd, char *said, int size)
{
	int end = syscall(SYS_pidfd_open, child, 0);
	bool is_killed;

	read_first_line(fd, end, said, size);
	is_killed = signals_came() && !kill(child, SIGKILL);
	if (end >= 0)
		close(end);
	return is_killed;
}

/* Without /proc none are known. */
static void find_children(struct children *children)
{
	FILE *file = fopen("/proc/thread-self/children", "re");

	children->count = 0;
	while (file && children->count < CHILDREN_MAX &&
	       fscanf(file, "%d", &children->pids[children->count]) == 1)
		children->count++;
	if (file)
		fclose(file);
}

static bool is_one_of(const struct children *children, pid_t pid)
{
	for (int i = 0; i < children->count; i++)
		if (children->pids[i] == pid)
			return true;
	return false;
}

/* The numbers are those of whichever PID namespace has that /proc; they must not hit another. */
static bool is_own_child(pid_t pid)
{
	siginfo_t info;

	return !waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT);
}

/* Until there are none but @before, since the children of each that ends come to this process. */
static void kill_orphans(const struct children *before)
{
	struct children now;
	bool is_any;

	do {
		is_any = false;
		find_children(&now);
		for (int i = 0; i < now.count; i++) {
			if (is_one_of(before, now.pids[i]) || !is_own_child(now.pids[i]))
				continue;
			kill(now.pids[i], SIGKILL);
			is_any |= waitpid(now.pids[i], NULL, 0) > 0;
		}
	} while (is_any);
}

/*
 * A process group of its own would keep the program from the terminal: so those that it has started
 * are found because they become children of this process, even what has a session of its own.
 */
int spawn(const char *const *argv, char *said, int size)
{
	struct children before;
	bool is_killed = false;
	int output[2], end;
	sigset_t none;
	pid_t child;

	if (pipe2(output, O_CLOEXEC))
		return -errno;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	find_children(&before);
	child = fork();
	if (!child) {
		dup2(output[1], STDOUT_FILENO);
		dup2(output[1], STDERR_FILENO);
		signal(SIGPIPE, SIG_DFL);
		signal(SIGXFSZ, SIG_DFL);
		sigemptyset(&none);
		spawn_execute(argv, &none);
		_exit(SPAWN_NO_COMMAND);
	}
	close(output[1]);
	if (child > 0)
		is_killed = listen_to(child, output[0], said, size);
	close(output[0]);
	if (child < 0 || waitpid(child, &end, 0) != child)
		return -errno;
	/* What a program that was quicker has left running, as a server of FUSE, is to stay. */
	if (is_killed && WIFSIGNALED(end))
		kill_orphans(&before);
	return spawn_status(end);
}

int spawn_server(void (*serve)(void), pid_t *server)
{
	int ends[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	*server = fork();
	if (!*server) {
		dup2(ends[1], STDIN_FILENO);
		close_range(STDIN_FILENO + 1, ~0U, 0);
		serve();
		_exit(0);
	}
	err = *server < 0 ? -errno : 0;
	close(ends[1]);
	if (err)
		close(ends[0]);
	return err ? err : ends[0];
}
