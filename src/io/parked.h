/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes that found no space wait here instead of failing, if the device is told
 * to, and are tried again now and then; and so does a flush that found none for
 * what it has to write itself. They are in a list of the device, by their
 * requests' queuelist, from the first time that they found none until they end,
 * also while they are tried. They hold nothing meanwhile: no gate, no file
 * system's freezing, no memory but their own. All that is said of writes here is
 * true of such a flush.
 *
 * A flush that comes while there are any is put into the list as well, and goes
 * on when all that stood before it has ended. So writes that come later do not
 * keep it for ever.
 *
 * To give up is to be told not to wait: then all are tried once more, and who
 * finds no space fails. So whoever has told the device that need only wait for
 * the requests to end.
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
 * @seconds: how long a write waits; 0 not at all, %RELOOP_NOSPACE_WAIT without
 *           end
 * @cmds: the writes and flushes, in the order they came
 * @writes: how many of them have found no space themselves; read without the
 *          lock to show it
 * @since: when something got through last, or the first of @cmds found no space,
 *         in seconds; so it is the device that waits for @seconds, however many
 *         writes come one after the other
 * @failed: when one failed that had waited for long enough, in seconds; valid with
 *          @given_up
 * @given_up: one has, and nothing got through since
 * @is_ending: none is to wait any more, until something is attached again
 * @pause: seconds until all are tried again
 * @due: when @retry is to run, in jiffies; valid while it is pending
 * @retry: lets go of those that can be tried
 * @tell: for whoever has to be told that the first write waits, or none any
 *        more; it looks at @writes
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
 * reloop_parked_init() - nothing waits
 * @io: zeroed
 * @retry: calls reloop_parked_release(); must not sleep
 * @tell: the work of telling; by the system's workers
 */
void reloop_parked_init(struct reloop_io *io, work_func_t retry,
			work_func_t tell);

/**
 * reloop_parked_exit() - wait for the works
 * @io: no command is left
 *
 * May sleep. Called without any lock.
 */
void reloop_parked_exit(struct reloop_io *io);

/**
 * reloop_parked_start() - a file is going to be attached
 * @io: stopped
 * @seconds: how long a write waits
 *
 * Any context.
 */
void reloop_parked_start(struct reloop_io *io, unsigned int seconds);

/**
 * reloop_parked_stop() - nothing is attached any more
 * @io: started, with no request in flight
 *
 * Any context.
 */
void reloop_parked_stop(struct reloop_io *io);

/**
 * reloop_parked_set() - choose how long writes wait
 * @io: initialised
 * @seconds: as in struct reloop_parked
 *
 * What waits is tried at once; with 0 for the last time. Any context.
 *
 * Return: 0 or -ENXIO when nothing is attached, or soon will not be.
 */
int reloop_parked_set(struct reloop_io *io, unsigned int seconds);

/**
 * reloop_parked_give_up() - none is to wait any more
 * @io: initialised
 *
 * What waits is tried for the last time, and nobody changes that before the
 * next reloop_parked_start(). Any context.
 */
void reloop_parked_give_up(struct reloop_io *io);

/**
 * reloop_parked_retry() - try all that waits at once
 * @io: initialised
 *
 * Any context.
 *
 * Return: 0 or -ENXIO when nothing is attached.
 */
int reloop_parked_retry(struct reloop_io *io);

/**
 * reloop_parked_get() - how long writes wait
 * @io: initialised
 * @seconds: receives it
 *
 * Any context.
 *
 * Return: 0 or -ENXIO when nothing is attached.
 */
int reloop_parked_get(struct reloop_io *io, unsigned int *seconds);

/**
 * reloop_parked_writes() - how many writes wait for space
 * @io: initialised
 *
 * Any context. Those that are being tried are among them.
 */
unsigned int reloop_parked_writes(const struct reloop_io *io);

/**
 * reloop_parked_add() - a command has found no space
 * @cmd: with nothing in hand; nobody's if it waits now
 *
 * Any context.
 *
 * Return: whether it waits. Else it is to fail: it is not to wait, or has done so
 * for long enough.
 */
bool reloop_parked_add(struct reloop_cmd *cmd);

/**
 * reloop_parked_add_flush() - a flush is to be issued
 * @cmd: nobody's if it waits now
 *
 * Any context.
 *
 * Return: whether it waits. One that has waited does not again.
 */
bool reloop_parked_add_flush(struct reloop_cmd *cmd);

/**
 * reloop_parked_remove() - what has found no space and waited for some ends
 * @cmd: has its @parked set; has not ended yet, since the device may go then
 * @well: whether all of it got through
 *
 * Any context.
 */
void reloop_parked_remove(struct reloop_cmd *cmd, bool well);

/**
 * reloop_parked_release() - let go of what can be tried
 * @io: initialised
 * @go_on: hands a command over to a worker; must not sleep
 *
 * For the work.
 */
void reloop_parked_release(struct reloop_io *io,
			   void (*go_on)(struct reloop_cmd *cmd));

#endif /* RELOOP_PARKED_H */
