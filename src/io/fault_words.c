// SPDX-License-Identifier: GPL-2.0-only
/* The words of a rule, struct reloop_fault, and how it is written; pure C. */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#else
#include <errno.h>
#include <stdio.h>
#endif

#include "io/fault_words.h"

#define OPS_WRITING	(RELOOP_FAULT_WRITE | RELOOP_FAULT_FLUSH | \
			 RELOOP_FAULT_DISCARD | RELOOP_FAULT_ZEROES)
#define OPS_ANY		(RELOOP_FAULT_READ | OPS_WRITING)

const struct reloop_fault_word reloop_fault_statuses[] = {
	{ "eio",		EIO },
	{ "nospc",		ENOSPC },
	{ "timeout",		ETIMEDOUT },
	{ "medium",		ENODATA },
	{ "target",		EREMOTEIO },
	{ "transport",		ENOLINK },
	{ "protection",		EILSEQ },
	{ "reservation",	EBADE },
	{ "offline",		ENODEV },
	{ "notsupp",		EOPNOTSUPP },
	{ "resource",		ENOMEM },
	{ }
};

const struct reloop_fault_word reloop_fault_actions[] = {
	{ "error",		RELOOP_FAULT_ERROR },
	{ "delay",		RELOOP_FAULT_DELAY },
	{ "corrupt",		RELOOP_FAULT_CORRUPT },
	{ "drop",		RELOOP_FAULT_DROP },
	{ "torn",		RELOOP_FAULT_TORN },
	{ "hang",		RELOOP_FAULT_HANG },
	{ }
};

const struct reloop_fault_word reloop_fault_ops[] = {
	{ "read",		RELOOP_FAULT_READ },
	{ "write",		RELOOP_FAULT_WRITE },
	{ "flush",		RELOOP_FAULT_FLUSH },
	{ "discard",		RELOOP_FAULT_DISCARD },
	{ "zeroes",		RELOOP_FAULT_ZEROES },
	{ }
};

__u32 reloop_fault_ops_of(__u32 action)
{
	switch (action) {
	case RELOOP_FAULT_ERROR:
	case RELOOP_FAULT_DELAY:
	case RELOOP_FAULT_HANG:
		return OPS_ANY;
	case RELOOP_FAULT_CORRUPT:
		return RELOOP_FAULT_READ | RELOOP_FAULT_WRITE;
	case RELOOP_FAULT_DROP:
		return OPS_WRITING;
	case RELOOP_FAULT_TORN:
		return RELOOP_FAULT_WRITE;
	default:
		return 0;
	}
}

bool reloop_fault_fails(__u32 action)
{
	return action == RELOOP_FAULT_ERROR || action == RELOOP_FAULT_TORN ||
	       action == RELOOP_FAULT_HANG;
}

static const char *name_of(const struct reloop_fault_word *words, __u32 value)
{
	while (words->name && words->value != value)
		words++;

	return words->name;
}

static bool clear_ok(const struct reloop_fault *fault)
{
	return !fault->error && !fault->start && !fault->length &&
	       !fault->seed && !fault->ops && !fault->delay_ms &&
	       !fault->after && !fault->count && !fault->chance;
}

static bool error_ok(const struct reloop_fault *fault)
{
	if (!fault->error)
		return true;

	return reloop_fault_fails(fault->action) &&
	       name_of(reloop_fault_statuses, fault->error);
}

static bool delay_ok(const struct reloop_fault *fault)
{
	if (fault->action == RELOOP_FAULT_HANG)
		return !fault->delay_ms;
	if (fault->action == RELOOP_FAULT_DELAY && !fault->delay_ms)
		return false;

	return fault->delay_ms <= RELOOP_FAULT_DELAY_MAX_MS;
}

static bool range_ok(const struct reloop_fault *fault)
{
	if (fault->ops & RELOOP_FAULT_FLUSH && (fault->start || fault->length))
		return false;

	return fault->start + fault->length >= fault->start;
}

bool reloop_fault_ok(const struct reloop_fault *fault)
{
	if (fault->reserved)
		return false;
	if (fault->action == RELOOP_FAULT_CLEAR)
		return clear_ok(fault);

	return fault->ops &&
	       !(fault->ops & ~reloop_fault_ops_of(fault->action)) &&
	       error_ok(fault) && delay_ok(fault) && range_ok(fault);
}

/* The room that is left. */
#define LEFT(length)	(RELOOP_FAULT_TEXT_MAX - (length))

static int print_ops(__u32 ops, char text[RELOOP_FAULT_TEXT_MAX])
{
	const struct reloop_fault_word *op;
	const char *before = "op=";
	int length = 0;

	for (op = reloop_fault_ops; op->name; op++) {
		if (!(ops & op->value))
			continue;
		length += snprintf(text + length, LEFT(length), "%s%s", before,
				   op->name);
		before = ",";
	}
	return length;
}

/* Print a number that is not the default. */
static int print_number(char *text, int length, const char *before,
			unsigned long long number, const char *behind)
{
	return number ? snprintf(text + length, LEFT(length), " %s%llu%s",
				 before, number, behind) : 0;
}

void reloop_fault_print(const struct reloop_fault *fault,
			char text[RELOOP_FAULT_TEXT_MAX])
{
	__u32 chance = fault->chance > 1 ? fault->chance : 0;
	int length = print_ops(fault->ops, text);

	length += snprintf(text + length, LEFT(length), " action=%s",
			   name_of(reloop_fault_actions, fault->action));
	if (reloop_fault_fails(fault->action))
		length += snprintf(text + length, LEFT(length), " status=%s",
				   name_of(reloop_fault_statuses,
					   fault->error ?: EIO));
	length += print_number(text, length, "start=", fault->start, "");
	length += print_number(text, length, "length=", fault->length, "");
	length += print_number(text, length, "delay=", fault->delay_ms, "ms");
	length += print_number(text, length, "after=", fault->after, "");
	length += print_number(text, length, "count=", fault->count, "");
	length += print_number(text, length, "chance=1/", chance, "");
	print_number(text, length, "seed=", fault->seed, "");
}
