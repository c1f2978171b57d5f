// SPDX-License-Identifier: GPL-2.0-only
#include "lib/size.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char units[] = "KMGTPE";

struct unit {
	unsigned int base;
	unsigned int power;
};

/* Accepts "", "B", "K", "Ki", "KiB" and "KB". */
static bool parse_unit(const char *text, struct unit *unit)
{
	const char *letter = *text ? strchr(units, toupper((unsigned char)*text)) : NULL;

	unit->base = 1024;
	unit->power = 0;
	if (letter) {
		unit->power = letter - units + 1;
		text++;
		if (tolower((unsigned char)*text) == 'i')
			text++;
		else if (tolower((unsigned char)*text) == 'b')
			unit->base = 1000;
	}
	if (tolower((unsigned char)*text) == 'b')
		text++;
	return !*text;
}

int size_parse(const char *text, uint64_t *bytes)
{
	bool overflow = false;
	uint64_t value = 0;
	struct unit unit;

	if (text[0] == '-' && isdigit((unsigned char)text[1]))
		return -EDOM;
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;

	/* Read on after an overflow: "99999999999999999999x" is not a size at all. */
	for (; isdigit((unsigned char)*text); text++) {
		overflow |= __builtin_mul_overflow(value, 10, &value);
		overflow |= __builtin_add_overflow(value, *text - '0', &value);
	}
	if (!parse_unit(text, &unit))
		return -EINVAL;
	while (unit.power--)
		overflow |= __builtin_mul_overflow(value, unit.base, &value);

	/* File offsets are signed in the kernel. */
	if (overflow || value > INT64_MAX)
		return -ERANGE;
	*bytes = value;
	return 0;
}

bool size_parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return !*end && !errno && *number >= least && *number <= most;
}

void size_format(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
	unsigned int power = 0, tenth;
	uint64_t unit = 1, rest;

	while (bytes / unit >= 1024) {
		unit *= 1024;
		power++;
	}
	rest = bytes % unit;
	tenth = (rest * 10 + unit / 2) / unit;
	bytes = bytes / unit + tenth / 10;
	if (bytes == 1024) {
		bytes = 1;
		power++;
	}
	if (rest)
		snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 ".%u%c", bytes, tenth % 10,
			 units[power - 1]);
	else
		snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 "%.1s", bytes,
			 power ? &units[power - 1] : "");
}
