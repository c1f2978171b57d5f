// SPDX-License-Identifier: GPL-2.0-only
#include "commands/unmounting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/leftovers.h"
#include "commands/mount.h"
#include "lib/bind.h"
#include "lib/deadline.h"
#include "lib/mounts.h"
#include "lib/nodes.h"
#include "lib/place.h"
#include "lib/progress.h"
#include "lib/release.h"
#include "lib/signals.h"
#include "lib/spawn.h"
#include "lib/users.h"
#include "lib/wait.h"
#include "words/explain.h"
#include "words/report.h"

#define DETACH_WAIT_MS 5000
#define REMOVE_WAIT_MS 1000
#define SAID_MAX 256

/* It never had a name. A path ends so as well if it was one of several, or of a node in /dev. */
static bool is_nameless(const struct dev *dev)
{
	return dev_path_is_deleted(dev->backing_file) && !dev->links && !dev->deleted &&
	       !dev->backing_rdev;
}

/* A temporary overlay goes anyway, and a power cut is meant to lose something. */
static bool is_to_keep(const struct dev *dev)
{
	return !dev->read_only && !dev->powercut && !is_nameless(dev);
}

/*
 * The last close detaches it, and tells nobody of a last flush that fails: so that is not to be the
 * unmount.
 */
void unmounting_begin(const struct attached *attached, const char *path, const struct dev *dev,
		      struct unmounting *unmounting)
{
	*unmounting = (struct unmounting) {
		.path = path, .dev = dev, .held = -1, .synced = STATUS_OK,
	};
	if (attached->control >= 0 && dev->autoclear && is_to_keep(dev) && bind_has_last_flush(dev))
		unmounting->held = dev_open(dev, O_RDONLY);
}

/* What its files have lost, the unmount tells nobody. */
static void sync_mount(struct unmounting *unmounting, const struct place *place, const char *point)
{
	int err = is_to_keep(unmounting->dev) ? place_sync(place) : 0;

	if (!err || err == -ESTALE || err == PLACE_UNSYNCED)
		return;
	mount_report_lost(unmounting->path, point, err);
	unmounting->synced = STATUS_FAILED;
}

/* What mount(8) has noted of it, as of options that the kernel does not know. */
static void forget(const char *point)
{
	const char *const argv[] = { "umount", "--fake", "--no-canonicalize", "--", point, NULL };
	char said[SAID_MAX];

	spawn(argv, said, sizeof(said));
}

/* It may unmount for users, by fstab, and makes sure itself that it is what they may unmount. */
static int ask_umount(const char *path, const char *point, int err)
{
	const char *const argv[] = { "umount", "--", point, NULL };
	char said[SAID_MAX] = "";

	if (!spawn(argv, said, sizeof(said)))
		return STATUS_OK;
	return not_unmounted_by(err, path, "%s", *said ? said : explain_attached(err));
}

static const struct explanation unmount_errors[] = {
	{ -EINVAL, "it does not belong to this mount namespace alone; unmount it where it was "
		   "mounted" },
	{ 0 }
};

static int report_kept(const char *path, const char *point, int err)
{
	if (err == -EBUSY)
		return not_unmounted_by(err, path, "it is busy: files on %s are in use, or "
					"something is mounted there; see: fuser -vm %s", point,
					point);
	if (err == -ESTALE)
		return not_unmounted_by(-EBUSY, path, "%s: it has just been moved or covered; "
					"try again", point);
	return not_unmounted_by(err, path, "%s: %s", point, explain(unmount_errors, err));
}

/*
 * By its path, umount(8) could meet another mount: what is above it may belong to somebody who
 * renames it, and the sync may take long. @id: of the mount that was visible at @point.
 */
