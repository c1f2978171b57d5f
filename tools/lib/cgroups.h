/* SPDX-License-Identifier: GPL-2.0-only */
/* Which cgroups there still are, of the hierarchy of cgroup v2. */
#ifndef RELOOP_CGROUPS_H
#define RELOOP_CGROUPS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * For cgroups_lack(): a file descriptor, or -errno. Needs CAP_DAC_READ_SEARCH in the initial user
 * namespace (else -EPERM), but not a mount or a cgroup namespace that shows the whole hierarchy.
 * -ENODATA: it is not mounted here, or nothing tells where; -EOPNOTSUPP: cgroups cannot be looked
 * up by their ids.
 */
int cgroups_open(void);

/* Is the cgroup with this id gone? Not if that is not known. */
bool cgroups_lack(int hierarchy, uint64_t id);

#endif
