/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of a command that a rule has hit, as its verdict says. A command
 * that is done only in part, or wrongly, is done by a worker, through the page
 * cache and without any help of the submitter. All others end at once or go on
 * as usual.
 */
#ifndef RELOOP_DAMAGE_H
#define RELOOP_DAMAGE_H

struct reloop_cmd;

/**
 * reloop_damage_begin() - carry out the verdict on a command
 * @cmd: has a verdict and nothing to wait for; not to be touched afterwards
 *
 * Any context but hard interrupts; does not sleep.
 */
void reloop_damage_begin(struct reloop_cmd *cmd);

/**
 * reloop_damage_do() - carry out the part of a verdict that takes a worker
 * @cmd: handed over by reloop_damage_begin(); not to be touched afterwards
 *
 * Called in a worker, so that no allocation starts I/O. May sleep.
 */
void reloop_damage_do(struct reloop_cmd *cmd);

#endif /* RELOOP_DAMAGE_H */
