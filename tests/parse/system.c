// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel tells in /proc and /sys; names, mount points and images there are anybody's. */
#include "parse.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/* Without it, the program has another way to choose and print columns: that in here. */
#include "commands/list.c"
#include "lib/attributes.h"
#include "lib/find.h"
#include "lib/mounts.h"
#include "lib/tables.h"
#include "lib/users.h"

/* --- tables in /proc ------------------------------------------------------------------------ */

/* As the kernel does it. */
static void escape(FILE *out, const char *name)
{
	for (; *name; name++)
		fprintf(out, strchr(" \t\n\\#", *name) ? "\\%03o" : "%c", (unsigned char)*name);
}

static bool is_within(const char *text, const char *line, size_t length)
{
	return text >= line && text + strlen(text) <= line + length;
}

static void expect_same_mount(const struct mount *mount)
{
	char *line = NULL;
	struct mount same;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	fprintf(out, "%" PRIu64 " %" PRIu64 " %u:%u / ", mount->id, mount->parent,
		major(mount->number), minor(mount->number));
	escape(out, mount->point);
	fprintf(out, " rw shared:1 - %s ", mount->type);
	escape(out, mount->source);
	fputs(" rw\n", out);
	fclose(out);
	EXPECT(tables_parse_mount(line, &same) && same.number == mount->number);
	EXPECT(same.id == mount->id && same.parent == mount->parent);
	EXPECT(!strcmp(same.point, mount->point) && !strcmp(same.type, mount->type));
	EXPECT(!strcmp(same.source, mount->source));
	free(line);
}

static void parse_line(const char *begin, size_t length)
{
	char *line = text_of((const uint8_t *)begin, length), *name;
	struct mount mount;

	if (tables_parse_mount(line, &mount)) {
		EXPECT(is_within(mount.point, line, length));
		EXPECT(is_within(mount.type, line, length));
		EXPECT(is_within(mount.source, line, length));
		/* As all that the kernel shows. */
		if (*mount.point == '/')
			expect_same_mount(&mount);
	}
	memcpy(line, begin, length);
	if (tables_parse_swap(line, &name))
		EXPECT(*name == '/' && is_within(name, line, length));
	free(line);
}

/* All lines one by one, and then whoever reads them, with a device that they may tell of. */
void parse_mounts(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length), source[PATH_MAX];
	struct dev dev, found;
	struct file_system file_system;
	struct mounted mounted;
	struct user user;
	uint64_t id = 0;

	for (char *line = text, *end; *line; line = end + (*end == '\n')) {
		end = strchrnul(line, '\n');
		parse_line(line, end - line + (*end == '\n'));
	}
	give_tables(bytes, length);
	give_link("../../devices/virtual/block/loop3");
	dev_name(&dev, "loop", 3);
	tables_file_system_of("/mnt/a/b");
	memset(&mounted, 'x', sizeof(mounted));
	if (mounts_find(&dev, &mounted)) {
		EXPECT(memchr(mounted.point, '\0', sizeof(mounted.point)));
		EXPECT(memchr(mounted.cover, '\0', sizeof(mounted.cover)));
		EXPECT(mounts_has(&dev, mounted.id, mounted.point));
		memset(&file_system, 'x', sizeof(file_system));
		EXPECT(mounts_file_system(mounted.id, &file_system));
		EXPECT(memchr(file_system.type, '\0', sizeof(file_system.type)));
		memset(&mounted, 'x', sizeof(mounted));
		EXPECT(!mounts_find_again(&file_system, 0, &mounted));
		EXPECT(memchr(mounted.point, '\0', sizeof(mounted.point)));
		EXPECT(memchr(mounted.cover, '\0', sizeof(mounted.cover)));
		EXPECT(mounted.number == file_system.number);
		/* No type has a space in it. */
		strcpy(file_system.type, " ");
		EXPECT(mounts_find_again(&file_system, 0, &mounted) == -ESTALE);
	}
	/* What is to be seen there is not hidden. */
	if (mounts_device_at("/mnt", &dev, 1, &id))
		EXPECT(mounts_has(&dev, id, "/mnt") && mounts_find(&dev, &mounted) &&
		       !*mounted.cover);
	mounts_image_at("/", "loop", "/", &found, source);
	memset(&user, 'x', sizeof(user));
	users_find(&dev, NULL, 0, &user);
	EXPECT(user.kind == USER_NONE || user.kind == USER_MOUNT || user.kind == USER_SWAP);
	EXPECT(memchr(user.name, '\0', sizeof(user.name)));
	give_tables(NULL, 0);
	give_link(NULL);
	free(text);
}

/* --- names of devices ----------------------------------------------------------------------- */

static void expect_same_name(const char *name)
{
	static const char *const prefixes[] = { "", "loop", "reloop", "/proc/thread-self/fd/" };
	unsigned int number;
	char again[64];

	for (size_t i = 0; i < COUNT(prefixes); i++) {
		if (!dev_parse_name(prefixes[i], name, &number))
			continue;
		snprintf(again, sizeof(again), "%s%u", prefixes[i], number);
		EXPECT(!strcmp(again, name));
	}
}

