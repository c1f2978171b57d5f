/* SPDX-License-Identifier: GPL-2.0-only */
/* Start and stop: takes the names, and makes the first devices. */
#ifndef RELOOP_CONTROL_H
#define RELOOP_CONTROL_H

#include <linux/types.h>

#include "control/names.h"
#include "io/io.h"

/**
 * struct reloop_control_params - how devices are made
 * @names: which names to take
 * @part_shift: log2 of the minors of one device
 * @io: parameters of each device's data path
 * @count: number of devices to make at once, numbered from 0
 * @limit: if not 0, opening a node with this number or higher makes no device
 */
struct reloop_control_params {
	enum reloop_naming names;
	unsigned int part_shift;
	struct reloop_io_params io;
	unsigned int count;
	unsigned int limit;
};

/**
 * reloop_control_start() - take the names, make the control node and devices
 * @params: how; copied
 *
 * Logs which names it took. Called once, when the module is loaded; may sleep.
 *
 * Return: 0; -EBUSY if loop's names are asked for and taken; -ENOMEM or another
 * error of registering, after which nothing is left.
 */
int reloop_control_start(const struct reloop_control_params *params);

/**
 * reloop_control_stop() - undo reloop_control_start()
 *
 * Called when the module is unloaded, so no device is attached or open, and the
 * control node is not open. May sleep.
 */
void reloop_control_stop(void);

#endif /* RELOOP_CONTROL_H */
