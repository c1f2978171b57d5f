/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives bytes that anybody may have made to what parses them in the command. A target takes any
 * bytes, and holds what came of them against what has to be true; the sanitizers see the rest.
 */
#ifndef PARSE_H
#define PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EXPECT(condition) do {							\
	if (!(condition))							\
		expect_failed(#condition, __FILE__, __LINE__);			\
} while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Noreturn void expect_failed(const char *condition, const char *file, int line);

/* A copy that ends where it ends, for the caller to free; up to the first zero it is a text. */
char *text_of(const uint8_t *bytes, size_t length);

/* Cuts @text, returns how many pieces there are, at most @most; behind them is a NULL. */
int cut(char *text, const char *separators, char **pieces, int most);

/* What is printed to a stream between the two, which the caller frees. */
struct heard {
	FILE **stream, *before;
	char *text;
	size_t length;
};

void hear(struct heard *heard, FILE **stream);
void hear_no_more(struct heard *heard);

/* Nothing in it turns around, breaks or erases a line; it has @lines lines. */
void expect_lines(const char *text, int lines);

/* A function that has reported has printed a line; one that has not has printed none. */
void expect_report(struct heard *heard, bool is_reported);

/* Returns where the JSON that @text begins with ends, and expects that there is some. */
const char *expect_json(const char *text);

/* The texts, each behind a zero but the first, that the files in /sys have, as they are opened. */
void give_files(const uint8_t *bytes, size_t length);
/* What the tables in /proc have, and where links in /sys lead. */
void give_tables(const uint8_t *bytes, size_t length);
void give_link(const char *target);

/* A file of which the bytes tell only what is not zero, in disk.c; open until the next one. */
int sparse_file(const uint8_t *bytes, size_t length, uint64_t *size);

typedef void parse_target(const uint8_t *bytes, size_t length);

parse_target parse_size, parse_seconds, parse_fault, parse_label, parse_text, parse_part,
	     parse_mount, parse_nearest;
parse_target parse_options, parse_helper, parse_columns;
parse_target parse_mounts, parse_name, parse_sysfs;
parse_target parse_image, parse_header, parse_overlay;

/* libFuzzer's names. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