/* Spelled in full: what is found for it is found by comparing names. */
static void expect_spelled(const struct operand *operand)
{
	const char *name = operand->name;

	EXPECT(memchr(name, '\0', sizeof(operand->name)));
	EXPECT(!*name || *name == '/');
	EXPECT(!strstr(name, "//") && !strstr(name, "/./") && !strstr(name, "/../"));
	EXPECT(!*name || name[strlen(name) - 1] != '/');
}

/* A line each: what was named, and where the link of its device in /sys leads. */
void parse_name(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length), *lines[3];
	struct operand operand;
	struct dev dev;

	cut(text, "\n", lines, 2);
	expect_same_name(lines[0]);
	if (dev_parse("loop", lines[0], &dev))
		EXPECT(!strncmp(dev.name, "loop", 4) && isdigit((unsigned char)dev.name[4]));
	give_link(lines[1] ? lines[1] : "../../devices/virtual/block/loop3");
	operand = (struct operand) { .text = lines[0], .st.st_mode = S_IFBLK };
	if (!dev_find("loop", &operand, &dev)) {
		EXPECT(!strncmp(dev.path, "/dev/loop", 9));
		dev_has(&dev, 0);
	}
	give_tables(bytes, length);
	operand_look(&operand, lines[0]);
	EXPECT(operand.err == -ETIMEDOUT || operand.err == -ENOENT);
	expect_spelled(&operand);
	give_tables(NULL, 0);
	give_link(NULL);
	free(text);
}

/* --- attributes ----------------------------------------------------------------------------- */

static bool is_text(const char *text, size_t room)
{
	return memchr(text, '\0', room);
}

static void expect_texts(const struct dev *dev)
{
	EXPECT(is_text(dev->state, sizeof(dev->state)) && is_text(dev->flush, sizeof(dev->flush)));
	EXPECT(is_text(dev->cache, sizeof(dev->cache)));
	EXPECT(is_text(dev->submit, sizeof(dev->submit)));
	EXPECT(is_text(dev->format, sizeof(dev->format)));
	EXPECT(is_text(dev->nospace, sizeof(dev->nospace)));
	EXPECT(is_text(dev->label, sizeof(dev->label)));
	EXPECT(is_text(dev->creator, sizeof(dev->creator)));
	EXPECT(is_text(dev->backing_file, sizeof(dev->backing_file)));
	EXPECT(is_text(dev->base, sizeof(dev->base)));
}

/* As a list of one device, for people and for programs. */
static void expect_list(const struct dev *dev)
{
	struct heard heard;

	chosen_count = 0;
	choose_up_to(SHOWN_IF_ASKED);
	for (int bits = 0; bits < 4; bits++) {
		as_bytes = bits & 1;
		no_headings = bits & 2;
		hear(&heard, &stdout);
		print_human(dev, 1);
		hear_no_more(&heard);
		expect_lines(heard.text, 2 - no_headings);
		free(heard.text);
	}
	hear(&heard, &stdout);
	print_json(dev, 1);
	hear_no_more(&heard);
	expect_lines(heard.text, 3);
	EXPECT(!strcmp(expect_json(heard.text), "\n"));
	free(heard.text);
}

/* The prefix of names, then the attributes of a device in the order in which they are read. */
void parse_sysfs(const uint8_t *bytes, size_t length)
{
	char prefix[DEV_PREFIX_MAX], text[SYSFS_TEXT_MAX];
	struct stat st = { 0 };
	struct dev dev;
	uint64_t count;

	give_files(bytes, length);
	if (!dev_prefix(prefix))
		EXPECT(!strcmp(prefix, "loop") || !strcmp(prefix, "reloop"));
	dev_name(&dev, "loop", 3);
	if (!dev_read(&dev)) {
		expect_texts(&dev);
		expect_list(&dev);
		EXPECT(!dev_check_same(&dev));
		dev_is_backed_by(&dev, &st);
		dev_has_base(&dev, &st);
		dev_path_is_deleted(dev.backing_file);
	}
	dev_count_writes(&dev, &count);
	if (!dev_read_own(&dev, "faults", text))
		EXPECT(is_text(text, sizeof(text)) &&
		       sysfs_count_lines(text) <= strlen(text));
	give_files(NULL, 0);
}

/* --- the columns of a list ------------------------------------------------------------------ */

void parse_columns(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length);
	struct dev dev = { .path = "/dev/loop3" };
	struct heard heard;
	int status;

	chosen_count = 0;
	wanted_columns = text;
	hear(&heard, &stderr);
	status = choose_columns();
	expect_report(&heard, status != STATUS_OK);
	EXPECT(chosen_count <= COLUMNS);
	if (status == STATUS_OK) {
		hear(&heard, &stdout);
		print_human(&dev, 1);
		hear_no_more(&heard);
		expect_lines(heard.text, 2 - no_headings);
		free(heard.text);
	}
	wanted_columns = NULL;
	free(text);
}
