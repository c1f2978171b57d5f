// SPDX-License-Identifier: GPL-2.0-only
#include "commands/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/mount_path.h"
#include "lib/mounts.h"
#include "lib/place.h"
#include "lib/signals.h"
#include "lib/size.h"
#include "lib/spawn.h"
#include "words/explain.h"
#include "words/report.h"

#define SAID_MAX 256
/* Others may rename the directories above a mount, or mount it again, at any time. */
#define TRIES 10
#define DEFAULT_OPTIONS "defaults"
#define failure(mount, path, format, ...) \
	report_failure("%s: %s: " format, path, (mount)->undone, ##__VA_ARGS__)

static bool parse_number(const char *text, unsigned int *number)
{
	uint64_t value;

	if (!*text)
		return true;
	if (!size_parse_number(text, 1, UINT_MAX, &value))
		return false;
	*number = value;
	return true;
}

/* Whatever its value is. */
static bool has_option_called(const char *options, const char *name)
{
	for (; *options; options += *options == ',') {
		if (strcspn(options, "=,") == strlen(name) &&
		    !strncmp(options, name, strlen(name)))
			return true;
		options += strcspn(options, ",");
	}
	return false;
}

static int check_options(const char *command, const struct mount *mount)
{
	/* With these mount(8) changes what is there, or mounts another device. */
	static const char *const refused[] = {
		"remount", "bind", "rbind", "move", "loop", "offset", "sizelimit",
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (has_option_called(mount->options, refused[i]))
			return report_usage(command, "the option %s for %s is of mount(8), which "
					    "would not mount the device; leave it out",
					    refused[i], mount->directory);
	if (strlen(mount->options) <= MOUNT_OPTIONS_MAX)
		return STATUS_OK;
	return report_usage(command, "the options for %s are too long; the kernel takes %d bytes",
			    mount->directory, MOUNT_OPTIONS_MAX);
}

int mount_parse(const char *text, struct mount *mount)
{
	char *rest = strdup(text), *number;

	*mount = (struct mount) {
		.directory = strsep(&rest, ":"), .options = "", .undone = "not run",
		.is_private = true,
	};
	number = strsep(&rest, ":");
	if (rest)
		mount->options = rest;
	if (!mount->directory || !*mount->directory)
		return report_usage("run", "--mount: '%s' has no directory; "
				    "write it like /mnt, /mnt:1 or /mnt:1:ro", text);
	if (number && !parse_number(number, &mount->number))
		return report_usage("run", "--mount: '%s' is not the number of a partition; "
				    "write it like /mnt:1", number);
	return check_options("run", mount);
}

int mount_prepare(struct mount *mount, const char *command, char *directory, const char *options)
{
	*mount = (struct mount) {
		.directory = directory, .options = options, .undone = "not mounted",
	};
	return check_options(command, mount);
}

static const struct explanation directory_errors[] = {
	{ -ENOTDIR, "it is no directory; give one" },
	{ 0 }
};

int mount_check_directory(const struct mount *mount)
{
	struct stat st;

	if (stat(mount->directory, &st))
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

/* mount(8) wants a name; this one has no links in it. */
static char *name_of(int fd)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return realpath(link, NULL);
}

/* The mount that is to be seen at @path; 0: that is not known. */
static uint64_t mount_at(const char *path)
{
	struct statx st;

	if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_MNT_ID, &st))
		return 0;
	return st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : 0;
}

int mount_undo(const struct mount *mount, const struct attachment *attachment)
{
	struct place place = { .dev = &attachment->dev };
	uint64_t now;
	int err;

	if (!mount->path || !mount->covered ||
	    !mounts_device_at(mount->path, &attachment->dev, 1, &now) || now == mount->covered)
		return 0;
	err = place_open(&place, mount->path, now);
	if (err)
		return err;
	err = place_unmount(&place);
	place_close(&place);
	return err;
}

/* @before: what is mounted already, @count of them. */
static int find_path(struct mount *mount, const struct mount *before, int count, bool *is_inside)
{
	dev_t mounted[TEXTS_MAX];
	int fd;

	for (int i = 0; i < count; i++)
		mounted[i] = before[i].device;
	fd = mount_path_open(mount->directory, mounted, count, is_inside);
	if (fd < 0)
		return fd;
	mount->path = name_of(fd);
	close(fd);
	return mount->path ? 0 : -errno;
}

static int mount_node(const struct mount *mount, const char *node, const char *options,
		      char said[SAID_MAX])
{
	const char *argv[12] = { "mount" };
	int count = 1;

	if (mount->is_private)
		argv[count++] = "-n";
	if (mount->is_sloppy)
		argv[count++] = "-s";
	if (mount->type) {
		argv[count++] = "-t";
		argv[count++] = mount->type;
	}
	argv[count++] = "-o";
	argv[count++] = options;
	argv[count++] = "--";
	argv[count++] = node;
	argv[count++] = mount->path;
	return spawn(argv, said, SAID_MAX);
}

/* An open directory would keep what it is on from being unmounted; the number keeps nothing. */
static void keep_number(struct mount *mount)
{
	uint64_t now = mount_at(mount->path);

	/* A mount program may have succeeded, and not have mounted anything. */
	if (!now || now == mount->covered)
		return;
	/* It may be mounted on /proc. */
	if (!mounts_file_system(now, &mount->file_system))
		mount->file_system.number = mount->device;
}

