// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <string.h>

#include "words/nearest.h"

static const char *const words[] = { "attach", "detach", "list", "label", "read-only" };

static const struct {
	const char *typed;
	const char *nearest;
} cases[] = {
	{ "atach", "attach" },
	{ "attahc", "attach" },
	{ "dettach", "detach" },
	{ "labels", "label" },
	{ "lsit", "list" },
	{ "readonly", "read-only" },
	{ "mount", NULL },
	{ "x", NULL },
	{ "", NULL },
	{ "a-word-that-is-longer-than-all-others-there-are", NULL },
};

static bool is_same(const char *found, const char *wanted)
{
	return found && wanted ? !strcmp(found, wanted) : found == wanted;
}

int main(void)
{
	struct nearest nearest;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		nearest_begin(&nearest, cases[i].typed, strlen(cases[i].typed));
		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
			nearest_offer(&nearest, words[j]);
		CHECK(is_same(nearest.word, cases[i].nearest), "what '%s' is for", cases[i].typed);
	}
	return check_end();
}
