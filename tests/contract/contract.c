// SPDX-License-Identifier: GPL-2.0-only
/*
 *	contract DIR TMPFS DISK DIR-ON-DISK GROUP...
 *
 * Tries the rows of these groups (all: of all groups) on the loop driver that
 * is loaded, and prints for each "name <tab> what it did". DIR is where files
 * can be made, on a file system with direct I/O; TMPFS is another; DISK has
 * sectors of 4096 bytes and holds the file system of DIR-ON-DISK.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"

struct group {
	const char *name;
	const struct row *rows;
};

static const struct group groups[] = {
	{ "configure", configure_rows },
	{ "set-fd", set_fd_rows },
	{ "change-fd", change_fd_rows },
	{ "set-status", set_status_rows },
	{ "get-status", get_status_rows },
	{ "set-capacity", set_capacity_rows },
	{ "set-direct-io", set_direct_io_rows },
	{ "set-block-size", set_block_size_rows },
	{ "clr-fd", clr_fd_rows },
	{ "control", control_rows },
	{ "partition", partition_rows },
	{ "unknown", unknown_rows },
	{ "flags", flag_rows },
	{ 0 }
};

/* The row that is tried. */
static const char *current = "preparation";

void die(const char *what)
{
	fprintf(stderr, "contract: %s: %s: %s\n", current, what, strerror(errno));
	exit(2);
}

void append(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

/* What has changed since @before, which becomes what is seen now. */
static void tell_changes(struct snapshot **before, int fd, bool all)
{
	struct snapshot *after = snapshot_take(fd);
	char text[4096] = "";
	int changes;

	changes = snapshot_compare(*before, after, all, text, sizeof(text));
	changes += uevents_tell(text, sizeof(text));
	printf(changes ? ",%s" : ", unchanged", text);
	snapshot_free(*before);
	*before = after;
}

static void tell_close(struct world *world, struct snapshot **before)
{
	world_close(&world->fd);
	printf("; closed");
	tell_changes(before, -1, false);
	if (world->rival < 0)
		return;
	world_end_rival(world);
	printf("; closed by all");
	tell_changes(before, -1, false);
}

/* A failure has to leave everything as it was: all of it is looked at. */
static void tell_outcome(struct world *world, int error, struct snapshot **before)
{
	printf("%s", error ? strerrorname_np(error) : "ok");
	if (*world->note)
		printf(" %s", world->note);
	tell_changes(before, world->fd, error);
}

static void try_row(const struct row *row)
{
	struct world world;
	struct snapshot *before;
	int error;

	current = row->name;
	world_enter(&world, row);
	uevents_forget();
	before = snapshot_take(world.fd);

	world_call_as(row->caller);
	error = row->call(&world, row) < 0 ? errno : 0;
	world_call_as(CALLER_ROOT);

	printf("%s\t", row->name);
	tell_outcome(&world, error, &before);
	if (row->after == AFTER_CLOSE)
		tell_close(&world, &before);
	snapshot_free(before);
	if (world_leave(&world, row))
		printf(", file still in use");
	printf("\n");
	fflush(stdout);
}

static void try_group(const char *name)
{
	const struct group *group;
	const struct row *row;
	bool found = false;

	for (group = groups; group->name; group++) {
		if (strcmp(name, "all") && strcmp(name, group->name))
			continue;
		found = true;
		for (row = group->rows; row->name; row++)
			try_row(row);
	}
	if (!found) {
		fprintf(stderr, "contract: no group '%s'\n", name);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 6) {
		fprintf(stderr, "contract: DIR TMPFS DISK DIR-ON-DISK GROUP... expected\n");
		return 2;
	}
	world_prepare(argv[1], argv[2], argv[3], argv[4]);
	uevents_listen();
	for (i = 5; i < argc; i++)
		try_group(argv[i]);

	return 0;
}
