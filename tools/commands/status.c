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
#include "words/json.h"
#include "words/report.h"
#include "words/terminal.h"
#include "words/text.h"

#define PARAMETERS "/sys/module/reloop/parameters/"
#define LOOP_MAJOR_LINE "  7 loop\n"

static bool as_json;

static const struct option_row status_options[] = {
	{ "json", NULL, "print JSON", 'J', .flag = &as_json },
	{ 0 }
};

/* A state of affairs, in a word for JSON and in words for people. */
struct finding {
	const char *word;
	const char *text;
};

struct status {
	const char *prefix;		/* NULL: the module is not loaded */
	const char *version;
	struct finding owner;		/* who has loop's names */
	struct finding obstacle;	/* why it is not loaded */
	bool knows_devices;
	size_t total;			/* attached or not */
	size_t attached;
	struct dev *devs;
};

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
static struct finding names_owner(const char *prefix)
{
	if (prefix && !strcmp(prefix, RELOOP_NAMES_LOOP))
		return (struct finding) { "reloop", "reloop" };
	if (exists("/sys/module/loop/initstate"))
		return (struct finding) {
			"loop", "loop, the kernel's own driver, a module; take its names with: "
			"losetup -D; modprobe -r loop" };
	if (!exists("/proc/devices"))
		return (struct finding) { "unknown", "not known, /proc is not mounted" };
	if (has_line("/proc/devices", is_loop_major))
		return (struct finding) {
			"builtin", "loop, the kernel's own driver, which is built in; "
			"reloop takes names of its own beside it" };
	return (struct finding) { "nobody", "nobody" };
}

/* @json: NULL for people. */
static void print_parameters(struct json *json)
{
	const char *name;
	char value[64];
	glob_t found;

	if (glob(PARAMETERS "*", 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		name = found.gl_pathv[i] + strlen(PARAMETERS);
		if (sysfs_read_text(found.gl_pathv[i], value, sizeof(value)))
			continue;
		if (json)
			json_text(json, name, value);
		else
			printf("%-12s %s=%s\n", "parameter", name, value);
	}
	globfree(&found);
}

static void print_warning(struct json *json, const struct dev *dev, const char *word,
			  const char *text)
{
	if (json) {
		json_row_begin(json);
		json_text(json, "device", dev->path);
		json_text(json, "warning", word);
		json_text(json, "text", text);
		json_object_end(json);
		return;
	}
	terminal_warn_begin(stdout);
	printf("%-12s", "warning");
	terminal_warn_end(stdout);
	printf(" %s: %s\n", dev->path, text);
}

static void print_warnings(struct json *json, const struct dev *dev)
{
	char text[192];

	if (!strcmp(dev->flush, "ignore"))
		print_warning(json, dev, "flush", "flushes are ignored: a crash ruins the image");
	if (dev->waiting) {
		snprintf(text, sizeof(text), "writes wait for space, %" PRIu64 " of them; make "
			 "some, or give up: reloop set --nospace error %s", dev->waiting,
			 dev->path);
		print_warning(json, dev, "waiting", text);
	}
	if (dev->faults) {
		snprintf(text, sizeof(text), "requests are made to fail, by %" PRIu64 " rules; "
			 "see: reloop fault %s list; end that: reloop fault %s clear", dev->faults,
			 dev->path, dev->path);
		print_warning(json, dev, "faulty", text);
	}
	if (!strcmp(dev->format, "volatile") && !dev->powercut)
		print_warning(json, dev, "volatile", "its write cache is volatile: what is not "
			      "flushed is lost by a crash, or a power cut");
	if (dev->powercut) {
		snprintf(text, sizeof(text), "its power has been cut, and all I/O fails; detach it: "
			 "reloop detach %s", dev->path);
		print_warning(json, dev, "cut", text);
	}
	if (dev->deleted)
		print_warning(json, dev, "deleted",
			      "its image is deleted; detach it if nobody uses it: reloop gc");
	if (dev_path_is_deleted(dev->base) && !dev->base_links && !dev->base_rdev)
		print_warning(json, dev, "base_deleted",
			      "its base is deleted: what it shows is lost when it is detached");
}

static struct finding why_not_loaded(void)
{
	if (!is_installed())
		return (struct finding) {
			"not_installed", "it is not installed for this kernel; "
			"in its source directory: make install" };
	if (is_locked_down())
		return (struct finding) {
			"lockdown", "the kernel is locked down and takes signed modules only; "
			"sign reloop.ko, and load it with: modprobe reloop" };
	return (struct finding) { "nothing", "nothing; load it with: modprobe reloop" };
}

static void print_human(const struct status *status)
{
	print_line("command", RELOOP_VERSION);
	if (!status->prefix) {
		print_line("module", "not loaded");
		print_line("blocked by", status->obstacle.text);
		print_line("loop names", status->owner.text);
		return;
	}
	print_line("module", *status->version ? status->version :
		   "loaded, of a version that it does not tell");
	print_line("loop names", status->owner.text);
	print_parameters(NULL);
	if (!status->knows_devices)
		return;
	printf("%-12s %zu, %zu of them attached\n", "devices", status->total, status->attached);
	for (size_t i = 0; i < status->attached; i++)
		print_warnings(NULL, &status->devs[i]);
}

static void print_json_devices(struct json *json, const struct status *status)
{
	json_number(json, "total", status->total);
	json_number(json, "attached", status->attached);
	json_array_begin(json, "warnings");
	for (size_t i = 0; i < status->attached; i++)
		print_warnings(json, &status->devs[i]);
	json_rows_end(json);
}

static void print_json(const struct status *status)
{
	struct json json;

	json_begin(&json, stdout);
	json_text(&json, "command", RELOOP_VERSION);
	json_flag(&json, "loaded", status->prefix);
	json_text(&json, "module", status->version);
	json_text(&json, "blocked_by", status->obstacle.word);
	json_text(&json, "loop_names", status->owner.word);
	json_object_begin(&json, "parameters");
	print_parameters(&json);
	json_object_end(&json);
	if (status->knows_devices)
		print_json_devices(&json, status);
	json_end(&json);
}

static void count_devices(struct status *status)
{
	unsigned int *numbers;

	if (dev_numbers(status->prefix, &numbers, &status->total))
		return;
	free(numbers);
	status->knows_devices = !dev_list(status->prefix, DEV_ALL, &status->devs,
					  &status->attached);
}

static int run_status(char **operands, int count)
{
	struct status status = { .version = "", .obstacle.word = "" };
	char prefix[DEV_PREFIX_MAX], version[64];
	int err;

	if (count)
		return report_usage("status", "'%s' is too much; status takes no arguments",
				    operands[0]);
	err = dev_prefix(prefix);
	if (err && err != -ENOPKG)
		return report_error(err, "module: not known: %s", explain_module(err));
	if (err) {
		status.obstacle = why_not_loaded();
	} else {
		status.prefix = prefix;
		if (!sysfs_read_text("/sys/module/reloop/version", version, sizeof(version)))
			status.version = version;
		count_devices(&status);
	}
	status.owner = names_owner(status.prefix);
	(as_json ? print_json : print_human)(&status);
	free(status.devs);
	return err ? STATUS_MODULE : STATUS_OK;
}

const struct command status_command = {
	.name = "status",
	.operands = "",
	.summary = "Tell which driver has loop's names, and the state of the module.",
	.options = status_options,
	.run = run_status,
};
