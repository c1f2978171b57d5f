// SPDX-License-Identifier: GPL-2.0-only
/* Whether what was printed is what it has to be, told by other means than those of the command. */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

/* Returns how many bytes @point takes. */
static int encode(uint32_t point, char *bytes)
{
	int length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (int i = length - 1; i > 0; i--, point >>= 6)
		bytes[i] = 0x80 | (point & 0x3f);
	bytes[0] = first[length] | point;
	return length;
}

/* Tries which code point looks like that; returns its length, or 0: none does. */
static int decode(const char *text, uint32_t *point)
{
	const unsigned char *byte = (const unsigned char *)text;
	char again[4];

	*point = byte[0];
	if (byte[0] < 0x80)
		return 1;
	for (int length = 2; length <= 4; length++) {
		*point = byte[0] & (0x7f >> length);
		for (int i = 1; i < length && byte[i]; i++)
			*point = *point << 6 | (byte[i] & 0x3f);
		if (encode(*point, again) == length && !strncmp(text, again, length))
			return *point > 0x10ffff || *point >> 11 == 0x1b ? 0 : length;
	}
	*point = byte[0];
	return 0;
}

static bool is_harmless(uint32_t point, int length)
{
	if (!length)
		return point >= 0xa0;
	return point >= ' ' && (point < 0x7f || point > 0x9f) && point != 0x61c &&
	       point != 0x200e && point != 0x200f && (point < 0x202a || point > 0x202e) &&
	       (point < 0x2066 || point > 0x2069);
}

void expect_lines(const char *text, int lines)
{
	bool is_ended = !lines;
	uint32_t point;
	int length;

	for (; *text; text += length ? length : 1) {
		length = decode(text, &point);
		if (*text == '\n')
			lines--;
		else
			EXPECT(is_harmless(point, length));
		if (!text[1])
			is_ended |= *text == '\n';
	}
	EXPECT(!lines && is_ended);
}

static const char *expect_string(const char *text)
{
	uint32_t point;
	int length;

	for (text++; *text != '"'; text += length) {
		length = decode(text, &point);
		EXPECT(length && point >= ' ');
		if (*text != '\\')
			continue;
		EXPECT(strchr("\"\\u", text[1]));
		length = text[1] == 'u' ? 6 : 2;
		EXPECT(length == 2 || strspn(text + 2, "0123456789abcdef") >= 4);
	}
	return text + 1;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, "\n ");
}

/* An object or an array. */
static const char *expect_list(const char *text)
{
	const char end = *text == '{' ? '}' : ']';

	text = skip_blanks(text + 1);
	if (*text == end)
		return text + 1;
	for (;; text++) {
		text = skip_blanks(text);
		if (end == '}') {
			EXPECT(*text == '"');
			text = skip_blanks(expect_string(text));
			EXPECT(*text++ == ':');
		}
		text = skip_blanks(expect_json(skip_blanks(text)));
		if (*text == end)
			return text + 1;
		EXPECT(*text == ',');
	}
}

const char *expect_json(const char *text)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t digits = strspn(text, "0123456789");

	if (*text == '{' || *text == '[')
		return expect_list(text);
	if (*text == '"')
		return expect_string(text);
	for (size_t i = 0; i < COUNT(words); i++)
		if (!strncmp(text, words[i], strlen(words[i])))
			return text + strlen(words[i]);
	EXPECT(digits && (digits == 1 || *text != '0'));
	return text + digits;
}
