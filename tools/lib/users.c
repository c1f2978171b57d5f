// SPDX-License-Identifier: GPL-2.0-only
#include "lib/users.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ask.h"
#include "lib/find.h"
#include "lib/mounts.h"
#include "lib/tables.h"

/* In total: even where much hangs, the command still ends. */
#define PATIENCE_MS 1000

static int patience_ms;
static unsigned int unanswered;

/* The device whose users are looked for, and whom to tell of them. */
struct walk {
	const struct dev *dev;
	user_visit visit;
	void *data;
	pid_t process;
};

/* The functions below that return bool for a walk return true when the visitor wants no more. */
static bool tell(const struct walk *walk, enum user_kind kind, const char *name)
{
	struct user user = { .kind = kind, .process = walk->process };

	snprintf(user.name, sizeof(user.name), "%s", name);
	return walk->visit(&user, walk->data);
}

/* Does @err leave it open whether there is a user? */
static bool is_unknown(int err)
{
	switch (-err) {
	case ETIMEDOUT:
	case EAGAIN:		/* from here on: no child could be started to ask */
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return true;
	default:
		return false;
	}
}

/* The block device that @path leads to, or 0 for none. Returns 0, or why that is not known. */
static int ask_number(const char *path, int flags, dev_t *number)
{
	struct stat st;
	int err = ask_stat(path, flags, &st, &patience_ms);

	*number = !err && S_ISBLK(st.st_mode) ? st.st_rdev : 0;
	return is_unknown(err) ? err : 0;
}

static dev_t number_of(const char *path)
{
	dev_t number;

	if (ask_number(path, 0, &number))
		unanswered++;
	return number;
}

/* How @other uses @dev, if at all; @node: that of @dev's node, or NULL. */
static enum user_kind use_of(const struct dev *other, const struct dev *dev,
			     const struct stat *node)
{
	if (other->backing_rdev && dev_has(dev, other->backing_rdev))
		return USER_LOOP;
	if (other->base_rdev && dev_has(dev, other->base_rdev))
		return USER_OVERLAY;
	return node && dev_has_base(other, node) ? USER_OVERLAY : USER_NONE;
}

static bool visit_loops(const struct walk *walk, const struct dev *devs, size_t count)
{
	struct stat st, *node = stat(walk->dev->path, &st) ? NULL : &st;
	enum user_kind use;
	struct dev now;

	for (size_t i = 0; i < count; i++) {
		if (!use_of(&devs[i], walk->dev, node))
			continue;
		now = devs[i];
		use = dev_read(&now) ? USER_NONE : use_of(&now, walk->dev, node);
		if (use && tell(walk, use, now.path))
			return true;
	}
	return false;
}

struct numbers {
	uint64_t *items;
	size_t count;
};

static bool has_number(const struct numbers *numbers, uint64_t number)
{
	for (size_t i = 0; i < numbers->count; i++)
		if (numbers->items[i] == number)
			return true;
	return false;
}

static bool add_number(struct numbers *numbers, uint64_t number)
{
	uint64_t *grown;

	grown = reallocarray(numbers->items, numbers->count + 1, sizeof(*grown));
	if (!grown)
		return false;
	grown[numbers->count++] = number;
	numbers->items = grown;
	return true;
}

/* Those that have been told of; no two in any mount namespaces have the same number. */
static struct numbers told_mounts;

/* The source of most file systems is whatever somebody has called it, so the number counts. */
static bool parse_mount(const struct dev *dev, char *line, char **mount_point)
{
	struct mount mount;

	if (!tables_parse_mount(line, &mount))
		return false;
	*mount_point = mount.point;
	if (has_number(&told_mounts, mount.id))
		return false;
	if (!dev_has(dev, mount.number) &&
	    (strcmp(mount.type, "btrfs") || !mounts_are_in_btrfs(dev, number_of(mount.source))))
		return false;
	/* Rather told of twice than never. */
	add_number(&told_mounts, mount.id);
	return true;
}

static bool parse_swap(const struct dev *dev, char *line, char **name)
{
	return tables_parse_swap(line, name) && dev_has(dev, number_of(*name));
}

static FILE *open_table(const char *path)
{
	FILE *table = fopen(path, "re");

	if (!table && is_unknown(-errno))
		unanswered++;
	return table;
}

/* Tells the name in each line that @parse takes for one about the device. */
static bool visit_lines(const struct walk *walk, FILE *table, enum user_kind kind,
			bool (*parse)(const struct dev *dev, char *line, char **name))
{
	char *line = NULL, *name;
	bool is_enough = false;
	size_t size = 0;

	while (!is_enough && getline(&line, &size, table) > 0)
		if (parse(walk->dev, line, &name))
			is_enough = tell(walk, kind, name);
	free(line);
	return is_enough;
}

static bool visit_table(const struct walk *walk, const char *path, enum user_kind kind,
			bool (*parse)(const struct dev *dev, char *line, char **name))
{
	FILE *table = open_table(path);
	bool is_enough;

	if (!table)
		return false;
	is_enough = visit_lines(walk, table, kind, parse);
	fclose(table);
	return is_enough;
}

static bool visit_holders(const struct walk *walk)
{
	const char *name = walk->dev->name;
	char disk[PATH_MAX], partitions[PATH_MAX];
	bool is_enough = false;
	glob_t holders;

	snprintf(disk, sizeof(disk), "/sys/block/%s/holders/*", name);
	snprintf(partitions, sizeof(partitions), "/sys/block/%s/%sp*/holders/*", name, name);
	glob(disk, 0, NULL, &holders);
	glob(partitions, GLOB_APPEND, NULL, &holders);
	for (size_t i = 0; i < holders.gl_pathc && !is_enough; i++)
		is_enough = tell(walk, USER_HOLDER, strrchr(holders.gl_pathv[i], '/') + 1);
	globfree(&holders);
	return is_enough;
}

