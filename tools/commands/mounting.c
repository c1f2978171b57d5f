// SPDX-License-Identifier: GPL-2.0-only
#include "commands/mounting.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/sharing.h"
#include "lib/bind.h"
#include "lib/deadline.h"
#include "lib/image.h"
#include "lib/mounts.h"
#include "lib/signals.h"
#include "words/explain.h"
#include "words/report.h"

#define not_mounted(path, format, ...) \
	report_failure("%s: not mounted: " format, path, ##__VA_ARGS__)
#define not_mounted_by(err, path, format, ...) \
	report_error(err, "%s: not mounted: " format, path, ##__VA_ARGS__)

static const struct explanation look_errors[] = {
	{ -ELIBACC, "what is on it cannot be looked at: there is no libblkid.so.1, of util-linux; "
		    "install it, or give the number of the partition, 0 for all of it" },
	{ -ENXIO, "somebody has detached it again; try again" },
	{ 0 }
};

/* Is @option in @options, a list as for mount(8)? Of "ro" and "rw" the last one counts. */
static bool has_option(const char *options, const char *option)
{
	size_t length = strlen(option);
	bool is_found = false;

	for (; *options; options += *options == ',') {
		if (strcspn(options, ",") == length) {
			if (!strncmp(options, option, length))
				is_found = true;
			else if (!strncmp(options, "rw", length) && !strcmp(option, "ro"))
				is_found = false;
		}
		options += strcspn(options, ",");
	}
	return is_found;
}

/* --- which of them -------------------------------------------------------------------------- */

/* Reads what the device shows, so overlays and offsets are taken into account. */
static int look(const struct attachment *attachment, struct contents *contents)
{
	struct dev dev = attachment->dev;
	int fd, err = dev_read(&dev);

	if (err)
		return err;
	fd = dev_open(&dev, O_RDONLY);
	if (fd < 0)
		return fd;
	/* What others have looked at may be old, and what is seen now will be. */
	dev_forget(fd);
	err = contents_read(contents, fd, dev.size, 0);
	dev_forget(fd);
	close(fd);
	return err;
}

/* The kernel may not find what libblkid finds; then there is no node to mount. */
static bool has_node(const struct attachment *attachment, unsigned int number)
{
	struct partitions partitions;
	bool is_there = !number;

	if (dev_partitions(&attachment->dev, &partitions))
		return false;
	for (size_t i = 0; i < partitions.count; i++)
		is_there |= partitions.numbers[i] == number;
	free(partitions.numbers);
	return is_there;
}

static void describe(FILE *out, const struct volume *volume)
{
	fprintf(out, "%s%u (%s%s%s)", ftell(out) ? ", " : "", volume->number,
		*volume->file_system ? volume->file_system : "empty", *volume->label ? ", " : "",
		volume->label);
}

/* "1 (vfat, EFI), 2 (ext4, root)": all of them, as it may not be known yet which is meant. */
static char *describe_all(const struct contents *contents)
{
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (*contents->whole.file_system)
		describe(out, &contents->whole);
	for (size_t i = 0; i < contents->count; i++)
		describe(out, &contents->partitions[i]);
	if (!ftell(out))
		fputs("nothing that is known", out);
	fclose(out);
	return text;
}

static int refuse_choice(const struct mounting *mounting, const struct contents *contents,
			 size_t found)
{
	const char *image = mounting->image, *wanted = mounting->part.text;
	char *text = describe_all(contents);
	const char *all = text ? text : "out of memory";

	if (!wanted && !found)
		not_mounted(image, "no file system can be seen on it; it has: %s", all);
	else if (!wanted)
		not_mounted(image, "it has %zu file systems; give the number of one: %s", found,
			    all);
	else if (!found)
		not_mounted(image, "there is no %s%s on it; it has: %s",
			    mounting->part.has_number ? "partition " : "", wanted, all);
	else
		not_mounted(image, "%zu of them are %s; give the number of one: %s", found, wanted,
			    all);
	free(text);
	return STATUS_USAGE;
}

static int choose(struct mounting *mounting, const struct attachment *attachment)
{
	const struct part *part = &mounting->part;
	const struct volume *volume;
	struct contents contents;
	int err, status = STATUS_OK;
	size_t found;

	mounting->mount.number = part->number;
	if (part->has_number && has_node(attachment, part->number))
		return STATUS_OK;
	err = look(attachment, &contents);
	if (err)
		return not_mounted_by(err, mounting->image, "%s", explain(look_errors, err));
	found = part_find(part, &contents, &volume);
	if (found != 1)
		status = refuse_choice(mounting, &contents, found);
	else if (!has_node(attachment, volume->number))
		status = not_mounted(mounting->image, "the kernel makes no device of its partition "
				     "%u; its reason may be in: dmesg", volume->number);
	else
		mounting->mount.number = volume->number;
	contents_free(&contents);
	return status;
}

/* --- from the beginning to the end ---------------------------------------------------------- */

/* Does an option of attach say how the image is used? Below an overlay or a cache it is not. */
static bool is_use_given(void)
{
	const struct attach_options *options = &attach_options;

	return options->read_only || options->is_volatile || options->overlay ||
	       options->create != CREATE_NOT;
}

/* Then the mount is not written to, whatever the device allows. */
static bool only_reads(const struct mounting *mounting)
{
	return !is_use_given() && has_option(mounting->mount.options, "ro");
}

/* Then the device must not allow it: "rw" may be what mount(8) or the user says last. */
static bool cannot_write(const struct mounting *mounting)
{
	struct image image;
	int err;

	if (is_use_given() || only_reads(mounting))
		return false;
	err = image_open(&image, mounting->image, false);
	if (!err)
		image_close(&image);
	if (err != -EROFS)
		return false;
	report_note("%s: it cannot be written, so it is mounted read-only", mounting->image);
	return true;
}

/* What is told by then says that it is not mounted. */
static void undo(const struct mounting *mounting, const struct attachment *attachment)
{
	const char *directory = mounting->mount.directory;
	int err = mount_undo(&mounting->mount, attachment);

	if (err)
		report_failure("%s: it is mounted on %s all the same, and cannot be unmounted "
			       "again: %s; do that: umount %s", mounting->image, directory,
			       strerror(-err), directory);
}

static int mount_attached(struct mounting *mounting, const struct attachment *attachment)
{
	int status = choose(mounting, attachment);

	if (status != STATUS_OK)
		return status;
	if (mount_do(&mounting->mount, 0, attachment) != STATUS_OK)
		return STATUS_FAILED;
	status = mounting->announce ? mounting->announce(attachment) : STATUS_OK;
	if (status != STATUS_OK)
		undo(mounting, attachment);
	return status;
}

static int attach_and_mount(struct mounting *mounting, struct attaching *attaching)
{
	struct attachment attachment;
	int status = attaching_attach(attaching, mounting->image, &attachment), held;

	if (status != STATUS_OK)
		return status;
	/* Until it is mounted: as long as it is open, its number goes to no other image. */
	held = dev_open(&attachment.dev, O_RDONLY);
	if (held < 0) {
		status = not_mounted_by(held, mounting->image, "%s", explain(look_errors, held));
	} else {
		status = mount_attached(mounting, &attachment);
		dev_forget(held);
		close(held);
	}
	if (status == STATUS_OK) {
		attaching_keep(&attachment);
		return STATUS_OK;
	}
	attaching_undo(attaching, &attachment);
	return status;
}

/* What is mounted of it already, stays. */
static int mount_shared(struct mounting *mounting, const struct attaching *attaching,
			const struct dev *dev, bool is_read_only)
{
	struct attachment attachment = {
		.dev = *dev, .path = mounting->image, .lock_fd = -1,
		.is_read_only = dev->read_only || is_read_only,
	};
	int status;

	if (dev->read_only && !is_read_only && !attach_options.read_only)
		report_note("%s: %s is read-only, so it is mounted read-only", mounting->image,
			    dev->path);
	signals_hold();
	status = attaching_provide_nodes(attaching, mounting->image, &attachment);
	return status == STATUS_OK ? mount_attached(mounting, &attachment) : status;
}

/* Of an overlay that is made anew, mount(8) would not know it. */
static int check_not_mounted(const struct mounting *mounting, const char *prefix)
{
	const char *directory = mounting->mount.directory;
	char source[PATH_MAX];
	struct dev dev;

	if (!mounts_image_at(directory, prefix, mounting->image, &dev, source))
		return STATUS_OK;
	return not_mounted(mounting->image, "it is already mounted on %s, by way of %s; unmount "
			   "that first: umount %s", directory, dev.path, directory);
}

static int share_or_attach(struct mounting *mounting, struct attaching *attaching)
{
	int status = check_not_mounted(mounting, attaching->prefix), shared;
	const char *image = mounting->image;
	uint64_t deadline;
	struct dev dev;
	bool is_read_only;

	if (status != STATUS_OK)
		return status;
	attach_options.read_only |= cannot_write(mounting);
	is_read_only = only_reads(mounting);
	deadline = deadline_ms(BIND_RELEASE_WAIT_MS);
	do
		shared = sharing_open(attaching->prefix, image, is_read_only, &dev);
	while (shared < 0 && sharing_wait(image, is_read_only, deadline));
	if (shared < 0) {
		attach_options.read_only |= is_read_only;
		return attach_and_mount(mounting, attaching);
	}
	status = mount_shared(mounting, attaching, &dev, is_read_only);
	close(shared);
	return status;
}

int mounting_do(struct mounting *mounting)
{
	struct attaching attaching;
	int status, lock;

	status = attaching_begin(&attaching, RELOOP_ATTACH_OWNER | RELOOP_ATTACH_PARTSCAN,
				 mounting->image);
	if (status != STATUS_OK)
		return status;
	/* While signals are held, a process that waits for a server could not be ended. */
	mount_check_directory(&mounting->mount);
	attaching.needs_partitions = true;
	lock = sharing_lock(attaching.prefix, mounting->image);
	status = share_or_attach(mounting, &attaching);
	/* What is mounted is no more undone, whatever has come meanwhile. */
	if (status != STATUS_OK)
		signals_release();
	attaching_end(&attaching);
	/* Nobody owns the device any more: only now can the next one tell that it may share it. */
	if (lock >= 0)
		close(lock);
	return status;
}
