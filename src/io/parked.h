/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * If the device is told so, writes that find no space wait here instead of
 * failing, and are tried again from time to time. So does a flush that finds no
 * space for what it has to write itself; all that is said of writes here
 * applies to such a flush as well. They are in a list of the device, by their
 * requests' queuelist, from the first time that they find no space until they
 * end, even while they are tried. Meanwhile they hold nothing: no gate, no file
 * system's freezing, no memory but their own.
 *
 * Any other flush passes them: it speaks only for writes that have ended. If it
 * waited, so would whoever wants to free space on the device, such as a discard
 * that has to be preceded by a commit of the file system there.
 *
 * To give up is to be told not to wait: all commands are tried once more, and
 * those that find no space fail. So whoever has told the device that only needs
 * to wait for the requests to end.
 */
#ifndef RELOOP_PARKED_H
#define RELOOP_PARKED_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct reloop_cmd;
struct reloop_io;

/**
 * struct reloop_parked - what waits for space
 * @lock: guards all of it; taken in interrupts
 * @is_started: a file is attached
 * @seconds: how long a write waits; 0 for not at all, %RELOOP_NOSPACE_WAIT for
 *           ever
 * @cmds: the commands, in the order in which they came
 * @writes: how many they are; read without the lock for display
 * @since: when something last got through, or the first of @cmds found no
 *         space, in seconds; so the device as a whole waits for @seconds,
 *         however many writes come one after the other
 * @failed: when a write failed that had waited long enough, in seconds; valid
 *          with @given_up
 * @given_up: a write has failed like that, and nothing has got through since
 * @is_ending: nothing may wait any more, until something is attached again
 * @pause: seconds until all are tried again
 * @due: when @retry is to run, in jiffies; valid while it is pending
 * @retry: lets go of the commands that can be tried
 * @tell: tells whoever must know that the first write waits, or that none does
 *        any more; looks at @writes
 */
struct reloop_parked {
	spinlock_t lock; /* guards all of it */
	bool is_started;
	unsigned int seconds;
	struct list_head cmds;
	unsigned int writes;
	time64_t since;
	time64_t failed;
	bool given_up;
	bool is_ending;
	unsigned int pause;
	unsigned long due;
	struct delayed_work retry;
	struct work_struct tell;
};

/**
 * reloop_parked_init() - initialize, with nothing that waits
 * @io: zeroed
 * @retry: calls reloop_parked_release(); must not sleep
 * @tell: the work that tells; run by the system's workers
 */
void reloop_parked_init(struct reloop_io *io, work_func_t retry,
			work_func_t tell);

/**
 * reloop_parked_exit() - wait for the works to end
 * @io: no command is left
 *
 * May sleep. Called without any lock.
 */
void reloop_parked_exit(struct reloop_io *io);

/**
 * reloop_parked_start() - get ready for a file to be attached
 * @io: stopped
 * @seconds: how long a write waits
 *
 * Any context.
 */
void reloop_parked_start(struct reloop_io *io, unsigned int seconds);

/**
 * reloop_parked_stop() - stop when nothing is attached any more
 * @io: started, with no request in flight
 *
 * Any context.
 */
void reloop_parked_stop(struct reloop_io *io);

/**
 * reloop_parked_set() - set how long writes wait
 * @io: initialized
 * @seconds: as in struct reloop_parked
 *
 * What waits is tried at once; for the last time if @seconds is 0. Any context.
 *
 * Return: 0, or -ENXIO if nothing is attached or soon will not be.
 */
int reloop_parked_set(struct reloop_io *io, unsigned int seconds);

/**
 * reloop_parked_give_up() - let nothing wait any more
 * @io: initialized
 *
 * What waits is tried for the last time, and nobody can change that before the
 * next reloop_parked_start(). Any context.
 */
void reloop_parked_give_up(struct reloop_io *io);

/**
 * reloop_parked_retry() - try at once everything that waits
 * @io: initialized
 *
 * Any context.
 *
 * Return: 0, or -ENXIO if nothing is attached.
 */
int reloop_parked_retry(struct reloop_io *io);

/**
 * reloop_parked_get() - get how long writes wait
 * @io: initialized
 * @seconds: receives it
 *
 * Any context.
 *
 * Return: 0, or -ENXIO if nothing is attached.
 */
int reloop_parked_get(struct reloop_io *io, unsigned int *seconds);

/**
 * reloop_parked_writes() - how many writes wait for space
 * @io: initialized
 *
 * Any context. Includes those that are being tried.
 */
unsigned int reloop_parked_writes(const struct reloop_io *io);

/**
 * reloop_parked_add() - park a command that has found no space
 * @cmd: has nothing in hand; no longer the caller's if it waits
 *
 * Any context.
 *
 * Return: whether it waits. Otherwise it must fail: it is not allowed to wait,
 * or has waited long enough.
 */
bool reloop_parked_add(struct reloop_cmd *cmd);

/**
 * reloop_parked_remove() - remove a command that had found no space and ends
 * @cmd: has @parked set; has not ended yet, since the device may go away then
 * @well: whether all of it got through
 *
 * Any context.
 */
void reloop_parked_remove(struct reloop_cmd *cmd, bool well);

/**
 * reloop_parked_release() - let go of the commands that can be tried
 * @io: initialized
 * @go_on: hands a command over to a worker; must not sleep
 *
 * Called by the retry work.
 */
void reloop_parked_release(struct reloop_io *io,
			   void (*go_on)(struct reloop_cmd *cmd));

#endif /* RELOOP_PARKED_H */
