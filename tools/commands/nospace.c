// SPDX-License-Identifier: GPL-2.0-only
#include "commands/nospace.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../include/uapi/reloop.h"
#include "words/report.h"

#define WAIT "wait:"

/* Only what the attribute of the module takes as well. */
static bool parse(const char *text, uint32_t *seconds)
{
	unsigned long long value;
	char *end;

	*seconds = strcmp(text, "wait") ? 0 : RELOOP_NOSPACE_WAIT;
	if (*seconds || !strcmp(text, "error"))
		return true;
	if (strncmp(text, WAIT, strlen(WAIT)) || !isdigit((unsigned char)text[strlen(WAIT)]))
		return false;
	errno = 0;
	value = strtoull(text + strlen(WAIT), &end, 10);
	*seconds = value;
	return !*end && !errno && value && value < RELOOP_NOSPACE_WAIT;
}

int nospace_check(const char *command, const char *text, uint32_t *seconds)
{
	if (!text || parse(text, seconds))
		return STATUS_OK;
	return report_usage(command, "--nospace: '%s' is not a way to do it; give error, wait or, "
			    "for a minute, wait:60", text);
}
