// SPDX-License-Identifier: GPL-2.0-only
#include "commands/fault_rule.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "io/fault_words.h"
#include "lib/size.h"
#include "lib/wait.h"
#include "words/report.h"

static const struct reloop_fault_word *find_word(const struct reloop_fault_word *words,
						 const char *name, size_t length)
{
	for (; words->name; words++)
		if (strlen(words->name) == length && !strncmp(words->name, name, length))
			return words;
	return NULL;
}

/* What op=any means is not known before the action is. */
#define OPS_ANY 0

static bool parse_ops(const char *value, struct reloop_fault *fault)
{
	const struct reloop_fault_word *op;
	size_t length;

	fault->ops = OPS_ANY;
	if (!strcmp(value, "any"))
		return true;
	do {
		length = strcspn(value, ",");
		op = find_word(reloop_fault_ops, value, length);
		if (!op)
			return false;
		fault->ops |= op->value;
		value += length;
	} while (*value++);
	return true;
}

static bool parse_action(const char *value, struct reloop_fault *fault)
{
	const struct reloop_fault_word *action;

	action = find_word(reloop_fault_actions, value, strlen(value));
	if (action)
		fault->action = action->value;
	return action;
}

static bool parse_status(const char *value, struct reloop_fault *fault)
{
	const struct reloop_fault_word *status;

	status = find_word(reloop_fault_statuses, value, strlen(value));
	if (status)
		fault->error = status->value;
	return status;
}

static bool parse_bytes(const char *value, __u64 *bytes)
{
	uint64_t size;

	if (size_parse(value, &size))
		return false;
	*bytes = size;
	return true;
}

static bool parse_start(const char *value, struct reloop_fault *fault)
{
	return parse_bytes(value, &fault->start);
}

static bool parse_length(const char *value, struct reloop_fault *fault)
{
	return parse_bytes(value, &fault->length) && fault->length;
}

static bool parse_delay(const char *value, struct reloop_fault *fault)
{
	size_t length = strlen(value);
	uint64_t number;
	unsigned int ms;
	char text[32];

	if (!isdigit((unsigned char)*value) || length >= sizeof(text))
		return false;
	strcpy(text, value);
	if (length > 2 && !strcmp(text + length - 2, "ms")) {
		text[length - 2] = '\0';
		if (!size_parse_number(text, 1, RELOOP_FAULT_DELAY_MAX_MS, &number))
			return false;
		fault->delay_ms = number;
		return true;
	}
	if (text[length - 1] == 's')
		text[length - 1] = '\0';
	if (!wait_parse_seconds(text, &ms) || !ms || ms > RELOOP_FAULT_DELAY_MAX_MS)
		return false;
	fault->delay_ms = ms;
	return true;
}

static bool parse_u32(const char *value, unsigned long long least, __u32 *number)
{
	uint64_t wide;

	if (!size_parse_number(value, least, UINT32_MAX, &wide))
		return false;
	*number = wide;
	return true;
}

static bool parse_after(const char *value, struct reloop_fault *fault)
{
	return parse_u32(value, 0, &fault->after);
}

static bool parse_count(const char *value, struct reloop_fault *fault)
{
	return parse_u32(value, 1, &fault->count);
}

static bool parse_chance(const char *value, struct reloop_fault *fault)
{
	return !strncmp(value, "1/", 2) && parse_u32(value + 2, 1, &fault->chance);
}

static bool parse_seed(const char *value, struct reloop_fault *fault)
{
	uint64_t seed;

	if (!size_parse_number(value, 0, UINT64_MAX, &seed))
		return false;
	fault->seed = seed;
	return true;
}

