/* SPDX-License-Identifier: GPL-2.0-only */
/* The least a unit test needs: CHECK() prints one TAP line each, check_end() the plan. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>

static int check_count, check_failures;

/* CHECK(condition, "name", arguments of the name...) */
#define CHECK(condition, ...) check_one(condition, #condition, __FILE__, __LINE__, __VA_ARGS__)

#define check_one(is_ok, text, file, line, ...) do {				\
	bool check_is_ok = (is_ok);						\
										\
	check_failures += !check_is_ok;						\
	printf("%sok %d - ", check_is_ok ? "" : "not ", ++check_count);		\
	printf(__VA_ARGS__);							\
	putchar('\n');								\
	if (!check_is_ok)							\
		printf("# %s:%d: %s\n", file, line, text);			\
} while (0)

/* What main() returns. */
static inline int check_end(void)
{
	printf("1..%d\n", check_count);
	return check_failures ? 1 : 0;
}

#endif
