/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a command: issued, completed, judged, and ended or handed over to
 * run again. Called by queue.c, worker.c and damage.c; calls transfer.c and the
 * files that keep commands meanwhile.
 */
#ifndef RELOOP_LIFE_H
#define RELOOP_LIFE_H

#include <linux/blk_types.h>
#include <linux/llist.h>

struct reloop_cmd;

/**
 * reloop_cmd_issue() - give a command to the store
 * @cmd: set up, and nobody else's; not to be touched afterwards
 *
 * Also drops the issuer's reference. May sleep. Called in a worker, or after
 * reloop_submit_enter(), so that no allocation starts I/O.
 */
void reloop_cmd_issue(struct reloop_cmd *cmd);

/**
 * reloop_cmds_issue() - issue many commands
 * @cmds: the commands, by their node; or NULL
 *
 * As reloop_cmd_issue().
 */
void reloop_cmds_issue(struct llist_node *cmds);

/**
 * reloop_cmds_finish() - finish commands that the store is done with
 * @cmds: the commands, by their node; or NULL
 *
 * Called in a task, where a write whose end was left to its issuer can be
 * finished. May sleep. Allocations must not start I/O.
 */
void reloop_cmds_finish(struct llist_node *cmds);

/**
 * reloop_cmd_hand_over() - give a command to a worker that may block
 * @cmd: nobody else's; not to be touched afterwards
 *
 * Any context.
 */
void reloop_cmd_hand_over(struct reloop_cmd *cmd);

/**
 * reloop_cmd_fail() - fail a request, or what is left of it
 * @cmd: nobody else's, and with nothing in hand; not to be touched afterwards
 * @status: what it fails with
 *
 * Any context.
 */
void reloop_cmd_fail(struct reloop_cmd *cmd, blk_status_t status);

/**
 * reloop_cmd_poll() - poll a command
 * @cmd: from reloop_polled_take(); not to be touched afterwards
 *
 * Called in a task; does not sleep.
 *
 * Return: whether the command has ended.
 */
bool reloop_cmd_poll(struct reloop_cmd *cmd);

#endif /* RELOOP_LIFE_H */
