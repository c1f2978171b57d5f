// SPDX-License-Identifier: GPL-2.0-only
/* Single words and names: from the command line, from headers, from file systems. */
#include "parse.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands/fault_rule.h"
#include "commands/mount.h"
#include "commands/part.h"
#include "control/label.h"
#include "io/fault_words.h"
#include "lib/size.h"
#include "lib/wait.h"
#include "words/nearest.h"
#include "words/report.h"
#include "words/text.h"

#define WORDS_MAX 24

/* --- numbers -------------------------------------------------------------------------------- */

static void expect_size(const char *text, uint64_t size)
{
	uint64_t again;

	EXPECT(!size_parse(text, &again) && again == size);
}

/* A rounded one is at most half a tenth of its unit away, which is not exact in binary. */
static void expect_format(uint64_t size)
{
	char text[SIZE_TEXT_MAX], *unit;
	long double value, scale = 1;

	memset(text, 'x', sizeof(text));
	size_format(size, text);
	EXPECT(memchr(text, '\0', sizeof(text)));
	if (!strchr(text, '.') && size <= INT64_MAX)
		expect_size(text, size);
	value = strtold(text, &unit);
	for (int power = *unit ? strchr("KMGTPE", *unit) - "KMGTPE" + 1 : 0; power; power--)
		scale *= 1024;
	EXPECT(fabsl(value * scale - size) <= scale / 20 + scale / 1000000);
}

/* What the digits and the unit say. */
static void expect_value(const char *text, uint64_t size)
{
	static const char units[] = "kKmMgGtTpPeE";
	long double value = 0;
	int power = 0;

	for (; isdigit((unsigned char)*text); text++)
		value = value * 10 + *text - '0';
	if (*text && strchr(units, *text))
		power = (strchr(units, *text) - units) / 2 + 1;
	for (; power; power--)
		value *= tolower((unsigned char)text[1]) == 'b' ? 1000 : 1024;
	EXPECT(fabsl(value - size) <= value / 1000000000000000);
}

/* Zeroes in front do not count. */
static void expect_digits(const char *text, uint64_t number)
{
	char again[32];

	while (text[0] == '0' && text[1])
		text++;
	snprintf(again, sizeof(again), "%" PRIu64, number);
	EXPECT(!strcmp(again, text));
}

static void expect_number(const char *text, uint64_t least, uint64_t most)
{
	uint64_t number, size;

	if (!size_parse_number(text, least, most, &number))
		return;
	EXPECT(number >= least && number <= most);
	expect_digits(text, number);
	EXPECT(number > INT64_MAX ? size_parse(text, &size) == -ERANGE :
	       !size_parse(text, &size) && size == number);
}

void parse_size(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length), plain[32];
	uint64_t size = 0;
	int err = size_parse(text, &size);

	EXPECT(!err || err == -EINVAL || err == -EDOM || err == -ERANGE);
	if (!err) {
		EXPECT(size <= INT64_MAX);
		expect_value(text, size);
		snprintf(plain, sizeof(plain), "%" PRIu64, size);
		expect_size(plain, size);
		expect_format(size);
	}
	expect_number(text, 0, UINT64_MAX);
	expect_number(text, 1, UINT_MAX);
	memcpy(&size, bytes, length < sizeof(size) ? length : sizeof(size));
	expect_format(size);
	free(text);
}

void parse_seconds(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length), plain[32];
	unsigned int ms, again;

	if (wait_parse_seconds(text, &ms)) {
		EXPECT(ms <= INT_MAX);
		snprintf(plain, sizeof(plain), "%u.%03u", ms / 1000, ms % 1000);
		EXPECT(wait_parse_seconds(plain, &again) && again == ms);
	}
	free(text);
}

/* --- rules by which requests fail ----------------------------------------------------------- */

static int parse_rule(char *text, struct reloop_fault *fault)
{
	char *words[WORDS_MAX + 1];
	int count = cut(text, "\n ", words, WORDS_MAX);
	struct heard heard;
	int status;

	hear(&heard, &stderr);
	status = fault_rule_parse(words, count, fault);
	expect_report(&heard, status != STATUS_OK);
	return status;
}

/* The module has to take what the command takes, and prints it as the command understands it. */
void parse_fault(const uint8_t *bytes, size_t length)
{
	char printed[RELOOP_FAULT_TEXT_MAX], again[RELOOP_FAULT_TEXT_MAX];
	char *text = text_of(bytes, length);
	struct reloop_fault fault, same;

	if (parse_rule(text, &fault) == STATUS_OK) {
		EXPECT(reloop_fault_ok(&fault) && fault.action != RELOOP_FAULT_CLEAR);
		memset(printed, 'x', sizeof(printed));
		reloop_fault_print(&fault, printed);
		EXPECT(strnlen(printed, sizeof(printed)) < sizeof(printed) - 1);
		strcpy(again, printed);
		EXPECT(parse_rule(again, &same) == STATUS_OK);
		reloop_fault_print(&same, again);
		EXPECT(!strcmp(printed, again));
		if (!fault.error && reloop_fault_fails(fault.action))
			fault.error = EIO;
		if (fault.chance == 1)
			fault.chance = 0;
		EXPECT(!memcmp(&fault, &same, sizeof(fault)));
	}
	free(text);
}

/* --- names ---------------------------------------------------------------------------------- */

void parse_label(const uint8_t *bytes, size_t length)
{
	size_t room = length < RELOOP_LABEL_SIZE ? length : RELOOP_LABEL_SIZE;
	char *label = calloc(1, RELOOP_LABEL_SIZE);

	EXPECT(label);
	memcpy(label, bytes, room);
	if (reloop_label_ok(label)) {
		EXPECT(memchr(label, '\0', RELOOP_LABEL_SIZE));
		EXPECT(!strchr(label, '/') && strcmp(label, ".") && strcmp(label, ".."));
		for (size_t i = 0; label[i]; i++)
			EXPECT(label[i] >= ' ' && label[i] <= '~');
	}
	free(label);
}

