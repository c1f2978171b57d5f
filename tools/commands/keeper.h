/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process in the background that lives as long as another one. It has the control file open that
 * owns what was attached: when it ends, even by SIGKILL, the kernel detaches.
 */
#ifndef RELOOP_KEEPER_H
#define RELOOP_KEEPER_H

#include <sys/types.h>

#include "commands/attaching.h"

/* A file descriptor for keeper_start(); -ESRCH: there is no such process. */
int keeper_open_owner(pid_t owner);

/* -errno if there can be none. It ends early when all of it has been detached otherwise. */
pid_t keeper_start(int owner, const struct attaching *attaching,
		   const struct attachment *attachments, int count);

void keeper_stop(pid_t keeper);

#endif