static const struct key {
	const char *name;
	bool (*parse)(const char *value, struct reloop_fault *fault);
	const char *values;		/* the possible values, for a refusal */
	const char *help;
} keys[] = {
	{ "op", parse_ops, "read, write, flush, discard, zeroes, several with commas, or any",
	  "read, write, flush, discard, zeroes or any: which requests" },
	{ "start", parse_start, "a size like 4096 or 1M", "from this byte of the device on" },
	{ "length", parse_length, "a size like 4096 or 1M", "so many bytes of it" },
	{ "action", parse_action, "error, delay, corrupt, drop, torn or hang",
	  "error, delay, corrupt, drop, torn or hang: what becomes of them" },
	{ "status", parse_status, "eio, nospc, timeout, medium, target, transport, protection, "
	  "reservation, offline, notsupp or resource",
	  "eio, nospc, timeout, medium and so on: what they fail with" },
	{ "delay", parse_delay, "seconds like 0.5, or 20ms, up to a day",
	  "seconds, or 20ms: how long they are held up before that" },
	{ "after", parse_after, "a number", "let so many pass first" },
	{ "count", parse_count, "a number from 1", "hit so many and no more" },
	{ "chance", parse_chance, "1/ and a number from 1", "1/N: hit one of N" },
	{ "seed", parse_seed, "a number", "what chance, corrupt and torn draw from" },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const struct key *find_key(const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; word[length] && i < KEYS; i++)
		if (strlen(keys[i].name) == length && !strncmp(keys[i].name, word, length))
			return &keys[i];
	return NULL;
}

static int parse_word(const char *word, struct reloop_fault *fault, bool given[KEYS])
{
	const struct key *key = find_key(word);

	if (!key)
		return report_usage("fault", "'%s' is no part of a rule; give op=write, "
				    "status=eio and the like", word);
	if (given[key - keys])
		return report_usage("fault", "%s= is there twice; give it once", key->name);
	given[key - keys] = true;
	if (!key->parse(strchr(word, '=') + 1, fault))
		return report_usage("fault", "'%s' is not right; %s= is %s", word, key->name,
				    key->values);
	return STATUS_OK;
}

static const char *action_name(const struct reloop_fault *fault)
{
	const struct reloop_fault_word *action = reloop_fault_actions;

	while (action->name && action->value != fault->action)
		action++;
	return action->name;
}

static void complete(struct reloop_fault *fault)
{
	if (!fault->action)
		fault->action = fault->delay_ms && !fault->error ? RELOOP_FAULT_DELAY :
				RELOOP_FAULT_ERROR;
	if (fault->ops != OPS_ANY)
		return;
	fault->ops = reloop_fault_ops_of(fault->action);
	/* A flush has no place. */
	if (fault->start || fault->length)
		fault->ops &= ~RELOOP_FAULT_FLUSH;
}

static const char *whatever_fits(const struct reloop_fault *fault)
{
	switch (fault->action) {
	case RELOOP_FAULT_TORN:
		return "give op=write";
	case RELOOP_FAULT_DROP:
		return "a read cannot be dropped";
	default:
		return "give op=read or op=write";
	}
}

/* Refuses words that do not fit together. */
static int check(const struct reloop_fault *fault)
{
	const char *action = action_name(fault);

	if (fault->ops & ~reloop_fault_ops_of(fault->action))
		return report_usage("fault", "action=%s is not for all of these requests; %s",
				    action, whatever_fits(fault));
	if (fault->error && !reloop_fault_fails(fault->action))
		return report_usage("fault", "action=%s does not fail; leave status= out", action);
	if (fault->action == RELOOP_FAULT_HANG && fault->delay_ms)
		return report_usage("fault", "action=hang has no end; leave delay= out");
	if (fault->action == RELOOP_FAULT_DELAY && !fault->delay_ms)
		return report_usage("fault", "action=delay: how long? give delay=");
	if (fault->ops & RELOOP_FAULT_FLUSH && (fault->start || fault->length))
		return report_usage("fault", "a flush is of the whole device; "
				    "leave start= and length= out");
	if (!reloop_fault_ok(fault))
		return report_usage("fault", "the rule ends behind any device; give less");
	return STATUS_OK;
}

int fault_rule_parse(char **words, int count, struct reloop_fault *fault)
{
	bool given[KEYS] = { false };
	int status = STATUS_OK;

	*fault = (struct reloop_fault) { .size = sizeof(*fault) };
	for (int i = 0; i < count && status == STATUS_OK; i++)
		status = parse_word(words[i], fault, given);
	if (status != STATUS_OK)
		return status;
	complete(fault);
	return check(fault);
}

void fault_rule_print_help(void)
{
	puts("\nA RULE is, in any order and as much of it as there is to say:");
	for (size_t i = 0; i < KEYS; i++)
		printf("  %s=%*s %s\n", keys[i].name, 7 - (int)strlen(keys[i].name), "",
		       keys[i].help);
}
