// SPDX-License-Identifier: GPL-2.0-only
#include "lib/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/deadline.h"
#include "lib/progress.h"
#include "lib/spawn.h"

/* The most that a running server needs, unless everything is busy. */
#define PATIENCE_LEAST_MS 300
#define TICK_MS 50

struct question {
	int flags;
	unsigned int mask;
	char path[PATH_MAX];
};

struct answer {
	int err;
	struct stat st;
};

static pid_t child;
static int child_fd = -1;

/* Does the child still have the working directory of this process? */
static bool child_is_here;

#define WHICH (STATX_TYPE | STATX_INO)

static int find(int fd, const char *path, int flags, unsigned int mask, struct stat *st)
{
	struct statx found;

	if (statx(fd, path, flags, mask, &found))
		return -errno;
	st->st_size = found.stx_size;
	st->st_mtim.tv_sec = found.stx_mtime.tv_sec;
	st->st_mtim.tv_nsec = found.stx_mtime.tv_nsec;
	st->st_dev = makedev(found.stx_dev_major, found.stx_dev_minor);
	st->st_ino = found.stx_ino;
	st->st_mode = found.stx_mode;
	st->st_rdev = makedev(found.stx_rdev_major, found.stx_rdev_minor);
	return 0;
}

/*
 * A child that hangs may outlive this process, so it keeps nothing that anybody waits for: the
 * working directory only if the question depends on it.
 */
static void look(const struct question *question, struct answer *answer)
{
	*answer = (struct answer) { 0 };
	if (question->path[0] == '/' && chdir("/"))
		answer->err = -errno;
	else
		answer->err = find(AT_FDCWD, question->path, question->flags,
				   question->mask, &answer->st);
}

static void serve(void)
{
	struct question question;
	struct answer answer;

	while (recv(STDIN_FILENO, &question, sizeof(question), 0) > 0) {
		look(&question, &answer);
		send(STDIN_FILENO, &answer, sizeof(answer), MSG_NOSIGNAL);
	}
}

/* A child that hangs stays, killed, until the server answers: nobody waits for its end. */
static void end_child(bool may_hang)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, may_hang ? WNOHANG : 0);
	close(child_fd);
	child_fd = -1;
}

static int start_child(bool needs_directory)
{
	if (child_fd >= 0 && needs_directory && !child_is_here)
		end_child(false);
	if (child_fd < 0) {
		child_fd = spawn_server(serve, &child);
		child_is_here = true;
	}
	child_is_here &= needs_directory;
	return child_fd < 0 ? child_fd : 0;
}

static bool wait_for_answer(uint64_t deadline)
{
	struct pollfd ready = { .fd = child_fd, .events = POLLIN };

	while (poll(&ready, 1, TICK_MS) <= 0) {
		if (deadline_ms(0) >= deadline)
			return false;
		progress_tick();
	}
	return true;
}

static int receive(struct answer *answer, int *patience_ms)
{
	int patience = *patience_ms < PATIENCE_LEAST_MS ? PATIENCE_LEAST_MS : *patience_ms;
	uint64_t begin = deadline_ms(0);

	if (wait_for_answer(begin + patience) &&
	    recv(child_fd, answer, sizeof(*answer), 0) == sizeof(*answer))
		return 0;
	end_child(true);
	*patience_ms = patience - (deadline_ms(0) - begin);
	return -ETIMEDOUT;
}

static int ask(const char *path, int flags, unsigned int mask, struct stat *st, int *patience_ms)
{
	struct question question = { .flags = flags | AT_NO_AUTOMOUNT, .mask = mask };
	struct answer answer;
	int err = start_child(path[0] != '/');

	if (err)
		return err;
	if (snprintf(question.path, PATH_MAX, "%s", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (send(child_fd, &question, sizeof(question), MSG_NOSIGNAL) < 0) {
		end_child(true);
		return -ETIMEDOUT;
	}
	err = receive(&answer, patience_ms);
	if (err)
		return err;
	*st = answer.st;
	return answer.err;
}

int ask_stat(const char *path, int flags, struct stat *st, int *patience_ms)
{
	return ask(path, flags, WHICH, st, patience_ms);
}

int ask_server(const char *path, struct stat *st, int *patience_ms)
{
	return ask(path, AT_STATX_FORCE_SYNC, WHICH | STATX_SIZE, st, patience_ms);
}

int ask_content(const char *path, struct stat *st, int *patience_ms)
{
	return ask(path, 0, WHICH | STATX_SIZE | STATX_MTIME, st, patience_ms);
}

int ask_own(int fd, struct stat *st)
{
	return find(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, WHICH, st);
}
