/* SPDX-License-Identifier: GPL-2.0-only */
/* Other programs. */
#ifndef RELOOP_SPAWN_H
#define RELOOP_SPAWN_H

#include <signal.h>
#include <sys/types.h>

/* Exit statuses, as of a shell. */
#define SPAWN_NO_COMMAND 127
#define SPAWN_SIGNAL 128	/* and the number of the signal */

/*
 * Runs a program to its end, or kills it when a signal comes that is held; @said gets the first
 * line it has printed. Returns its exit status, as a shell would tell it, SPAWN_NO_COMMAND if there
 * is none of this name, or -errno.
 */
int spawn(const char *const *argv, char *said, int size);

/* The exit status that @end, of waitpid(2), is to a shell. */
int spawn_status(int end);

/* Becomes that program, with this signal mask. Returns if it cannot: see errno. */
void spawn_execute(const char *const *argv, const sigset_t *mask);

/*
 * A child that runs @serve with nothing open but one end of a SOCK_SEQPACKET socket, which is its
 * standard input, and ends after that. Returns the other end, or -errno.
 */
int spawn_server(void (*serve)(void), pid_t *server);

#endif
