/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A background process that lives as long as another process. It has the control file open that
 * owns what was attached: when it ends, even by SIGKILL, the kernel detaches that.
 */
#ifndef RELOOP_KEEPER_H
#define RELOOP_KEEPER_H

#include <sys/types.h>

#include "commands/attaching.h"

/* Returns a file descriptor for keeper_start(). -ESRCH: there is no such process. */
int keeper_open_owner(pid_t owner);

/* Returns -errno if there can be none. It ends early if all has been detached otherwise. */
pid_t keeper_start(int owner, const struct attaching *attaching,
		   const struct attachment *attachments, int count);

void keeper_stop(pid_t keeper);

#endif