/* The bytes that a JSON string stands for; others than UTF-8 as \udc80 to \udcff. */
static char *unescape_json(const char *json)
{
	char *text = malloc(strlen(json) + 1), *to = text, digits[5] = "";
	unsigned long point;

	EXPECT(text && *json == '"');
	for (json++; *json != '"'; json++) {
		if (*json != '\\') {
			*to++ = *json;
		} else if (*++json != 'u') {
			*to++ = *json;
		} else {
			memcpy(digits, json + 1, 4);
			json += 4;
			point = strtoul(digits, NULL, 16);
			if (point < 0x80 || point >= 0xdc80) {
				*to++ = point;
			} else if (point < 0x800) {
				*to++ = 0xc0 | point >> 6;
				*to++ = 0x80 | (point & 0x3f);
			} else {
				*to++ = 0xe0 | point >> 12;
				*to++ = 0x80 | (point >> 6 & 0x3f);
				*to++ = 0x80 | (point & 0x3f);
			}
		}
	}
	*to = '\0';
	return text;
}

static char *printed(void (*print)(FILE *out, const char *text), const char *text)
{
	struct heard heard;
	FILE *out = NULL;

	hear(&heard, &out);
	print(out, text);
	hear_no_more(&heard);
	return heard.text;
}

static void expect_fitting(const char *text, int columns)
{
	size_t fitting = text_fitting(text, columns);
	int characters = 0;

	EXPECT(fitting <= strlen(text) && (text[fitting] & 0xc0) != 0x80);
	for (size_t i = 0; i < fitting; i++)
		characters += (text[i] & 0xc0) != 0x80;
	EXPECT(characters <= columns);
}

void parse_text(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length);
	char *plain = printed(text_print, text), *again = printed(text_print, plain);
	char *json = printed(text_print_json, text), *back = unescape_json(json);
	char *escaped = text_escaped(text);

	expect_lines(plain, 0);
	expect_lines(json, 0);
	EXPECT(!*expect_json(json));
	EXPECT(!strcmp(back, text) && !strcmp(plain, again) && !strcmp(plain, escaped));
	EXPECT(text_columns(text) == text_columns(plain));
	for (int columns = 0; columns < 12; columns++)
		expect_fitting(plain, columns);
	free(text);
	free(plain);
	free(again);
	free(json);
	free(back);
	free(escaped);
}

void parse_nearest(const uint8_t *bytes, size_t length)
{
	static const char *const words[] = { "", "run", "attach", "size-limit", "no-private" };
	struct nearest nearest;

	nearest_begin(&nearest, (const char *)bytes, length);
	for (size_t i = 0; i < COUNT(words); i++)
		nearest_offer(&nearest, words[i]);
	for (size_t i = 0; i < COUNT(words); i++)
		if (strlen(words[i]) == length && !memcmp(words[i], bytes, length))
			EXPECT(nearest.word == words[i]);
}

/* --- which partition, and where to mount it ------------------------------------------------- */

static void expect_found(const struct part *part, struct volume *volume, char *field, size_t room)
{
	struct contents contents = { .partitions = volume, .count = 1 };
	const struct volume *found = NULL;

	memset(volume, 0, sizeof(*volume));
	volume->number = 1;
	snprintf(field, room, "%s", part->value);
	EXPECT(part_find(part, &contents, &found) == (strlen(part->value) < room));
	EXPECT(found == (strlen(part->value) < room ? volume : NULL));
}

void parse_part(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length);
	struct volume volume;
	struct part part;

	if (!part_parse(text, &part)) {
		free(text);
		return;
	}
	if (part.has_number) {
		expect_digits(text, part.number);
	} else if (!strncmp(text, "LABEL=", 6)) {
		expect_found(&part, &volume, volume.label, sizeof(volume.label));
	} else if (!strncmp(text, "UUID=", 5)) {
		expect_found(&part, &volume, volume.uuid, sizeof(volume.uuid));
	} else if (!strncmp(text, "PARTLABEL=", 10)) {
		expect_found(&part, &volume, volume.name, sizeof(volume.name));
	} else {
		EXPECT(!strncmp(text, "PARTUUID=", 9));
		expect_found(&part, &volume, volume.partition_uuid, sizeof(volume.partition_uuid));
	}
	free(text);
}

static int parse_one(const char *text, struct mount *mount)
{
	struct heard heard;
	int status;

	hear(&heard, &stderr);
	status = mount_parse(text, mount);
	expect_report(&heard, status != STATUS_OK);
	return status;
}

/* The value of --mount of run. */
void parse_mount(const uint8_t *bytes, size_t length)
{
	char *text = text_of(bytes, length), *again = NULL, number[32] = "";
	struct mount mount, same;

	if (parse_one(text, &mount) == STATUS_OK) {
		EXPECT(*mount.directory && !strchr(mount.directory, ':'));
		EXPECT(strlen(mount.options) <= MOUNT_OPTIONS_MAX);
		if (mount.number)
			snprintf(number, sizeof(number), "%u", mount.number);
		EXPECT(asprintf(&again, "%s:%s:%s", mount.directory, number, mount.options) > 0);
		EXPECT(parse_one(again, &same) == STATUS_OK && same.number == mount.number);
		EXPECT(!strcmp(same.directory, mount.directory));
		EXPECT(!strcmp(same.options, mount.options));
		free(same.directory);
	}
	/* It is the beginning of the copy that the rest points to. */
	free(mount.directory);
	free(again);
	free(text);
}
