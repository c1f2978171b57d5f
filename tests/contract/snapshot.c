// SPDX-License-Identifier: GPL-2.0-only
/* All that can be seen of the device: its directory in sysfs, its ioctls. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "contract.h"

struct fact {
	char *key;
	char *value;
};

struct snapshot {
	struct fact *facts;
	size_t count;
};

/* What users look at, and how it is called when it is told. */
static const struct {
	const char *key;
	const char *label;
} told[] = {
	{ "size", "size" },
	{ "ro", "ro" },
	{ "loop/backing_file", "file" },
	{ "loop/offset", "offset" },
	{ "loop/sizelimit", "sizelimit" },
	{ "status/flags", "flags" },
	{ "status/name", "name" },
	{ "queue/logical_block_size", "block" },
	{ "diskseq", "diskseq" },
	{ DEVICE_NAME "p1/size", "p1" },
	{ 0 }
};

/* What changes while nothing is done to the device, or says what others say. */
static const char * const skipped[] = { "stat", "inflight", "power", "uevent", NULL };

static void add_fact(struct snapshot *snapshot, const char *key, const char *value)
{
	struct fact *fact;

	snapshot->facts = reallocarray(snapshot->facts, snapshot->count + 1, sizeof(*fact));
	if (!snapshot->facts)
		die("snapshot");
	fact = &snapshot->facts[snapshot->count++];
	fact->key = strdup(key);
	fact->value = strdup(value);
	if (!fact->key || !fact->value)
		die("snapshot");
}

static void add_number(struct snapshot *snapshot, const char *key, unsigned long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", value);
	add_fact(snapshot, key, text);
}

/* sysfs */

static bool is_skipped(const char *name)
{
	const char * const *other;

	for (other = skipped; *other; other++)
		if (!strcmp(name, *other))
			return true;
	return false;
}

static void add_attribute(struct snapshot *snapshot, const char *path)
{
	char value[4096] = "";
	ssize_t length;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = read(fd, value, sizeof(value) - 1);
	if (length < 0)
		snprintf(value, sizeof(value), "%s", strerrorname_np(errno));
	else if (length > 0 && value[length - 1] == '\n')
		value[length - 1] = '\0';
	world_close(&fd);
	add_fact(snapshot, path + strlen(SYSFS_DIRECTORY "/"), value);
}

static void add_directory(struct snapshot *snapshot, const char *dir)
{
	struct dirent *entry;
	char path[4096];
	DIR *stream;

	stream = opendir(dir);
	if (!stream)
		return;
	while ((entry = readdir(stream))) {
		if (*entry->d_name == '.' || is_skipped(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_type == DT_DIR)
			add_directory(snapshot, path);
		else if (entry->d_type == DT_REG)
			add_attribute(snapshot, path);
	}
	closedir(stream);
}

/* ioctls */

static void add_flags(struct snapshot *snapshot, __u32 flags)
{
	char text[64] = "";

	if (flags & LO_FLAGS_READ_ONLY)
		append(text, sizeof(text), "+RO");
	if (flags & LO_FLAGS_AUTOCLEAR)
		append(text, sizeof(text), "+AUTOCLEAR");
	if (flags & LO_FLAGS_PARTSCAN)
		append(text, sizeof(text), "+PARTSCAN");
	if (flags & LO_FLAGS_DIRECT_IO)
		append(text, sizeof(text), "+DIRECT");
	flags &= ~(LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN |
		   LO_FLAGS_DIRECT_IO);
	if (flags)
		append(text, sizeof(text), "+%#x", flags);
	add_fact(snapshot, "status/flags", *text ? text + 1 : "none");
}

static void add_status(struct snapshot *snapshot, int fd)
{
	struct loop_info64 info;
	char name[LO_NAME_SIZE + 1] = "";

	if (ioctl(fd, LOOP_GET_STATUS64, &info)) {
		add_fact(snapshot, "status", strerrorname_np(errno));
		return;
	}
	memcpy(name, info.lo_file_name, LO_NAME_SIZE);
	add_fact(snapshot, "status", "");
	add_fact(snapshot, "status/name", name);
	add_flags(snapshot, info.lo_flags);
	add_number(snapshot, "status/device", info.lo_device);
	add_number(snapshot, "status/inode", info.lo_inode);
	add_number(snapshot, "status/rdevice", info.lo_rdevice);
	add_number(snapshot, "status/offset", info.lo_offset);
	add_number(snapshot, "status/sizelimit", info.lo_sizelimit);
	add_number(snapshot, "status/number", info.lo_number);
	add_number(snapshot, "status/encrypt_type", info.lo_encrypt_type);
	add_number(snapshot, "status/encrypt_key_size", info.lo_encrypt_key_size);
}

static void add_block_layer(struct snapshot *snapshot, int fd)
{
	unsigned long long bytes = 0;
	int value = 0;

	ioctl(fd, BLKGETSIZE64, &bytes);
	add_number(snapshot, "BLKGETSIZE64", bytes);
	ioctl(fd, BLKROGET, &value);
	add_number(snapshot, "BLKROGET", value);
	ioctl(fd, BLKBSZGET, &value);
	add_number(snapshot, "BLKBSZGET", value);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct fact *)a)->key, ((const struct fact *)b)->key);
}

