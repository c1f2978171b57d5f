// SPDX-License-Identifier: GPL-2.0-only
#include "words/json.h"

#include <inttypes.h>

#include "words/text.h"

static void begin_member(struct json *json, const char *key)
{
	if (json->has_members)
		fputs(", ", json->out);
	json->has_members = true;
	if (!key)
		return;
	text_print_json(json->out, key);
	fputs(": ", json->out);
}

static void begin_members(struct json *json, char bracket)
{
	putc(bracket, json->out);
	json->has_members = false;
}

/* What has just ended is a member of what is the innermost now. */
static void end_members(struct json *json, char bracket)
{
	putc(bracket, json->out);
	json->has_members = true;
}

void json_begin(struct json *json, FILE *out)
{
	json->out = out;
	begin_members(json, '{');
}

void json_end(struct json *json)
{
	end_members(json, '}');
	putc('\n', json->out);
}

void json_object_begin(struct json *json, const char *key)
{
	begin_member(json, key);
	begin_members(json, '{');
}

void json_object_end(struct json *json)
{
	end_members(json, '}');
}

void json_array_begin(struct json *json, const char *key)
{
	begin_member(json, key);
	begin_members(json, '[');
}

void json_array_end(struct json *json)
{
	end_members(json, ']');
}

void json_row_begin(struct json *json)
{
	fputs(json->has_members ? ",\n  " : "\n  ", json->out);
	begin_members(json, '{');
}

void json_rows_end(struct json *json)
{
	if (json->has_members)
		putc('\n', json->out);
	json_array_end(json);
}

void json_text(struct json *json, const char *key, const char *text)
{
	begin_member(json, key);
	text_print_json(json->out, text);
}

void json_number(struct json *json, const char *key, uint64_t number)
{
	begin_member(json, key);
	fprintf(json->out, "%" PRIu64, number);
}

void json_decimal(struct json *json, const char *key, double number, int digits)
{
	begin_member(json, key);
	fprintf(json->out, "%.*f", digits, number);
}

void json_flag(struct json *json, const char *key, bool flag)
{
	begin_member(json, key);
	fputs(flag ? "true" : "false", json->out);
}
