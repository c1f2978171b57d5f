// SPDX-License-Identifier: GPL-2.0-only
#include "commands/part.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "lib/size.h"

static const struct {
	const char *key;
	size_t place;
	bool is_uuid;
} fields[] = {
	{ "LABEL=", offsetof(struct volume, label), false },
	{ "UUID=", offsetof(struct volume, uuid), true },
	{ "PARTLABEL=", offsetof(struct volume, name), false },
	{ "PARTUUID=", offsetof(struct volume, partition_uuid), true },
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

bool part_parse(const char *text, struct part *part)
{
	uint64_t number;

	*part = (struct part) { .text = text };
	if (size_parse_number(text, 0, UINT_MAX, &number)) {
		part->has_number = true;
		part->number = number;
		return true;
	}
	while (part->field < FIELDS &&
	       strncmp(text, fields[part->field].key, strlen(fields[part->field].key)))
		part->field++;
	if (part->field == FIELDS)
		return false;
	part->value = text + strlen(fields[part->field].key);
	return *part->value;
}

static bool fits(const struct part *part, const struct volume *volume)
{
	const char *text;

	if (!part->text)
		return volume->is_mountable;
	if (part->has_number)
		return part->number == volume->number;
	text = (const char *)volume + fields[part->field].place;
	return fields[part->field].is_uuid ? !strcasecmp(text, part->value) :
	       !strcmp(text, part->value);
}

size_t part_find(const struct part *part, const struct contents *contents,
		 const struct volume **found)
{
	size_t count = 0;

	if (fits(part, &contents->whole)) {
		*found = &contents->whole;
		count++;
	}
	for (size_t i = 0; i < contents->count; i++) {
		if (!fits(part, &contents->partitions[i]))
			continue;
		if (!count++)
			*found = &contents->partitions[i];
	}
	return count;
}
