/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of a command that a rule has hit, as its verdict says. What is to
 * be done to it in part or wrongly, a worker does, through the page cache
 * and without any help of the submitter's; the rest ends at once or goes on its
 * way as ever.
 */
#ifndef RELOOP_DAMAGE_H
#define RELOOP_DAMAGE_H

struct reloop_cmd;

/**
 * reloop_damage_begin() - have done to a command what its verdict says
 * @cmd: has a verdict, and nothing to wait for; not to be touched afterwards
 *
 * Any context that is no hard interrupt; does not sleep.
 */
void reloop_damage_begin(struct reloop_cmd *cmd);

/**
 * reloop_damage_do() - the part of it that takes a worker
 * @cmd: handed over by reloop_damage_begin(); not to be touched afterwards
 *
 * In a worker, so that no allocation starts I/O. May sleep.
 */
void reloop_damage_do(struct reloop_cmd *cmd);

#endif /* RELOOP_DAMAGE_H */
