// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The length of the UTF-8 sequence @text begins with, 0 if it does not begin with one. */
static int utf8_length(const unsigned char *text)
{
	/* The smallest code point a sequence of 1 to 4 bytes may stand for. */
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int length = text[0] < 0x80 ? 1 : text[0] < 0xc0 ? 0 : text[0] < 0xe0 ? 2 :
		     text[0] < 0xf0 ? 3 : text[0] < 0xf8 ? 4 : 0;
	uint32_t point;

	if (length < 2)
		return length;
	point = text[0] & (0x7f >> length);
	for (int i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (text[i] & 0x3f);
	}
	if (point < smallest[length] || point > 0x10ffff || (point & ~0x7ffU) == 0xd800)
		return 0;
	return length;
}

/* C0, DEL or C1: in UTF-8, @length bytes, or as a bare byte, which some terminals obey as well. */
static bool is_control(const unsigned char *text, int length)
{
	switch (length) {
	case 0:
		return text[0] < 0xa0;
	case 1:
		return text[0] < 0x20 || text[0] == 0x7f;
	default:
		return text[0] == 0xc2 && text[1] < 0xa0;
	}
}

void text_print(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text, *end;

	while (*p) {
		int length = utf8_length(p);
		bool is_escaped = is_control(p, length);

		for (end = p + (length ? length : 1); p < end; p++)
			fprintf(out, is_escaped ? "\\x%02x" : "%c", *p);
	}
}

int text_columns(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	int columns = 0;

	while (*p) {
		int length = utf8_length(p), bytes = length ? length : 1;

		columns += is_control(p, length) ? bytes * (int)strlen("\\xHH") : 1;
		p += bytes;
	}
	return columns;
}

char *text_escaped(const char *text)
{
	size_t size;
	char *escaped = NULL;
	FILE *out = open_memstream(&escaped, &size);

	if (!out)
		return NULL;
	text_print(out, text);
	fclose(out);
	return escaped;
}

/* A byte that only goes on with a UTF-8 sequence takes no column. */
int text_fitting(const char *text, int columns)
{
	const char *end = text;

	while (*end && ((*end & 0xc0) == 0x80 || columns-- > 0))
		end++;
	return end - text;
}

void text_print_json(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	putc('"', out);
	while (*p) {
		int length = utf8_length(p);

		if (!length) {
			fprintf(out, "\\udc%02x", *p++);
		} else if (is_control(p, length)) {
			/* The last byte of such a sequence is the code point. */
			fprintf(out, "\\u%04x", p[length - 1]);
			p += length;
		} else {
			if (*p == '"' || *p == '\\')
				putc('\\', out);
			fwrite(p, 1, length, out);
			p += length;
		}
	}
	putc('"', out);
}
