// SPDX-License-Identifier: GPL-2.0-only
/* The targets by their names, and what they have in common. */
#include "parse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	parse_target *parse;
} targets[] = {
	{ "size", parse_size },
	{ "seconds", parse_seconds },
	{ "fault", parse_fault },
	{ "label", parse_label },
	{ "text", parse_text },
	{ "part", parse_part },
	{ "mount", parse_mount },
	{ "nearest", parse_nearest },
	{ "options", parse_options },
	{ "helper", parse_helper },
	{ "columns", parse_columns },
	{ "mounts", parse_mounts },
	{ "name", parse_name },
	{ "sysfs", parse_sysfs },
	{ "image", parse_image },
	{ "header", parse_header },
	{ "overlay", parse_overlay },
};

static parse_target *parse;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *wanted = getenv("TARGET");

	(void)argc;
	(void)argv;
	for (size_t i = 0; wanted && i < COUNT(targets); i++)
		if (!strcmp(targets[i].name, wanted))
			parse = targets[i].parse;
	if (parse)
		return 0;
	fputs("TARGET is one of:", stderr);
	for (size_t i = 0; i < COUNT(targets); i++)
		fprintf(stderr, " %s", targets[i].name);
	putc('\n', stderr);
	exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	parse(bytes, length);
	return 0;
}

/* stderr may be heard. */
void expect_failed(const char *condition, const char *file, int line)
{
	dprintf(STDERR_FILENO, "%s:%d: not so: %s\n", file, line, condition);
	abort();
}

char *text_of(const uint8_t *bytes, size_t length)
{
	char *text = malloc(length + 1);

	EXPECT(text);
	memcpy(text, bytes, length);
	text[length] = '\0';
	return text;
}

int cut(char *text, const char *separators, char **pieces, int most)
{
	int count = 0;

	while (text && count < most)
		pieces[count++] = strsep(&text, separators);
	pieces[count] = NULL;
	return count;
}

void hear(struct heard *heard, FILE **stream)
{
	*heard = (struct heard) { .stream = stream, .before = *stream };
	*stream = open_memstream(&heard->text, &heard->length);
	EXPECT(*stream);
}

void hear_no_more(struct heard *heard)
{
	fclose(*heard->stream);
	*heard->stream = heard->before;
	EXPECT(strlen(heard->text) == heard->length);
}

void expect_report(struct heard *heard, bool is_reported)
{
	hear_no_more(heard);
	expect_lines(heard->text, is_reported);
	free(heard->text);
}
