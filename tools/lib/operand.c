// SPDX-License-Identifier: GPL-2.0-only
#include "lib/operand.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/ask.h"
#include "lib/progress.h"
#include "lib/tables.h"

/* A disk that has to spin up on a server may need as long. */
#define PATIENCE_MS 3000

/* Names of files that this process has open, and no child has. */
static bool is_own(const char *path)
{
	static const char *const places[] = {
		"/dev/fd/", "/dev/std", "/proc/self/", "/proc/thread-self/",
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!strncmp(path, places[i], strlen(places[i])))
			return true;
	return false;
}

/* What the kernel says for a server that has gone, when it does not wait for that. */
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

static int look(const char *path, struct stat *st)
{
	int err, patience_ms = PATIENCE_MS;

	if (is_own(path))
		return stat(path, st) ? -errno : 0;
	progress_begin("waiting for whoever has %s", path);
	err = ask_stat(path, 0, st, &patience_ms);
	progress_end();
	return has_no_server(err) ? -ETIMEDOUT : err;
}

static bool append(char name[PATH_MAX], const char *part, int length)
{
	size_t end = strlen(name);

	return snprintf(name + end, PATH_MAX - end, "/%.*s", length, part) < (int)(PATH_MAX - end);
}

/* Not with "..", which behind a symbolic link is elsewhere. */
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

/* getcwd(3) may ask the server what the system call knows. */
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
	operand->err = look(text, &operand->st);
	if (operand->err == -ENOENT && !strchr(text, '/')) {
		snprintf(node, sizeof(node), "/dev/%s", text);
		operand->err = look(node, &operand->st);
	}
	if (operand->err != -ETIMEDOUT)
		return;
	if (spell(operand->name, text))
		operand->file_system = tables_file_system_of(operand->name);
	else
		operand->name[0] = '\0';
}
