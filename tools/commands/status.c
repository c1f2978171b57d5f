// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "commands/commands.h"
#include "lib/dev.h"
#include "words/explain.h"
#include "words/report.h"
#include "words/terminal.h"
#include "words/text.h"

#define PARAMETERS "/sys/module/reloop/parameters/"
#define LOOP_MAJOR_LINE "  7 loop\n"

static const struct option_row no_options[] = { { 0 } };

static void print_line(const char *what, const char *text)
{
	printf("%-12s ", what);
	text_print(stdout, text);
	putchar('\n');
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static bool has_line(const char *path, bool (*is_it)(const char *line))
{
	FILE *file = fopen(path, "re");
	bool is_found = false;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return false;
	while (!is_found && getline(&line, &size, file) > 0)
		is_found = is_it(line);
	free(line);
	fclose(file);
	return is_found;
}

static bool is_loop_major(const char *line)
{
	return !strcmp(line, LOOP_MAJOR_LINE);
}

static bool is_our_file(const char *line)
{
	size_t length = strcspn(line, ":");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/%.*s", (int)length, line);
	return strstr(path, "/reloop.ko");
}

static bool is_installed(void)
{
	struct utsname system;
	char path[PATH_MAX];

	uname(&system);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", system.release);
	return has_line(path, is_our_file);
}

static bool is_locked_down(void)
{
	char text[64] = "";

	return !sysfs_read_text("/sys/kernel/security/lockdown", text, sizeof(text)) && *text &&
	       !strstr(text, "[none]");
}

/* A built-in driver has at most a directory for its parameters. */
static const char *names_owner(const char *prefix)
{
	if (prefix && !strcmp(prefix, RELOOP_NAMES_LOOP))
		return "reloop";
	if (exists("/sys/module/loop/initstate"))
		return "loop, the kernel's own driver, a module; take its names with: "
		       "losetup -D; modprobe -r loop";
	if (!exists("/proc/devices"))
		return "not known, /proc is not mounted";
	if (has_line("/proc/devices", is_loop_major))
		return "loop, the kernel's own driver, which is built in; "
		       "reloop takes names of its own beside it";
	return "nobody";
}

static void print_parameters(void)
{
	char value[64];
	glob_t found;

	if (glob(PARAMETERS "*", 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!sysfs_read_text(found.gl_pathv[i], value, sizeof(value)))
			printf("%-12s %s=%s\n", "parameter",
			       found.gl_pathv[i] + strlen(PARAMETERS), value);
	globfree(&found);
}

static void print_warning(const struct dev *dev, const char *text)
{
	terminal_warn_begin(stdout);
	printf("%-12s", "warning");
	terminal_warn_end(stdout);
	printf(" %s: %s\n", dev->path, text);
}

static void print_warnings(const struct dev *dev)
{
	char text[192];

	if (!strcmp(dev->flush, "ignore"))
		print_warning(dev, "flushes are ignored: a crash ruins the image");
	if (dev->waiting) {
		snprintf(text, sizeof(text), "writes wait for space, %" PRIu64 " of them; make "
			 "some, or give up: reloop set --nospace error %s", dev->waiting,
			 dev->path);
		print_warning(dev, text);
	}
	if (dev->faults) {
		snprintf(text, sizeof(text), "requests are made to fail, by %" PRIu64 " rules; "
			 "see: reloop fault %s list; end that: reloop fault %s clear", dev->faults,
			 dev->path, dev->path);
		print_warning(dev, text);
	}
	if (!strcmp(dev->format, "volatile") && !dev->powercut)
		print_warning(dev, "its write cache is volatile: what is not flushed is lost by a "
			      "crash, or a power cut");
	if (dev->powercut) {
		snprintf(text, sizeof(text), "its power has been cut, and all I/O fails; detach it: "
			 "reloop detach %s", dev->path);
		print_warning(dev, text);
	}
	if (dev->deleted)
		print_warning(dev, "its image is deleted; detach it if nobody uses it: reloop gc");
	if (dev_path_is_deleted(dev->base) && !dev->base_links && !dev->base_rdev)
		print_warning(dev, "its base is deleted: what it shows is lost when it is detached");
}

static void print_devices(const char *prefix)
{
	unsigned int *numbers;
	size_t total, attached;
	struct dev *devs;

	if (dev_numbers(prefix, &numbers, &total))
		return;
	free(numbers);
	if (dev_list(prefix, DEV_ALL, &devs, &attached))
		return;
	printf("%-12s %zu, %zu of them attached\n", "devices", total, attached);
	for (size_t i = 0; i < attached; i++)
		print_warnings(&devs[i]);
	free(devs);
}

static const char *why_not_loaded(void)
{
	if (!is_installed())
		return "it is not installed for this kernel; "
		       "in its source directory: make install";
	if (is_locked_down())
		return "the kernel is locked down and takes signed modules only; "
		       "sign reloop.ko, and load it with: modprobe reloop";
	return "nothing; load it with: modprobe reloop";
}

static int print_not_loaded(void)
{
	print_line("module", "not loaded");
	print_line("blocked by", why_not_loaded());
	print_line("loop names", names_owner(NULL));
	return STATUS_MODULE;
}

static int run_status(char **operands, int count)
{
	char prefix[DEV_PREFIX_MAX], version[64];
	int err;

	if (count)
		return report_usage("status", "'%s' is too much; status takes no arguments",
				    operands[0]);
	err = dev_prefix(prefix);
	if (err && err != -ENOPKG)
		return report_error(err, "module: not known: %s", explain_module(err));
	print_line("command", RELOOP_VERSION);
	if (err)
		return print_not_loaded();
	if (sysfs_read_text("/sys/module/reloop/version", version, sizeof(version)))
		strcpy(version, "loaded, of a version that it does not tell");
	print_line("module", version);
	print_line("loop names", names_owner(prefix));
	print_parameters();
	print_devices(prefix);
	return STATUS_OK;
}

const struct command status_command = {
	.name = "status",
	.operands = "",
	.summary = "Tell which driver has loop's names, and the state of the module.",
	.options = no_options,
	.run = run_status,
};
