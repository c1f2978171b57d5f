// SPDX-License-Identifier: GPL-2.0-only
/* Rules by which requests fail: which there can be, and how they are written. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "io/fault_words.h"

#define READ	RELOOP_FAULT_READ
#define WRITE	RELOOP_FAULT_WRITE
#define FLUSH	RELOOP_FAULT_FLUSH
#define WRITING	(WRITE | FLUSH | RELOOP_FAULT_DISCARD | RELOOP_FAULT_ZEROES)
#define ANY	(READ | WRITING)
#define LONGEST	RELOOP_FAULT_DELAY_MAX_MS

#define RULE(what, which, ...) { .action = RELOOP_FAULT_##what, .ops = (which), ##__VA_ARGS__ }

static const struct reloop_fault good[] = {
	RULE(ERROR, ANY),
	RULE(ERROR, READ, .error = ENOSPC, .chance = 1, .after = ~0U, .count = ~0U, .seed = ~0ULL,
	     .delay_ms = LONGEST),
	RULE(ERROR, READ, .start = ~0ULL),
	RULE(ERROR, READ, .start = 1, .length = ~0ULL - 1),
	RULE(DELAY, ANY, .delay_ms = 1),
	RULE(HANG, ANY, .error = ENODATA),
	RULE(TORN, WRITE, .delay_ms = 1),
	RULE(DROP, WRITING),
	RULE(CORRUPT, READ | WRITE),
	RULE(CLEAR, 0),
};

static const struct reloop_fault bad[] = {
	RULE(ERROR, READ, .reserved = 1),
	RULE(ERROR, 0),
	RULE(ERROR, ANY + 1),
	{ .action = RELOOP_FAULT_HANG + 1, .ops = READ },
	{ .action = ~0U, .ops = READ },
	RULE(ERROR, READ, .error = EPERM),
	RULE(ERROR, READ, .error = EAGAIN),
	RULE(ERROR, READ, .error = -EIO),
	RULE(ERROR, READ, .delay_ms = LONGEST + 1),
	RULE(ERROR, READ, .start = 2, .length = ~0ULL - 1),
	RULE(ERROR, ANY, .start = 1),
	RULE(ERROR, FLUSH, .length = 1),
	RULE(DELAY, READ),
	RULE(DELAY, READ, .delay_ms = 1, .error = EIO),
	RULE(CORRUPT, FLUSH),
	RULE(CORRUPT, READ, .error = EIO),
	RULE(DROP, READ),
	RULE(DROP, WRITE, .error = EIO),
	RULE(TORN, READ | WRITE),
	RULE(HANG, READ, .delay_ms = 1),
	RULE(CLEAR, READ),
	RULE(CLEAR, 0, .error = EIO),
	RULE(CLEAR, 0, .start = 1),
	RULE(CLEAR, 0, .length = 1),
	RULE(CLEAR, 0, .seed = 1),
	RULE(CLEAR, 0, .delay_ms = 1),
	RULE(CLEAR, 0, .after = 1),
	RULE(CLEAR, 0, .count = 1),
	RULE(CLEAR, 0, .chance = 1),
	RULE(CLEAR, 0, .reserved = 1),
};

static const struct {
	struct reloop_fault fault;
	const char *text;
} texts[] = {
	{ RULE(ERROR, READ, .chance = 1), "op=read action=error status=eio" },
	{ RULE(DROP, WRITING), "op=write,flush,discard,zeroes action=drop" },
	/* As long as it can become. */
	{ RULE(ERROR, ANY, .error = EBADE, .start = ~0ULL, .length = ~0ULL, .seed = ~0ULL,
	       .delay_ms = LONGEST, .after = ~0U, .count = ~0U, .chance = ~0U),
	  "op=read,write,flush,discard,zeroes action=error status=reservation "
	  "start=18446744073709551615 length=18446744073709551615 delay=86400000ms "
	  "after=4294967295 count=4294967295 chance=1/4294967295 seed=18446744073709551615" },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
	char text[RELOOP_FAULT_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < COUNT(good); i++)
		CHECK(reloop_fault_ok(&good[i]), "rule %u", i);
	for (i = 0; i < COUNT(bad); i++)
		CHECK(!reloop_fault_ok(&bad[i]), "no rule %u", i);
	for (i = 0; i < COUNT(texts); i++) {
		reloop_fault_print(&texts[i].fault, text);
		CHECK(!strcmp(text, texts[i].text), "text %u", i);
	}
	return check_end();
}
