/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command with a mount namespace and a PID namespace of its own. Four processes: the supervisor,
 * which is the caller; its witness, which tells the signals that all of the process group gets from
 * those that only the supervisor gets; the init of the PID namespace, which makes the mounts; and
 * the command, which stays in the process group, so that a terminal and a shell deal with it as
 * with any other. When the supervisor dies, however it does, the kernel kills the init; when the
 * init dies, the kernel kills all that is in the namespace; and with the last of them the mounts
 * are gone.
 */
#ifndef RELOOP_PRIVATE_H
#define RELOOP_PRIVATE_H

/*
 * Runs @argv, and @prepare before it, in its namespaces: what that returns ends it all, unless it
 * is STATUS_OK. When the command has ended, and before its mounts go, @finish gets its exit status
 * and returns what counts in its place. Signals that the caller gets, and not all of its process
 * group, go to the command, and so do those that are held. Returns the command's exit
 * status, or that of @prepare, or the one for a failure, which has been reported. The signals
 * stay blocked: the caller ends soon.
 * @owned_fd: closed in the other processes
 */
int private_run(char **argv, int owned_fd, int (*prepare)(void *data),
		int (*finish)(void *data, int status), void *data);

#endif
