/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a command with a mount namespace and a PID namespace of its own. There are four processes:
 * the supervisor, which is the caller; its witness, which tells signals that go to the whole
 * process group from those that go only to the supervisor; the init of the PID namespace, which
 * makes the mounts; and the command, which stays in the process group, so that a terminal and a
 * shell treat it like any other. When the supervisor dies, for whatever reason, the kernel kills
 * the init; when the init dies, the kernel kills everything in the namespace; and when the last of
 * those is gone, so are the mounts.
 */
#ifndef RELOOP_PRIVATE_H
#define RELOOP_PRIVATE_H

/*
 * Runs @prepare and then @argv in the namespaces. If @prepare returns anything but STATUS_OK, that
 * ends everything. After the command has ended, and before its mounts go, @finish receives its exit
 * status and returns the status that counts instead. Signals that go to the caller, but not to its
 * whole process group, are passed to the command, and so are those that are held. Returns the
 * command's exit status, or that of @prepare, or the one for a failure, which has been reported.
 * The signals stay blocked: the caller ends soon.
 * @owned_fd: closed in the other processes
 */
int private_run(char **argv, int owned_fd, int (*prepare)(void *data),
		int (*finish)(void *data, int status), void *data);

#endif
