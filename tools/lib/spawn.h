/* SPDX-License-Identifier: GPL-2.0-only */
/* Running other programs. */
#ifndef RELOOP_SPAWN_H
#define RELOOP_SPAWN_H

#include <signal.h>
#include <sys/types.h>

/* Exit statuses, as in a shell. */
#define SPAWN_NO_COMMAND 127
#define SPAWN_SIGNAL 128	/* plus the signal number */

/*
 * Runs a program to its end; or kills it, and all that it has started, when a held signal comes.
 * @said receives the first line of its output. Returns its exit status as a shell would,
 * SPAWN_NO_COMMAND if there is no such program, or -errno.
 */
int spawn(const char *const *argv, char *said, int size);

/* The exit status a shell makes of @end, which is from waitpid(2). */
int spawn_status(int end);

/* Executes that program in this process, with this signal mask. Returns on failure: see errno. */
void spawn_execute(const char *const *argv, const sigset_t *mask);

/*
 * Starts a child that runs @serve and then ends. The child has nothing open but one end of a
 * SOCK_SEQPACKET socket, as its standard input. Returns the other end, or -errno.
 */
int spawn_server(void (*serve)(void), pid_t *server);

#endif
