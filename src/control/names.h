/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of the devices and the control node: loop's, or reloop's own. */
#ifndef RELOOP_NAMES_H
#define RELOOP_NAMES_H

#include <linux/fs.h>

/* What the module's parameter "names" asks for. */
enum reloop_naming {
	RELOOP_NAMING_AUTO,		/* loop's if free, else reloop's own */
	RELOOP_NAMING_LOOP,		/* loop's, or do not load */
	RELOOP_NAMING_OWN,		/* reloop's own */
};

/* Called when a node without a device is opened. May sleep. */
typedef void reloop_names_probe(dev_t devt);

/**
 * reloop_names_take() - register the control node and the block major
 * @ask: which names to take
 * @fops: of the control node, which can be opened before this returns
 * @probe: may be called before this returns
 *
 * Logs which names it took. May sleep. Undone by reloop_names_release().
 *
 * Return: the block major; -EBUSY if loop's names are asked for and taken;
 * another error of registering, after which nothing is left.
 */
int reloop_names_take(enum reloop_naming ask,
		      const struct file_operations *fops,
		      reloop_names_probe *probe);

/**
 * reloop_names_release() - undo reloop_names_take()
 *
 * May sleep.
 */
void reloop_names_release(void);

/**
 * reloop_names_taken() - the names in force
 *
 * Any context.
 *
 * Return: RELOOP_NAMES_LOOP or RELOOP_NAMES_OWN, which is also the prefix of
 * the disk names, or NULL while reloop_names_take() has not chosen.
 */
const char *reloop_names_taken(void);

#endif /* RELOOP_NAMES_H */
