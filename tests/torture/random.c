// SPDX-License-Identifier: GPL-2.0-only
/* Many threads, each picks operations from one weighted table. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

/**
 * struct op - an operation
 * @weight: how often it is picked, compared with others
 * @run: 0, -errno or SKIPPED
 * @allowed: the errnos it may answer, whatever the other threads do
 */
struct op {
	const char *name;
	unsigned int weight;
	int (*run)(struct worker *worker);
	const int *allowed;
};

static const struct op ops[] = {
	{ "add",		2, op_add, ERRNOS(EEXIST) },
	{ "remove",		4, op_remove, ERRNOS(EBUSY, ENODEV) },
	{ "get-free",		2, op_get_free, ERRNOS(0) },
	{ "unload",		1, op_unload, ERRNOS(EWOULDBLOCK, EBUSY) },
	{ "uevent",		2, op_uevent, ERRNOS(ENOENT, ENODEV) },
	{ "drop-caches",	1, op_drop_caches, ERRNOS(0) },
	{ "sync",		1, op_sync, ERRNOS(0) },
	{ "freeze",		1, op_freeze, ERRNOS(EBUSY, EINVAL, EOPNOTSUPP) },

	{ "configure-file",	16, op_configure_file, ERRNOS(EBUSY) },
	{ "configure-loop",	6, op_configure_loop, ERRNOS(EBUSY, EBADF, EINVAL) },
	{ "configure-bad",	4, op_configure_bad,
	  ERRNOS(EBUSY, EBADF, EINVAL, EOVERFLOW, EFAULT) },
	{ "attach-overlay",	12, op_attach_overlay,
	  ERRNOS(EBUSY, EBADF, EINVAL, ESTALE, ETXTBSY) },
	{ "open-base",		2, op_open_base, ERRNOS(ETXTBSY) },
	{ "set-fd",		4, op_set_fd, ERRNOS(EBUSY, EBADF, EINVAL) },
	{ "change-fd",		6, op_change_fd, ERRNOS(ENXIO, EBADF, EINVAL, EOPNOTSUPP) },
	{ "clr-fd",		14, op_clr_fd, ERRNOS(ENXIO) },
	{ "set-status",		6, op_set_status, ERRNOS(ENXIO, EOPNOTSUPP) },
	{ "set-status-bad",	1, op_set_status_bad,
	  ERRNOS(ENXIO, EINVAL, EOVERFLOW, EOPNOTSUPP) },
	{ "get-status",		6, op_get_status, ERRNOS(ENXIO) },
	{ "get-status-old",	2, op_get_status_old, ERRNOS(ENXIO, EOVERFLOW) },
	{ "set-capacity",	3, op_set_capacity, ERRNOS(ENXIO, EOPNOTSUPP) },
	{ "set-direct-io",	4, op_set_direct_io, ERRNOS(ENXIO, EINVAL) },
	{ "set-block-size",	4, op_set_block_size, ERRNOS(ENXIO, EINVAL, EBUSY) },
	{ "unknown-ioctl",	1, op_unknown_ioctl, ERRNOS(EINVAL, ENOTTY) },
	{ "open",		6, op_open, ERRNOS(0) },
	{ "killed",		1, op_killed, ERRNOS(0) },
	{ "rescan",		3, op_rescan, ERRNOS(EBUSY, EINVAL, EIO) },
	{ "add-partition",	2, op_add_partition, ERRNOS(EBUSY, EINVAL, ENXIO) },
	{ "delete-partition",	2, op_delete_partition, ERRNOS(EBUSY, EINVAL, ENXIO) },
	{ "sysfs-loop",		4, op_sysfs_loop, ERRNOS(ENOENT, ENODEV) },
	{ "sysfs-queue",	2, op_sysfs_queue, ERRNOS(ENOENT, ENODEV) },
	{ "scheduler",		1, op_scheduler, ERRNOS(ENOENT, ENODEV, EBUSY) },

	{ "read",		8, op_read, ERRNOS(EIO, EINVAL) },
	{ "write",		8, op_write, ERRNOS(EIO, EINVAL, ENOSPC, EPERM) },
	{ "write-polled",	4, op_write_polled, ERRNOS(0) },
	{ "fsync",		3, op_fsync, ERRNOS(EIO, ENOSPC) },
	{ "discard",		2, op_discard,
	  ERRNOS(EIO, EINVAL, EPERM, EOPNOTSUPP, EBUSY, ENOSPC) },
	{ "zero-out",		2, op_zero_out, ERRNOS(EIO, EINVAL, EPERM, EBUSY, ENOSPC) },
	{ "mmap",		2, op_mmap, ERRNOS(EIO, EINVAL) },
	{ "read-partition",	3, op_read_partition, ERRNOS(ENOENT, ENXIO, ENODEV, EIO) },
	{ "truncate",		3, op_truncate, ERRNOS(0) },
	{ "restore",		3, op_restore, ERRNOS(0) },
	{ "punch",		2, op_punch, ERRNOS(0) },

	{ "hold",		5, op_hold, ERRNOS(EBUSY) },
	{ "hold-sectors",	3, op_hold_sectors, ERRNOS(EBUSY) },
	{ "hold-nested",	3, op_hold_nested, ERRNOS(EBUSY) },
	{ "mount",		3, op_mount, ERRNOS(EBUSY) },
	{ "hold-overlay",	6, op_hold_overlay, ERRNOS(EBUSY, ETXTBSY) },
	{ "windows",		2, op_windows, ERRNOS(EBUSY) },
	{ 0 }
};

