// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "words/json.h"
#include "words/text.h"

static const struct {
	const char *text;
	const char *plain;
	const char *json;
} cases[] = {
	{ "", "", "\"\"" },
	{ "/a b", "/a b", "\"/a b\"" },
	{ "a\nb", "a\\x0ab", "\"a\\u000ab\"" },
	{ "\x1b[2J", "\\x1b[2J", "\"\\u001b[2J\"" },
	{ "\x7f", "\\x7f", "\"\\u007f\"" },
	/* C1: what some terminals take for escape sequences, in UTF-8 and as bare bytes. */
	{ "\xc2\x9bJ", "\\xc2\\x9bJ", "\"\\u009bJ\"" },
	{ "\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0",
	  "\"\\u0080\\u009f\xc2\xa0\"" },
	{ "\x9bJ", "\\x9bJ", "\"\\udc9bJ\"" },
	{ "\xc2\xc2\x9b", "\xc2\\xc2\\x9b", "\"\\udcc2\\u009b\"" },
	{ "\xe0\x82\x9b", "\xe0\\x82\\x9b", "\"\\udce0\\udc82\\udc9b\"" },
	/* What turns the order of a line around. */
	{ "a\xe2\x80\xaegpj.", "a\\xe2\\x80\\xaegpj.", "\"a\\u202egpj.\"" },
	{ "\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90",
	  "\xe2\x80\x8d\\xe2\\x80\\x8e\\xe2\\x80\\x8f\xe2\x80\x90",
	  "\"\xe2\x80\x8d\\u200e\\u200f\xe2\x80\x90\"" },
	{ "\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xaf",
	  "\xe2\x80\xa9\\xe2\\x80\\xaa\xe2\x80\xaf",
	  "\"\xe2\x80\xa9\\u202a\xe2\x80\xaf\"" },
	{ "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
	  "\xe2\x81\xa5\\xe2\\x81\\xa6\\xe2\\x81\\xa9\xe2\x81\xaa",
	  "\"\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa\"" },
	{ "\xd8\x9b\xd8\x9c", "\xd8\x9b\\xd8\\x9c", "\"\xd8\x9b\\u061c\"" },
	{ "a\"b\\c", "a\"b\\c", "\"a\\\"b\\\\c\"" },
	{ "\xc3\xa4", "\xc3\xa4", "\"\xc3\xa4\"" },
	{ "\xe2\x82\xac", "\xe2\x82\xac", "\"\xe2\x82\xac\"" },
	{ "\xf0\x9f\x92\xbe", "\xf0\x9f\x92\xbe", "\"\xf0\x9f\x92\xbe\"" },

	/* Not UTF-8: a stray byte, a cut sequence, an overlong one, a surrogate, beyond the end. */
	{ "\xff", "\xff", "\"\\udcff\"" },
	{ "\xa4x", "\xa4x", "\"\\udca4x\"" },
	{ "\xe2\x82", "\xe2\\x82", "\"\\udce2\\udc82\"" },
	{ "\xe2\x82x", "\xe2\\x82x", "\"\\udce2\\udc82x\"" },
	{ "\xc0\xaf", "\xc0\xaf", "\"\\udcc0\\udcaf\"" },
	{ "\xed\xa0\x80", "\xed\xa0\\x80", "\"\\udced\\udca0\\udc80\"" },
	{ "\xf4\x90\x80\x80", "\xf4\\x90\\x80\\x80",
	  "\"\\udcf4\\udc90\\udc80\\udc80\"" },
	{ "\xf8\x88\x80\x80\x80", "\xf8\\x88\\x80\\x80\\x80",
	  "\"\\udcf8\\udc88\\udc80\\udc80\\udc80\"" },
};

/* The caller frees what @print has printed. */
static char *printed(void (*print)(FILE *out, const char *text), const char *text)
{
	char *output = NULL;
	size_t size;
	FILE *out = open_memstream(&output, &size);

	print(out, text);
	fclose(out);
	return output;
}

static void test_fitting(void)
{
	static const struct {
		const char *text;
		int columns, bytes;
	} lines[] = {
		{ "", 3, 0 }, { "abcd", 3, 3 }, { "ab", 3, 2 }, { "abcd", 0, 0 },
		{ "\xc3\xa4\xe2\x82\xac-c", 2, 5 }, { "a\xf0\x9f\x92\xbe", 1, 1 },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		CHECK(text_fitting(lines[i].text, lines[i].columns) == lines[i].bytes,
		      "text_fitting, case %zu", i);
}

static void test_columns(void)
{
	CHECK(text_columns("") == 0, "text_columns of nothing");
	CHECK(text_columns("a\xc3\xa4\xe2\x82\xac\xff") == 4, "text_columns of letters");
	CHECK(text_columns("\x1b\xc2\x9b\x9b") == 16, "text_columns of control characters");
}

/* Everything that may be in an object, and in an array, first and later, empty or not. */
static void write_json(FILE *out, const char *text)
{
	struct json json;

	json_begin(&json, out);
	json_array_begin(&json, "none");
	json_array_end(&json);
	json_array_begin(&json, "rows");
	for (int i = 0; i < 2; i++) {
		json_row_begin(&json);
		json_number(&json, "n", UINT64_MAX);
		json_object_end(&json);
	}
	json_rows_end(&json);
	json_object_begin(&json, text);
	json_flag(&json, "t", true);
	json_flag(&json, "f", false);
	json_object_end(&json);
	json_array_begin(&json, "a");
	json_text(&json, NULL, text);
	json_text(&json, NULL, "");
	json_array_end(&json);
	json_array_begin(&json, "no rows");
	json_rows_end(&json);
	json_object_begin(&json, "o");
	json_object_end(&json);
	json_decimal(&json, "d", 0.26, 1);
	json_end(&json);
}

static void test_json(void)
{
	char *json = printed(write_json, "\"\xff\n"), *line = text_escaped(json);

	CHECK(!strcmp(json, "{\"none\": [], \"rows\": [\n  {\"n\": 18446744073709551615},\n"
		      "  {\"n\": 18446744073709551615}\n], \"\\\"\\udcff\\u000a\": "
		      "{\"t\": true, \"f\": false}, \"a\": [\"\\\"\\udcff\\u000a\", \"\"], "
		      "\"no rows\": [], \"o\": {}, \"d\": 0.3}\n"), "json: %s", line);
	free(line);
	free(json);
}

int main(void)
{
	test_columns();
	test_json();
	test_fitting();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *plain = printed(text_print, cases[i].text);
		char *json = printed(text_print_json, cases[i].text);

		CHECK(!strcmp(plain, cases[i].plain), "text_print, case %zu", i);
		CHECK(!strcmp(json, cases[i].json), "text_print_json, case %zu: %s", i,
		      cases[i].json);
		free(plain);
		free(json);
	}
	return check_end();
}
