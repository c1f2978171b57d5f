// SPDX-License-Identifier: GPL-2.0-only
#include "words/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * Returns the length of the UTF-8 sequence that @text begins with, and its code point; 0 if there
 * is no sequence.
 */
static int utf8_decode(const unsigned char *text, uint32_t *point)
{
	/* The smallest code point that a sequence of 1 to 4 bytes may stand for. */
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int length = text[0] < 0x80 ? 1 : text[0] < 0xc0 ? 0 : text[0] < 0xe0 ? 2 :
		     text[0] < 0xf0 ? 3 : text[0] < 0xf8 ? 4 : 0;

	*point = text[0];
	if (length < 2)
		return length;
	*point &= 0x7f >> length;
	for (int i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (text[i] & 0x3f);
	}
	if (*point < smallest[length] || *point > 0x10ffff || (*point & ~0x7ffU) == 0xd800)
		return 0;
	return length;
}

/* Characters that make a terminal show the text around them in another order. */
static bool is_bidirectional(uint32_t point)
{
	return point == 0x061c || (point >= 0x200e && point <= 0x200f) ||
	       (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

/* C0, DEL or C1; C1 also as a bare byte, which some terminals obey too. */
static bool is_control(uint32_t point, int length)
{
	if (!length)
		return point < 0xa0;
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || is_bidirectional(point);
}

/* One character, or one byte that is not part of any. */
struct piece {
	int length;		/* of the UTF-8 sequence; 0 for such a byte */
	int bytes;
	uint32_t point;
	bool is_control;
};

static struct piece piece_of(const unsigned char *text)
{
	struct piece piece;

	piece.length = utf8_decode(text, &piece.point);
	piece.bytes = piece.length ? piece.length : 1;
	if (!piece.length)
		piece.point = text[0];
	piece.is_control = is_control(piece.point, piece.length);
	return piece;
}

void text_print(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text, *end;

	while (*p) {
		struct piece piece = piece_of(p);

		for (end = p + piece.bytes; p < end; p++)
			fprintf(out, piece.is_control ? "\\x%02x" : "%c", *p);
	}
}

int text_columns(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	int columns = 0;

	while (*p) {
		struct piece piece = piece_of(p);

		columns += piece.is_control ? piece.bytes * (int)strlen("\\xHH") : 1;
		p += piece.bytes;
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

/* A continuation byte of a UTF-8 sequence takes no column. */
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
		struct piece piece = piece_of(p);

		if (!piece.length) {
			fprintf(out, "\\udc%02x", *p);
		} else if (piece.is_control) {
			fprintf(out, "\\u%04x", piece.point);
		} else {
			if (*p == '"' || *p == '\\')
				putc('\\', out);
			fwrite(p, 1, piece.length, out);
		}
		p += piece.bytes;
	}
	putc('"', out);
}
