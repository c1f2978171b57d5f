// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../include/uapi/reloop.h"
#include "commands/commands.h"
#include "commands/mount_helper.h"
#include "lib/signals.h"
#include "words/nearest.h"
#include "words/report.h"
#include "words/terminal.h"

static int run_help(char **operands, int count);

static const struct option_row no_options[] = { { 0 } };

static const struct command help_command = {
	.name = "help",
	.operands = "[COMMAND|columns]",
	.summary = "Explain reloop, or one of its commands.",
	.options = no_options,
	.run = run_help,
};

/* In the order of the overview. @group: the heading of those that begin here, or NULL. */
static const struct {
	const struct command *command;
	const char *group;
} commands[] = {
	{ .command = &attach_command, .group = "Attach and detach:" },
	{ .command = &detach_command },
	{ .command = &run_command },
	{ .command = &gc_command },
	{ .command = &list_command, .group = "Look:" },
	{ .command = &info_command },
	{ .command = &who_command },
	{ .command = &stats_command },
	{ .command = &status_command },
	{ .command = &help_command },
	{ .command = &set_command, .group = "Change:" },
	{ .command = &resize_command },
	{ .command = &mount_command, .group = "Files and file systems:" },
	{ .command = &umount_command },
	{ .command = &overlay_command },
	{ .command = &fault_command, .group = "Tests:" },
	{ .command = &powercut_command },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].command->name, name))
			return commands[i].command;
	return NULL;
}

static int report_unknown(const char *name)
{
	struct nearest nearest;

	nearest_begin(&nearest, name, strlen(name));
	for (size_t i = 0; i < COMMANDS; i++)
		nearest_offer(&nearest, commands[i].command->name);
	nearest_offer(&nearest, "--help");
	nearest_offer(&nearest, "--version");
	report_failure("unknown %s '%s'%s%s; see: reloop help",
		       name[0] == '-' ? "option" : "command", name,
		       nearest.word ? ", perhaps " : "", nearest.word ? nearest.word : "");
	return STATUS_USAGE;
}

/* With the prompt it fills a screen of 24 lines. */
static void print_overview(FILE *out)
{
	fputs("Usage: reloop COMMAND [OPTION]... [ARGUMENT]...; see: reloop help COMMAND\n", out);
	for (size_t i = 0; i < COMMANDS; i++) {
		if (commands[i].group)
			fprintf(out, "%s\n", commands[i].group);
		fprintf(out, "  %-8s %s\n", commands[i].command->name,
			commands[i].command->summary);
	}
}

static int run_help(char **operands, int count)
{
	const struct command *command;

	if (count > 1)
		return report_usage("help", "too many commands; name one");
	if (!count) {
		print_overview(stdout);
		return STATUS_OK;
	}
	if (!strcmp(operands[0], "columns")) {
		list_print_columns();
		return STATUS_OK;
	}
	command = find_command(operands[0]);
	if (!command)
		return report_unknown(operands[0]);
	options_print_help(command);
	return STATUS_OK;
}

static int execute(const struct command *command, int argc, char **argv)
{
	int first;

	switch (options_parse(command, argc, argv, &first)) {
	case OPTIONS_RUN:
		return command->run(argv + first, argc - first);
	case OPTIONS_HELP:
		options_print_help(command);
		return STATUS_OK;
	default:
		return command->usage_status ? command->usage_status : STATUS_USAGE;
	}
}

static int run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		print_overview(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return run_help(NULL, 0);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("reloop " RELOOP_VERSION);
		return STATUS_OK;
	}
	command = find_command(argv[1]);
	return command ? execute(command, argc - 1, argv + 1) : report_unknown(argv[1]);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/*
 * If standard output is closed, the image would be opened in its place and the answer written into
 * the image. The substitutes are not writable, so that an answer nobody can read is noticed.
 * Returns false if one stays closed.
 */
static bool occupy_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || (is_open(STDIN_FILENO) && is_open(STDOUT_FILENO) &&
			   is_open(STDERR_FILENO));
}

/* The name it was run by. */
static const char *own_name(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;

	return slash ? slash + 1 : argc ? argv[0] : "";
}

int main(int argc, char **argv)
{
	bool is_helper = !strcmp(own_name(argc, argv), MOUNT_HELPER);
	int status;

	if (!occupy_standard_files())
		return report_failure("/dev/null: cannot be opened in place of a standard file that "
				      "is closed; open that file, or make /dev/null");
	signals_arrange();
	setvbuf(stderr, NULL, _IOLBF, 0);	/* a line is one write, so it stays whole */
	terminal_show_progress();

	status = is_helper ? mount_helper(argc, argv) : run(argc, argv);
	if (status == STATUS_OK && (fflush(stdout) || ferror(stdout)))
		status = report_failure("standard output: cannot write: %s; send it elsewhere",
					strerror(errno));
	return status;
}
