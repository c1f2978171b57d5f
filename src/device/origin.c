// SPDX-License-Identifier: GPL-2.0-only
/* Where an attachment comes from: who made it, when, of what; and its label. */
#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/fs_struct.h>
#include <linux/mutex.h>
#include <linux/path.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/timekeeping.h>

#include "device/origin.h"

/* The origins that have a label. Nobody waits under the lock. */
static LIST_HEAD(labelled);
static DEFINE_MUTEX(labelled_lock);

/* A path that is too long is no reason not to attach. */
static char *origin_copy_path(struct file *file)
{
	char *buf, *path, *copy;

	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return NULL;

	path = file_path(file, buf, PATH_MAX);
	copy = kstrdup(IS_ERR(path) ? "" : path, GFP_KERNEL);
	kfree(buf);

	return copy;
}

/*
 * As stat(2) shows it, because inside the file system all subvolumes of a btrfs
 * have one device number, and the same inode number for their roots. The answer
 * need not be fresh, since the file system may be on a network.
 */
int reloop_origin_read_root(dev_t *dev, u64 *inode)
{
	struct kstat stat;
	struct path root;
	int ret;

	get_fs_root(current->fs, &root);
	ret = vfs_getattr_nosec(&root, &stat, STATX_INO,
				AT_STATX_DONT_SYNC);
	path_put(&root);
	if (ret)
		return ret;

	*dev = stat.dev;
	*inode = stat.ino;
	return 0;
}

/* Every process is in the default hierarchy, whether that is mounted or not. */
static u64 origin_read_cgroup(void)
{
	u64 id = 0;

#ifdef CONFIG_CGROUPS
	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
#endif

	return id;
}

struct reloop_origin *reloop_origin_create(struct file *file,
					   const char *label,
					   bool is_private)
{
	struct reloop_origin *origin;

	origin = kzalloc(sizeof(*origin), GFP_KERNEL);
	if (!origin)
		return ERR_PTR(-ENOMEM);

	origin->path = origin_copy_path(file);
	if (!origin->path) {
		kfree(origin);
		return ERR_PTR(-ENOMEM);
	}

	INIT_LIST_HEAD(&origin->published);
	origin->pid = get_task_pid(current, PIDTYPE_TGID);
	get_task_comm(origin->comm, current->group_leader);
	origin->cgroup = origin_read_cgroup();
	origin->time = ktime_get_real_seconds();
	strscpy(origin->label, label, sizeof(origin->label));
	origin->is_private = is_private;
	/* If the root is not known, nobody is shown the path. */
	if (reloop_origin_read_root(&origin->root_dev, &origin->root_inode))
		*origin->path = '\0';

	return origin;
}

void reloop_origin_destroy(struct reloop_origin *origin)
{
	if (!origin)
		return;

	put_pid(origin->pid);
	kfree(origin->path);
	kfree(origin);
}

static bool label_is_taken(const char *label)
{
	const struct reloop_origin *other;

	list_for_each_entry(other, &labelled, published)
		if (!strcmp(other->label, label))
			return true;

	return false;
}

int reloop_origin_publish(struct reloop_origin *origin)
{
	int ret = 0;

	if (!*origin->label)
		return 0;

	mutex_lock(&labelled_lock);
	if (label_is_taken(origin->label))
		ret = -EEXIST;
	else
		list_add_tail(&origin->published, &labelled);
	mutex_unlock(&labelled_lock);

	return ret;
}

void reloop_origin_withdraw(struct reloop_origin *origin)
{
	mutex_lock(&labelled_lock);
	list_del_init(&origin->published);
	mutex_unlock(&labelled_lock);
}

const char *reloop_origin_path(const struct reloop_origin *origin,
			       dev_t root_dev, u64 root_inode)
{
	bool is_same = root_dev == origin->root_dev &&
		       root_inode == origin->root_inode;

	return is_same ? origin->path : "";
}
