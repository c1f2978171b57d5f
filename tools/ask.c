// SPDX-License-Identifier: GPL-2.0-only
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"
#include "wait.h"

#define PATIENCE_MS 1000
#define PATIENCE_LEAST_MS 20

struct question {
	int flags;
	char path[PATH_MAX];
};

struct answer {
	int err;
	mode_t mode;
	dev_t rdev;
};

static pid_t child;
static int child_fd = -1;

/* In all: where much hangs, the command still ends. */
static int patience_ms = PATIENCE_MS;

static void look(const struct question *question, struct answer *answer)
{
	struct statx found;

	*answer = (struct answer) { 0 };
	if (statx(AT_FDCWD, question->path, question->flags, STATX_TYPE, &found)) {
		answer->err = -errno;
		return;
	}
	answer->mode = found.stx_mode;
	answer->rdev = makedev(found.stx_rdev_major, found.stx_rdev_minor);
}

/* It may outlive us, so it keeps nothing that anybody waits for. */
static void serve(void)
{
	struct question question;
	struct answer answer;

	if (chdir("/"))
		return;
	while (recv(STDIN_FILENO, &question, sizeof(question), 0) > 0) {
		look(&question, &answer);
		send(STDIN_FILENO, &answer, sizeof(answer), MSG_NOSIGNAL);
	}
}

static int start_child(void)
{
	if (child_fd < 0)
		child_fd = spawn_server(serve, &child);
	return child_fd < 0 ? child_fd : 0;
}

/* Even a killed one may hang until the server answers, so nobody waits for its end. */
static void give_up_child(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, WNOHANG);
	close(child_fd);
	child_fd = -1;
}

static int receive(struct answer *answer)
{
	struct pollfd ready = { .fd = child_fd, .events = POLLIN };
	uint64_t begin = wait_deadline_ms(0);

	if (poll(&ready, 1, patience_ms) > 0 &&
	    recv(child_fd, answer, sizeof(*answer), 0) == sizeof(*answer))
		return 0;
	give_up_child();
	patience_ms -= wait_deadline_ms(0) - begin;
	if (patience_ms < PATIENCE_LEAST_MS)
		patience_ms = PATIENCE_LEAST_MS;
	return -ETIMEDOUT;
}

int ask_stat(const char *path, int flags, struct stat *st)
{
	struct question question = { .flags = flags | AT_NO_AUTOMOUNT };
	struct answer answer;
	int err = start_child();

	if (err)
		return err;
	if (snprintf(question.path, PATH_MAX, "%s", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (send(child_fd, &question, sizeof(question), MSG_NOSIGNAL) < 0) {
		give_up_child();
		return -ETIMEDOUT;
	}
	err = receive(&answer);
	if (err)
		return err;
	st->st_mode = answer.mode;
	st->st_rdev = answer.rdev;
	return answer.err;
}
