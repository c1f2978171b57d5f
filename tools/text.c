// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

void text_print(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (is_control(*text))
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			putc(*text, out);
	}
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

void text_print_json(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	putc('"', out);
	while (*p) {
		int length = utf8_length(p);

		if (!length) {
			fprintf(out, "\\udc%02x", *p++);
		} else if (is_control(*p)) {
			fprintf(out, "\\u%04x", *p++);
		} else {
			if (*p == '"' || *p == '\\')
				putc('\\', out);
			fwrite(p, 1, length, out);
			p += length;
		}
	}
	putc('"', out);
}
