// SPDX-License-Identifier: GPL-2.0-only
/* A worker writes what is left at the end of an attachment. */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/workqueue.h>

#include "store/apart.h"

/* On the stack of the task that waits for it. */
struct apart {
	struct work_struct work;
	int (*run)(void *data);
	void *data;
	int ret;
};

static void run_apart(struct work_struct *work)
{
	struct apart *apart = container_of(work, struct apart, work);
	unsigned int noio = memalloc_noio_save();

	apart->ret = apart->run(apart->data);
	memalloc_noio_restore(noio);
}

/* A kernel thread has neither signals nor limits, and needs no other one. */
int reloop_run_apart(int (*run)(void *data), void *data)
{
	struct apart apart = { .run = run, .data = data };

	INIT_WORK_ONSTACK(&apart.work, run_apart);
	if (current->flags & PF_KTHREAD) {
		run_apart(&apart.work);
	} else {
		queue_work(system_unbound_wq, &apart.work);
		flush_work(&apart.work);
	}
	destroy_work_on_stack(&apart.work);

	switch (apart.ret) {
	case 0:
	case -ENOSPC:
	case -EDQUOT:
		return apart.ret;
	default:
		return -EIO;
	}
}
