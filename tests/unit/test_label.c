// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <string.h>

#include "control/label.h"

#define LONGEST_LABEL "012345678901234567890123456789012345678901234567890123456789012"

static const struct {
	const char *label;
	bool is_ok;
} labels[] = {
	{ "", true },
	{ "a b~!", true },
	{ "...", true },
	{ ".", false },
	{ "..", false },
	{ "a/b", false },
	{ "a-part1", false },
	{ "-part007", false },
	{ "a-part", true },
	{ "a-part1x", true },
	{ "a-part1-b", true },
	{ "part1", true },
	{ "a\n", false },
	{ "a\x1f", false },
	{ "a\x7f", false },
	{ "\xc3\xa4", false },
	{ LONGEST_LABEL, true },
	{ LONGEST_LABEL "3", false },
};

static void check_labels(void)
{
	char label[RELOOP_LABEL_SIZE];
	unsigned int i;

	for (i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		memset(label, 0, sizeof(label));
		memcpy(label, labels[i].label, strnlen(labels[i].label, sizeof(label)));
		CHECK(reloop_label_ok(label) == labels[i].is_ok, "label %u", i);
	}
}

int main(void)
{
	check_labels();

	return check_end();
}
