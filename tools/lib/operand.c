// SPDX-License-Identifier: GPL-2.0-only
#include "lib/operand.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/ask.h"
#include "lib/dev.h"
#include "lib/progress.h"
#include "lib/tables.h"

/* A disk on a server may need that long to spin up. */
#define PATIENCE_MS 3000

/* A path that is slightly too long fits, too: whoever is asked notices. */
#define NAME_ROOM (PATH_MAX + 64)

/* The file descriptor of this process that @path refers to, which no child has; or -1. */
static int own_file(const char *path)
{
	static const char *const standard[] = { "/dev/stdin", "/dev/stdout", "/dev/stderr" };
	static const char *const places[] = {
		"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/",
	};
	unsigned int fd;

	for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
		if (!strcmp(path, standard[i]))
			return i;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (dev_parse_name(places[i], path, &fd))
			return fd;
	return -1;
}

/* Files below these belong to this process; in a child, the same names refer to the child's. */
static const struct {
	const char *name, *link, *rest;
} own_places[] = {
	{ "/dev/fd/", "/proc/self", "/fd/" },
	{ "/proc/self/", "/proc/self", "/" },
	{ "/proc/thread-self/", "/proc/thread-self", "/" },
};

/* The link has the number of this process in that /proc. */
static void name_for_child(const char *path, char name[NAME_ROOM])
{
	char process[64];
	ssize_t length;

	snprintf(name, NAME_ROOM, "%s", path);
	for (size_t i = 0; i < sizeof(own_places) / sizeof(own_places[0]); i++) {
		if (strncmp(path, own_places[i].name, strlen(own_places[i].name)))
			continue;
		length = readlink(own_places[i].link, process, sizeof(process));
		if (length > 0)
			snprintf(name, NAME_ROOM, "/proc/%.*s%s%s", (int)length, process,
				 own_places[i].rest, path + strlen(own_places[i].name));
	}
}

/* The kernel's errors for a server that has gone, if it does not wait for the server. */
static bool has_no_server(int err)
{
	switch (-err) {
	case ENOTCONN:
	case ECONNABORTED:
	case ECONNREFUSED:
	case ECONNRESET:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ESTALE:
		return true;
	default:
		return false;
	}
}

static int look(const char *path, struct operand *operand)
{
	struct stat *st = &operand->st;
	int err, patience_ms = PATIENCE_MS, fd = own_file(path);
	char name[NAME_ROOM];

	if (fd >= 0)
		return ask_own(fd, st) ? -ENOENT : 0;
	name_for_child(path, name);
	progress_begin("waiting for whoever has %s", path);
	err = ask_stat(name, 0, st, &patience_ms);
	progress_end();
	operand->is_dead = has_no_server(err);
	return operand->is_dead ? -ETIMEDOUT : err;
}

static bool append(char name[PATH_MAX], const char *part, int length)
{
	size_t end = strlen(name);

	return snprintf(name + end, PATH_MAX - end, "/%.*s", length, part) < (int)(PATH_MAX - end);
}

/* Fails at "..", which leads elsewhere behind a symbolic link. */
static bool append_all(char name[PATH_MAX], const char *text)
{
	size_t length;

	for (; *text; text += length) {
		text += strspn(text, "/");
		length = strcspn(text, "/");
		if (length == 2 && !strncmp(text, "..", length))
			return false;
		if (length && (length > 1 || *text != '.') && !append(name, text, length))
			return false;
	}
	return true;
}

/* getcwd(3) may ask the server; the system call knows without asking. */
static bool spell(char name[PATH_MAX], const char *text)
{
	*name = '\0';
	if (*text != '/' && (syscall(SYS_getcwd, name, PATH_MAX) < 0 || *name != '/'))
		return false;
	if (!strcmp(name, "/"))
		*name = '\0';
	return append_all(name, text);
}

void operand_look(struct operand *operand, const char *text)
{
	char node[PATH_MAX];

	*operand = (struct operand) { .text = text };
	operand->err = look(text, operand);
	if (operand->err == -ENOENT && !strchr(text, '/')) {
		snprintf(node, sizeof(node), "/dev/%s", text);
		operand->err = look(node, operand);
	}
	if (operand->err != -ETIMEDOUT)
		return;
	if (spell(operand->name, text))
		operand->file_system = tables_file_system_of(operand->name);
	else
		operand->name[0] = '\0';
}