int mount_do(struct mount *mounts, int index, const struct attachment *attachment)
{
	struct mount *mount = &mounts[index];
	char node[DEV_NODE_MAX], said[SAID_MAX] = "";
	char options[sizeof(DEFAULT_OPTIONS ",") + MOUNT_OPTIONS_MAX];
	bool is_inside;
	int status, err = find_path(mount, mounts, index, &is_inside);
	struct stat st;

	if (err == -ENOENT && is_inside)
		failure(mount, attachment->path, "cannot mount on %s: there is no such directory in "
			"what is mounted before it, which no link leads out of; make it in there first",
			mount->directory);
	else if (err == -ENOENT && !mounts_are_known())
		failure(mount, attachment->path, "cannot mount on %s: %s", mount->directory,
			NO_PROC);
	else if (err == -ENOENT)
		failure(mount, attachment->path, "cannot mount on %s: there is no such directory; "
			"make it first: mkdir %s", mount->directory, mount->directory);
	else if (err)
		failure(mount, attachment->path, "cannot mount on %s: %s", mount->directory,
			explain(directory_errors, err));
	if (err)
		return STATUS_RUN_FAILED;
	dev_node(&attachment->dev, mount->number, node);
	if (stat(node, &st) || dev_check_node(&attachment->dev, mount->number, &st) == -ENOENT) {
		failure(mount, attachment->path, "cannot mount %s on %s: this node is missing, or "
			"leads to another device; give --nodes", node, mount->directory);
		return STATUS_RUN_FAILED;
	}
	snprintf(options, sizeof(options), "%s%s%s",
		 attachment->is_read_only ? "ro" : DEFAULT_OPTIONS, *mount->options ? "," : "",
		 mount->options);
	mount->covered = mount_at(mount->path);
	status = mount_node(mount, node, options, said);
	if (!status && !stat(mount->path, &st)) {
		mount->device = st.st_dev;
		if (mount->is_private)
			keep_number(mount);
		return STATUS_OK;
	}
	err = mount_undo(mount, attachment);
	if (err)
		report_failure("%s: mount has failed, but %s is mounted on %s, and cannot be "
			       "unmounted again: %s; do that: umount %s", attachment->path, node,
			       mount->directory, strerror(-err), mount->directory);
	else if (signals_came())
		failure(mount, attachment->path, "cannot mount %s on %s: a signal came; try again",
			node, mount->directory);
	else if (status == SPAWN_NO_COMMAND && !*said)
		failure(mount, attachment->path, "cannot mount %s on %s: there is no mount program; "
			"install one, as of util-linux", node, mount->directory);
	else
		failure(mount, attachment->path, "cannot mount %s on %s: %s; the reason may be "
			"in: dmesg", node, mount->directory, *said ? said : "mount does not say why");
	return STATUS_RUN_FAILED;
}

static const struct explanation no_errors[] = { { 0 } };

void mount_report_lost(const char *path, const char *directory, int err)
{
	report_failure("%s: not all that was written to %s could be kept: %s", path, directory,
		       explain(no_errors, err));
}

static int sync_by(const struct mounted *mounted)
{
	struct place place = { .number = mounted->number };
	int err;

	if (place_open(&place, mounted->point, mounted->id))
		return -ESTALE;
	err = place_sync(&place);
	place_close(&place);
	return err == PLACE_UNSYNCED ? -ESTALE : err;
}

/*
 * By whichever of its mounts can be reached. What the command has unmounted is no failure: it could
 * have asked. -ESTALE: none can be reached, @mounted being the first; -ENOENT: nor can /proc.
 */
static int sync_file_system(const struct file_system *file_system, struct mounted *mounted)
{
	size_t index;
	int err;

	for (int i = 0; i < TRIES; i++) {
		for (index = 0; !(err = mounts_find_again(file_system, index, mounted)); index++) {
			err = sync_by(mounted);
			if (err != -ESTALE)
				return err;
		}
		if (err == -ENOENT)
			return err;
		if (!index)
			return 0;
	}
	return -ESTALE;
}

/* What is in use stays until the mount namespace ends. */
static void unmount_file_system(const struct file_system *file_system)
{
	struct mounted mounted;
	size_t in_use = 0;

	for (int i = 0; i < TRIES && !mounts_find_again(file_system, in_use, &mounted); i++) {
		struct place place = { .number = file_system->number };
		int err = place_open(&place, mounted.point, mounted.id);

		if (!err)
			err = place_unmount(&place);
		if (err)
			in_use++;
		place_close(&place);
	}
}

#define report_unknown(path, directory, format, ...) \
	report_failure("%s: it is not known whether all that was written to %s could be kept: " \
		       format, path, directory, ##__VA_ARGS__)

int mount_end(const struct mount *mount, const struct attachment *attachment)
{
	struct mounted mounted;
	int err;

	if (!mount->file_system.number)
		return STATUS_OK;
	err = sync_file_system(&mount->file_system, &mounted);
	if (err == -ENOENT)
		report_unknown(attachment->path, mount->directory, "there is no table of mounts in "
			       "/proc any more; have the command leave /proc as it is");
	else if (err == -ESTALE && *mounted.cover)
		report_unknown(attachment->path, mount->directory, "something is mounted over it "
			       "on %s; have the command unmount that", mounted.cover);
	else if (err == -ESTALE)
		report_unknown(attachment->path, mount->directory, "it cannot be reached on %s; "
			       "have the command unmount it", mounted.point);
	else if (err)
		mount_report_lost(attachment->path, mount->directory, err);
	unmount_file_system(&mount->file_system);
	return err ? STATUS_RUN_FAILED : STATUS_OK;
}
