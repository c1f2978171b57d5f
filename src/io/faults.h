/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules by which requests of a device fail, and the commands that they hold
 * up. The rules look at each request once, when it enters the data path. If it
 * runs again later, that does not concern them.
 *
 * A command that is held up has nothing in hand, and is in a list of the device
 * by its request's queuelist. It is let go when its time has come, by the block
 * layer's workqueue, which does not depend on the device's workers; when the
 * rules are cleared; or when somebody asks for the device to be detached. From
 * then on nothing is held up any more, so a detach has nothing to wait for.
 *
 * While no device has a rule, all of this is one branch that is patched out.
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

/* Enabled while any device has rules. */
DECLARE_STATIC_KEY_FALSE(reloop_faults_key);

/**
 * struct reloop_faults - the rules of a device
 * @mutex: serializes changes of the rules; no I/O is done under it
 * @is_started: a file is attached; under @mutex
 * @medium: counts the files that have been attached; changed under @mutex
 * @count: number of rules; changed under both locks
 * @is_used: there have been rules since the file was attached
 * @lock: guards what follows; taken in interrupts
 * @rules: the rules in their order; added and removed under @mutex as well
 * @held: the commands that are held up
 * @hanging: how many of these have no time to go on
 * @is_leaving: nothing is held up any more
 * @due: when @release is to run, in jiffies; valid while it is pending
 * @release: lets go of the commands whose time has come
 * @damage_work: runs a command whose verdict takes a worker
 * @bounce: a page for what a write is to store instead; allocated for the first
 *          rule that may need it, and kept until the file is detached
 */
struct reloop_faults {
	struct mutex mutex; /* serializes changes of the rules */
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
 * reloop_faults_init() - initialize, without rules
 * @io: zeroed
 * @damage_work: calls reloop_damage_do()
 */
void reloop_faults_init(struct reloop_io *io, work_func_t damage_work);

/**
 * reloop_faults_exit() - wait for the work to end
 * @io: stopped; no command is left
 *
 * May sleep. Called without any lock.
 */
void reloop_faults_exit(struct reloop_io *io);

/**
 * reloop_faults_start() - get ready for a file to be attached
 * @io: stopped
 *
 * May sleep.
 */
void reloop_faults_start(struct reloop_io *io);

/**
 * reloop_faults_stop() - remove the rules when nothing is attached any more
 * @io: started, with no request in flight
 *
 * May sleep.
 */
void reloop_faults_stop(struct reloop_io *io);

/**
 * reloop_faults_add() - add a rule for all later requests, behind the others
 * @io: initialized
 * @medium: from reloop_faults_medium()
 * @fault: a rule for which reloop_fault_ok() holds
 *
 * May sleep.
 *
 * Return: 0; -ESTALE if another file is attached; -ENXIO if nothing is
 * attached; -ENOSPC if there are %RELOOP_FAULTS_MAX rules; -ENOMEM.
 */
int reloop_faults_add(struct reloop_io *io, unsigned int medium,
		      const struct reloop_fault *fault);

/**
 * reloop_faults_clear() - remove all rules
 * @io: initialized
 * @medium: from reloop_faults_medium()
 *
 * May sleep. Lets go of what is held up: what hangs has failed when this
 * returns.
 *
 * Return: how many rules there were; -ESTALE if another file is attached;
 * -ENXIO if nothing is attached.
 */
int reloop_faults_clear(struct reloop_io *io, unsigned int medium);

/**
 * reloop_faults_leave() - hold up nothing any more
 * @io: initialized
 * @medium: from reloop_faults_medium(); if that has changed, nothing happens
 *
 * What hangs fails, and what would hang from now on fails at once, until
 * another file is attached. May sleep; takes no lock that anybody holds while
 * waiting.
 */
void reloop_faults_leave(struct reloop_io *io, unsigned int medium);

/**
 * reloop_faults_show() - list the rules, and how often each has hit
 * @io: initialized
 * @buf: of sysfs
 *
 * May sleep.
 *
 * Return: number of bytes in @buf, a line for each rule.
 */
int reloop_faults_show(struct reloop_io *io, char *buf);

/**
 * reloop_faults_hanging() - how many commands end only when they are let go
 * @io: initialized
 *
 * Any context.
 */
unsigned int reloop_faults_hanging(const struct reloop_io *io);

/**
 * reloop_faults_holding() - whether anything is held up, for however long
 * @io: initialized
 *
 * Any context.
 */
bool reloop_faults_holding(const struct reloop_io *io);

/**
 * reloop_faults_medium() - which file is attached, or was attached last
 * @io: initialized
 *
 * Any context.
 *
 * Return: a number for reloop_faults_add() and others.
 */
unsigned int reloop_faults_medium(const struct reloop_io *io);

/**
 * reloop_faults_used() - whether requests may have been held up
 * @io: initialized
 *
 * Any context.
 *
 * Return: whether there have been rules since the file was attached.
 */
bool reloop_faults_used(const struct reloop_io *io);

/**
 * reloop_faults_judge() - do what reloop_faults_take() does if there are rules
 * @cmd: as in reloop_faults_take()
 *
 * Return: as reloop_faults_take().
 */
bool reloop_faults_judge(struct reloop_cmd *cmd);

/**
 * reloop_faults_take() - have the rules look at a command
 * @cmd: set up, of a request that nothing has been done about; not to be
 *       touched afterwards if it is taken
 *
 * Any context but hard interrupts; does not sleep.
 *
 * Return: whether a rule has hit it. Then it goes on, or ends, without the
 * caller.
 */
static inline bool reloop_faults_take(struct reloop_cmd *cmd)
{
	return static_branch_unlikely(&reloop_faults_key) &&
	       reloop_faults_judge(cmd);
}

#endif /* RELOOP_FAULTS_H */
