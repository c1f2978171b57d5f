/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of a device by which its requests fail, and the commands that they
 * hold up. Each request is looked at once, when it comes to the data path; what
 * it is run again for later is no business of the rules.
 *
 * What is held up has nothing in hand, and is in a list of the device by its
 * request's queuelist. It is let go when its time has come, by the block layer's
 * workqueue, which does not depend on the device's workers; when the rules are
 * cleared; or when somebody asks for the device to be detached. From then on
 * nothing is held up any more, so a detach has nothing to wait for.
 *
 * Where no device has a rule, all of this is one branch that is patched out.
 */
#ifndef RELOOP_FAULTS_H
#define RELOOP_FAULTS_H

#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/mempool.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "io/fault_words.h"

struct reloop_cmd;
struct reloop_io;

/* On while any device has rules. */
DECLARE_STATIC_KEY_FALSE(reloop_faults_key);

/**
 * struct reloop_faults - the rules of a device
 * @mutex: changes of the rules from each other; no I/O is done under it
 * @is_started: a file is attached; under @mutex
 * @medium: counts those that were attached; changed under @mutex
 * @count: how many rules there are; changed under both locks
 * @is_used: there were some since the file was attached
 * @lock: guards what follows; taken in interrupts
 * @rules: the rules in their order; added and removed under @mutex as well
 * @held: the commands that are held up
 * @hanging: how many of them have no time to go on
 * @is_leaving: nothing is held up any more
 * @due: when @release is to run, in jiffies; valid while it is pending
 * @release: lets go of those whose time has come
 * @damage_work: runs a command whose verdict takes a worker
 * @bounce: a page for what a write is to store instead; made for the first rule
 *          that may need it, and kept until the file is detached
 */
struct reloop_faults {
	struct mutex mutex; /* see above */
	bool is_started;
	unsigned int medium;
	unsigned int count;
	bool is_used;
	spinlock_t lock; /* guards what follows */
	struct list_head rules;
	struct list_head held;
	unsigned int hanging;
	bool is_leaving;
	unsigned long due;
	struct delayed_work release;
	work_func_t damage_work;
	mempool_t bounce;
};

/**
 * reloop_faults_init() - no rules
 * @io: zeroed
 * @damage_work: calls reloop_damage_do()
 */
void reloop_faults_init(struct reloop_io *io, work_func_t damage_work);

/**
 * reloop_faults_exit() - wait for the work
 * @io: stopped; no command is left
 *
 * May sleep. Called without any lock.
 */
void reloop_faults_exit(struct reloop_io *io);

/**
 * reloop_faults_start() - a file is going to be attached
 * @io: stopped
 *
 * May sleep.
 */
void reloop_faults_start(struct reloop_io *io);

/**
 * reloop_faults_stop() - nothing is attached any more
 * @io: started, with no request in flight
 *
 * May sleep. The rules go.
 */
void reloop_faults_stop(struct reloop_io *io);

/**
 * reloop_faults_add() - a rule for all requests to come, behind the others
 * @io: initialised
 * @medium: as reloop_faults_medium() said
 * @fault: for which reloop_fault_ok() holds
 *
 * May sleep.
 *
 * Return: 0; -ESTALE when another file is attached; -ENXIO when nothing is;
 * -ENOSPC when there are %RELOOP_FAULTS_MAX; -ENOMEM.
 */
int reloop_faults_add(struct reloop_io *io, unsigned int medium,
		      const struct reloop_fault *fault);

/**
 * reloop_faults_clear() - remove all rules
 * @io: initialised
 * @medium: as reloop_faults_medium() said
 *
 * May sleep. What is held up is let go: what hangs has failed when this returns.
 *
 * Return: how many there were; -ESTALE when another file is attached; -ENXIO when
 * nothing is.
 */
int reloop_faults_clear(struct reloop_io *io, unsigned int medium);

/**
 * reloop_faults_leave() - hold up nothing any more
 * @io: initialised
 * @medium: as reloop_faults_medium() said; nothing happens if it is not that any more
 *
 * What hangs fails, and what would hang from now on fails at once, until another
 * file is attached. May sleep; takes no lock that anybody has who waits.
 */
void reloop_faults_leave(struct reloop_io *io, unsigned int medium);

/**
 * reloop_faults_show() - the rules, and how often each has hit
 * @io: initialised
 * @buf: of sysfs
 *
 * May sleep.
 *
 * Return: number of bytes in @buf, a line for each rule.
 */
int reloop_faults_show(struct reloop_io *io, char *buf);

/**
 * reloop_faults_hanging() - how many commands end only when they are let go
 * @io: initialised
 *
 * Any context.
 */
unsigned int reloop_faults_hanging(const struct reloop_io *io);

/**
 * reloop_faults_holding() - whether anything is held up, for however long
 * @io: initialised
 *
 * Any context.
 */
bool reloop_faults_holding(const struct reloop_io *io);

/**
 * reloop_faults_medium() - which file is attached, or was last
 * @io: initialised
 *
 * Any context.
 *
 * Return: what reloop_faults_add() takes.
 */
unsigned int reloop_faults_medium(const struct reloop_io *io);

/**
 * reloop_faults_used() - whether requests may have been held up
 * @io: initialised
 *
 * Any context.
 *
 * Return: whether there are or were rules since the file was attached.
 */
bool reloop_faults_used(const struct reloop_io *io);

/**
 * reloop_faults_judge() - what reloop_faults_take() does where there are rules
 * @cmd: as there
 *
 * Return: as there.
 */
bool reloop_faults_judge(struct reloop_cmd *cmd);

/**
 * reloop_faults_take() - have the rules look at a command
 * @cmd: set up, of a request that nothing has been done of; if it is taken, not to
 *       be touched afterwards
 *
 * Any context that is no hard interrupt; does not sleep.
 *
 * Return: whether a rule has hit it. Then it goes on, or ends, without the caller.
 */
static inline bool reloop_faults_take(struct reloop_cmd *cmd)
{
	return static_branch_unlikely(&reloop_faults_key) &&
	       reloop_faults_judge(cmd);
}

#endif /* RELOOP_FAULTS_H */
