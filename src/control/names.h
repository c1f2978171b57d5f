/* SPDX-License-Identifier: GPL-2.0-only */
/* The names that devices and the control node go by: loop's, or our own. */
#ifndef RELOOP_NAMES_H
#define RELOOP_NAMES_H

#include <linux/fs.h>

/* What the module's parameter "names" asks for. */
enum reloop_naming {
	RELOOP_NAMING_AUTO,		/* loop's where free, else our own */
	RELOOP_NAMING_LOOP,		/* loop's, or do not load */
	RELOOP_NAMING_OWN,		/* our own */
};

/* Called when a node is opened that has no device. May sleep. */
typedef void reloop_names_probe(dev_t devt);

/**
 * reloop_names_take() - register the control node and the block major
 * @ask: which names
 * @fops: of the control node, which can be opened before this returns
 * @probe: may be called before this returns
 *
 * Says in the kernel log which names it took. May sleep. Undone by
 * reloop_names_release().
 *
 * Return: the block major; -EBUSY when loop's names are asked for and taken;
 * what else registering may answer, after which nothing is left.
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
 * Return: RELOOP_NAMES_LOOP or RELOOP_NAMES_OWN, which is the prefix of the
 * disks as well, or NULL while reloop_names_take() has not chosen.
 */
const char *reloop_names_taken(void);

#endif /* RELOOP_NAMES_H */
