/* SPDX-License-Identifier: GPL-2.0-only */
/* Where an attachment comes from: who made it, when, of what; and its label. */
#ifndef RELOOP_ORIGIN_H
#define RELOOP_ORIGIN_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <uapi/reloop.h>

/**
 * struct reloop_origin - the origin of one attachment
 * @published: entry in the list of origins whose label is taken
 * @pid: the process that attached; the origin owns a reference
 * @comm: name of that process at the time
 * @cgroup: id of its cgroup at the time, in the default hierarchy; 0 if the
 *          kernel has no cgroups
 * @time: when, in seconds since 1970
 * @path: path of the file at the time, as that process saw it; empty if it was
 *        too long or the root directory is not known
 * @root_dev: with @root_inode: the root directory of that process, as stat(2)
 *            shows it
 * @root_inode: see @root_dev
 * @label: empty for none
 * @is_private: helpers of this machine must leave the image's content alone
 *
 * Does not change after reloop_origin_create().
 */
struct reloop_origin {
	struct list_head published;
	struct pid *pid;
	char comm[TASK_COMM_LEN];
	u64 cgroup;
	time64_t time;
	char *path;
	dev_t root_dev;
	u64 root_inode;
	char label[RELOOP_LABEL_SIZE];
	bool is_private;
};

/**
 * reloop_origin_create() - record who attaches what
 * @file: the backing file
 * @label: checked by reloop_label_ok(); empty for none
 * @is_private: see struct reloop_origin
 *
 * Called by the process that attaches. May sleep.
 *
 * Return: the origin, or ERR_PTR(-ENOMEM).
 */
struct reloop_origin *reloop_origin_create(struct file *file,
					   const char *label,
					   bool is_private);

/**
 * reloop_origin_destroy() - free an origin
 * @origin: not published, or NULL
 */
void reloop_origin_destroy(struct reloop_origin *origin);

/**
 * reloop_origin_publish() - take the label
 * @origin: not published
 *
 * If several want the same label at the same time, one gets it. May sleep.
 *
 * Return: 0, or -EEXIST if the label is taken.
 */
int reloop_origin_publish(struct reloop_origin *origin);

/**
 * reloop_origin_withdraw() - give the label back
 * @origin: published
 *
 * May sleep.
 */
void reloop_origin_withdraw(struct reloop_origin *origin);

/**
 * reloop_origin_read_root() - tell which root directory this process has
 * @dev: receives its device number, as stat(2) shows it
 * @inode: receives its inode number
 *
 * Asks the file system that it is on, which may wait for a server. May sleep;
 * the caller holds no lock that others wait for.
 *
 * Return: 0 or a negative errno of the file system.
 */
int reloop_origin_read_root(dev_t *dev, u64 *inode);

/**
 * reloop_origin_path() - the path, for those who may see it
 * @origin: any origin the caller keeps alive
 * @root_dev: with @root_inode: the root directory of the process that asks, by
 *            reloop_origin_read_root()
 * @root_inode: see @root_dev
 *
 * A process with another root directory than the process that attached gets no
 * path, since that could show it what lies above its own root. Any context.
 *
 * Return: the path, or an empty string.
 */
const char *reloop_origin_path(const struct reloop_origin *origin,
			       dev_t root_dev, u64 root_inode);

#endif /* RELOOP_ORIGIN_H */