/* Users that can be seen without looking at other processes. */
static bool visit_here(const struct walk *walk, const struct dev *devs, size_t count)
{
	return visit_loops(walk, devs, count) ||
	       visit_table(walk, "/proc/self/mountinfo", USER_MOUNT, parse_mount) ||
	       visit_table(walk, "/proc/swaps", USER_SWAP, parse_swap) ||
	       visit_holders(walk);
}

/* --- other processes ------------------------------------------------------------------------ */

/*
 * What is seen of mounts depends on the mount namespace and on the root directory, as in a chroot.
 * The first line is another one in each such view: it has the number of a mount, and where that is
 * there.
 */
struct views {
	char **items;
	size_t count;
};

/* Is @view none of these? Then adds it; it is theirs from now on. */
static bool is_new(struct views *seen, char *view)
{
	char **grown;

	for (size_t i = 0; i < seen->count; i++)
		if (!strcmp(seen->items[i], view))
			return false;
	grown = reallocarray(seen->items, seen->count + 1, sizeof(*grown));
	if (!grown)
		return false;
	grown[seen->count++] = view;
	seen->items = grown;
	return true;
}

static void free_views(struct views *views)
{
	while (views->count)
		free(views->items[--views->count]);
	free(views->items);
}

/* Once it is open, the table can be read even if the process ends. */
static bool visit_mounts_of(const struct walk *walk, const char *process, struct views *seen)
{
	bool is_enough = false;
	char path[64], *first = NULL;
	size_t size = 0;
	FILE *table;

	snprintf(path, sizeof(path), "/proc/%s/mountinfo", process);
	table = open_table(path);
	if (!table)
		return false;
	if (getline(&first, &size, table) > 0 && is_new(seen, first)) {
		first = NULL;
		rewind(table);
		is_enough = visit_lines(walk, table, USER_MOUNT, parse_mount);
	}
	free(first);
	fclose(table);
	return is_enough;
}

/* Mounts whose server has not answered: each further question would leave another child hanging. */
static struct numbers deaf_mounts;

static dev_t number_of_open(const char *process, const char *file)
{
	const char *fd = strrchr(file, '/') + 1;
	uint64_t mount = 0;
	dev_t number;
	int err;

	if (deaf_mounts.count)
		mount = tables_mount_of(process, fd);
	if (!mount || !has_number(&deaf_mounts, mount)) {
		err = ask_number(file, AT_STATX_DONT_SYNC, &number);
		if (!err)
			return number;
		mount = tables_mount_of(process, fd);
		if (mount && err == -ETIMEDOUT)
			add_number(&deaf_mounts, mount);
	}
	unanswered++;
	return 0;
}

static bool has_open(const struct dev *dev, const char *process)
{
	char pattern[64];
	bool is_found = false;
	glob_t files;

	snprintf(pattern, sizeof(pattern), "/proc/%s/fd/*", process);
	if (glob(pattern, GLOB_NOSORT, NULL, &files))
		return false;
	for (size_t i = 0; i < files.gl_pathc && !is_found; i++)
		is_found = dev_has(dev, number_of_open(process, files.gl_pathv[i]));
	globfree(&files);
	return is_found;
}

static bool visit_opener(const struct walk *walk, const char *process)
{
	char path[64], name[64] = "?";

	if (!has_open(walk->dev, process))
		return false;
	snprintf(path, sizeof(path), "/proc/%s/comm", process);
	sysfs_read_text(path, name, sizeof(name));
	return tell(walk, USER_OPENER, name);
}

static bool visit_process(struct walk *walk, const char *process, struct views *seen)
{
	walk->process = strtol(process, NULL, 10);
	return visit_mounts_of(walk, process, seen) || visit_opener(walk, process);
}

static void visit_others(struct walk *walk)
{
	struct views seen = { 0 };
	bool is_enough = false;
	glob_t processes;

	if (!glob("/proc/[0-9]*", GLOB_NOSORT, NULL, &processes))
		for (size_t i = 0; i < processes.gl_pathc && !is_enough; i++)
			is_enough = visit_process(walk, processes.gl_pathv[i] + strlen("/proc/"),
						  &seen);
	globfree(&processes);
	free_views(&seen);
}

static void begin(void)
{
	patience_ms = PATIENCE_MS;
	unanswered = 0;
	told_mounts.count = 0;
}

unsigned int users_visit(const struct dev *dev, const struct dev *devs, size_t count,
			 user_visit visit, void *data)
{
	struct walk walk = { .dev = dev, .visit = visit, .data = data };

	begin();
	if (!visit_here(&walk, devs, count))
		visit_others(&walk);
	return unanswered;
}

static bool keep_first(const struct user *user, void *data)
{
	*(struct user *)data = *user;
	return true;
}

static void forget(struct user *user)
{
	user->kind = USER_NONE;
	user->name[0] = '\0';
}

void users_find(const struct dev *dev, const struct dev *devs, size_t count, struct user *user)
{
	struct walk walk = { .dev = dev, .visit = keep_first, .data = user };

	begin();
	forget(user);
	visit_here(&walk, devs, count);
}

void users_find_loop(const struct dev *dev, const struct dev *devs, size_t count,
		     struct user *user)
{
	struct walk walk = { .dev = dev, .visit = keep_first, .data = user };

	forget(user);
	visit_loops(&walk, devs, count);
}

void users_find_any(const struct dev *dev, const struct dev *devs, size_t count, struct user *user)
{
	forget(user);
	users_visit(dev, devs, count, keep_first, user);
}