struct snapshot *snapshot_take(int fd)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		die("snapshot");
	add_directory(snapshot, SYSFS_DIRECTORY);
	if (fd >= 0) {
		add_status(snapshot, fd);
		add_block_layer(snapshot, fd);
	}
	qsort(snapshot->facts, snapshot->count, sizeof(*snapshot->facts), compare_keys);
	return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->count; i++) {
		free(snapshot->facts[i].key);
		free(snapshot->facts[i].value);
	}
	free(snapshot->facts);
	free(snapshot);
}

/* Comparing */

/* NULL: it is not there. */
static const char *value_of(const struct snapshot *snapshot, const char *key)
{
	struct fact wanted = { .key = (char *)key }, *fact;

	fact = bsearch(&wanted, snapshot->facts, snapshot->count, sizeof(*fact), compare_keys);
	return fact ? fact->value : NULL;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Nothing, or what is as good as nothing when it comes or goes. */
static bool is_void(const char *value)
{
	return !value || !*value || !strcmp(value, "0") || !strcmp(value, "none");
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void tell_fact(const char *label, const char *before, const char *after,
		      char *text, size_t size)
{
	if (!strcmp(label, "diskseq") && before && after)
		append(text, size, " diskseq+%lld", atoll(after) - atoll(before));
	else if (!strcmp(label, "name") && strlen(after) == LO_NAME_SIZE - 1)
		append(text, size, " %s=63 bytes", label);
	else
		append(text, size, " %s=%s", label, after ? file_name(after) : "-");
}

static int compare_told(const struct snapshot *before, const struct snapshot *after,
			char *text, size_t size)
{
	const char *old, *new;
	int i, changes = 0;

	for (i = 0; told[i].key; i++) {
		old = value_of(before, told[i].key);
		new = value_of(after, told[i].key);
		if (is_same(old, new) || (is_void(old) && !new) || (!old && is_void(new)))
			continue;
		/* With the image goes what there is to say of it. */
		if (!new && strcmp(told[i].label, "file") && strcmp(told[i].label, "p1"))
			continue;
		tell_fact(told[i].label, old, new, text, size);
		changes++;
	}
	return changes;
}

static int compare_all(const struct snapshot *before, const struct snapshot *after,
		       char *text, size_t size)
{
	const char *new;
	size_t i;
	int changes = 0;

	for (i = 0; i < before->count; i++) {
		new = value_of(after, before->facts[i].key);
		if (is_same(before->facts[i].value, new))
			continue;
		tell_fact(before->facts[i].key, before->facts[i].value, new, text, size);
		changes++;
	}
	for (i = 0; i < after->count; i++) {
		if (value_of(before, after->facts[i].key))
			continue;
		append(text, size, " +%s=%s", after->facts[i].key, after->facts[i].value);
		changes++;
	}
	return changes;
}

int snapshot_compare(const struct snapshot *before, const struct snapshot *after,
		     bool all, char *text, size_t size)
{
	return (all ? compare_all : compare_told)(before, after, text, size);
}
