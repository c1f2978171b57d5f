/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes JSON. Texts may hold any byte, see text_print_json(). */
#ifndef RELOOP_JSON_H
#define RELOOP_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool has_members;	/* has the innermost object or array any yet? */
};

/* The outermost object; its end ends the line. */
void json_begin(struct json *json, FILE *out);
void json_end(struct json *json);

/* Below, @key is NULL for what is in an array. */
void json_object_begin(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array_begin(struct json *json, const char *key);
void json_array_end(struct json *json);

/* An object in an array, on a line of its own; json_rows_end() ends an array of such. */
void json_row_begin(struct json *json);
void json_rows_end(struct json *json);

void json_text(struct json *json, const char *key, const char *text);
void json_number(struct json *json, const char *key, uint64_t number);
void json_decimal(struct json *json, const char *key, double number, int digits);
void json_flag(struct json *json, const char *key, bool flag);

#endif