int unmounting_do(struct unmounting *unmounting, const char *point, uint64_t id)
{
	struct place place = { .dev = unmounting->dev };
	int err = place_open(&place, point, id);

	if (!err) {
		sync_mount(unmounting, &place, point);
		err = place_unmount(&place);
		place_close(&place);
	}
	if (geteuid() && (err == -EPERM || err == -EACCES))
		return ask_umount(unmounting->path, point, err);
	/* Somebody else may have been quicker. */
	if (err && mounts_has(unmounting->dev, id, NULL))
		return report_kept(unmounting->path, point, err);
	if (!err)
		forget(point);
	return STATUS_OK;
}

static bool is_attached(const struct dev *dev)
{
	return bind_check_attached(dev) != -ENXIO;
}

/*
 * Whoever looks at the device, as udev does, keeps it a moment longer than the mount. Other mounts,
 * and whatever is built on it, may keep it as long as they like.
 */
static int wait_until_detached(const struct dev *dev)
{
	uint64_t deadline = deadline_ms(DETACH_WAIT_MS);

	while (is_attached(dev) && !release_is_kept(dev) && wait_more(deadline))
		;
	if (is_attached(dev))
		return -ETIMEDOUT;
	return is_to_keep(dev) && bind_has_last_flush(dev) ? BIND_UNTOLD : 0;
}

/* @lost: a flush has failed, and it stays. */
static int report_end(const struct unmounting *unmounting, int err, int lost)
{
	const char *path = unmounting->path, *device = unmounting->dev->path;

	if (unmounting->synced != STATUS_OK)
		return unmounting->synced;
	if (lost)
		return leftovers_report_flush(path, lost);
	if (bind_is_lost(err))
		return leftovers_report_lost(path, err);
	if (err)
		return report_error(err, "%s: unmounted, but %s is still in use; it will be "
				    "detached when the last user closes it; see: reloop who %s",
				    path, device, device);
	return STATUS_OK;
}

/* A device that was made for the mount is removed a moment later, and its node is stale then. */
static void remove_nodes(const struct attached *attached, const struct dev *dev)
{
	uint64_t deadline = deadline_ms(REMOVE_WAIT_MS);

	if (attached->control < 0 || nodes_are_of_kernel())
		return;
	while (dev_exists(dev) && wait_more(deadline))
		;
	leftovers_remove(attached->control, dev, true);
}

static int finish(const struct attached *attached, const struct unmounting *unmounting)
{
	const struct dev *dev = unmounting->dev;
	int err = 0, lost = 0, held = unmounting->held;
	struct user user;

	users_find(dev, attached->devs, attached->count, &user);
	if (dev->autoclear && user.kind == USER_NONE) {
		progress_begin("%s: in use; waiting", dev->path);
		err = held < 0 ? wait_until_detached(dev) :
		      release_close(attached->control, dev, held, &lost);
		progress_end();
		if (!err || bind_is_lost(err))
			remove_nodes(attached, dev);
		else if (err == -ETIMEDOUT && release_is_kept(dev))
			err = 0;
	} else if (held >= 0) {
		lost = release_flush(held);
		close(held);
	}
	return report_end(unmounting, err, lost);
}

/* @status: of the unmount. */
int unmounting_end(const struct attached *attached, const struct unmounting *unmounting, int status)
{
	if (status == STATUS_OK && unmounting->is_any)
		return finish(attached, unmounting);
	if (unmounting->held >= 0)
		close(unmounting->held);
	return status;
}

/* All mounts of it, the last first. After one of them, another image may have its number. */
int unmounting_all(struct unmounting *unmounting)
{
	int status = STATUS_OK;
	struct mounted mounted;

	while (status == STATUS_OK && mounts_find(unmounting->dev, &mounted) &&
	       is_attached(unmounting->dev)) {
		unmounting->is_any = true;
		if (*mounted.cover)
			return not_unmounted_by(-EBUSY, unmounting->path, "something else is "
						"mounted over it on %s; unmount that first: "
						"umount %s", mounted.point, mounted.cover);
		status = unmounting_do(unmounting, mounted.point, mounted.id);
	}
	return status;
}