#define OP_COUNT (sizeof(ops) / sizeof(*ops) - 1)

static struct {
	atomic_uint done;
	atomic_uint refused;
	atomic_uint skipped;
	atomic_ulong milliseconds;
} tally[OP_COUNT];

static unsigned int weight_of(const struct op *op)
{
	return is_wanted(op->name) ? op->weight : 0;
}

static unsigned int total_weight(void)
{
	unsigned int i, total = 0;

	for (i = 0; i < OP_COUNT; i++)
		total += weight_of(&ops[i]);
	if (!total)
		give_up("--only leaves no operation");
	return total;
}

static unsigned int pick_op(struct worker *worker, unsigned int total)
{
	unsigned int i = 0, ticket;

	worker_begin(worker, "pick");
	ticket = rng_below(&worker->rng, total);
	while (ticket >= weight_of(&ops[i]))
		ticket -= weight_of(&ops[i++]);
	return i;
}

static void run_op(struct worker *worker, unsigned int i)
{
	uint64_t begin = milliseconds_now();
	int ret;

	worker->doing = ops[i].name;
	ret = ops[i].run(worker);
	tally[i].milliseconds += milliseconds_now() - begin;
	if (ret == SKIPPED)
		tally[i].skipped++;
	else if (ret < 0)
		tally[i].refused++;
	else
		tally[i].done++;
	expect(worker, ret, "answer", ops[i].allowed);
	worker_end(worker);
}

static struct worker workers[MAX_THREADS];

static void *work(void *argument)
{
	struct worker *worker = argument;
	unsigned int total = total_weight();

	worker_register(worker, worker - workers);
	while (!is_time_up())
		run_op(worker, pick_op(worker, total));
	return NULL;
}

static void print_tally(void)
{
	unsigned int i;

	printf("%-20s %9s %9s %9s %9s\n", "operation", "done", "refused", "skipped", "ms");
	for (i = 0; i < OP_COUNT; i++)
		printf("%-20s %9u %9u %9u %9lu\n", ops[i].name, tally[i].done, tally[i].refused,
		       tally[i].skipped, tally[i].milliseconds);
}

void random_run(struct worker *main_worker)
{
	unsigned int i;

	(void)main_worker;
	ops_io_start();
	printf("seed %llu, %u threads, %u devices, %u s\n", (unsigned long long)settings.seed,
	       settings.threads, settings.devices, settings.seconds);
	for (i = 0; i < settings.threads; i++)
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			give_up("no thread");
	for (i = 0; i < settings.threads; i++)
		pthread_join(workers[i].thread, NULL);
	print_tally();
}
