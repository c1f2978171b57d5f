// SPDX-License-Identifier: GPL-2.0-only
#include "commands/nospace.h"

#include <stddef.h>
#include <string.h>

#include "../include/uapi/reloop.h"
#include "lib/size.h"
#include "words/report.h"

#define WAIT "wait:"

bool nospace_parse(const char *text, uint32_t *seconds)
{
	uint64_t value;

	*seconds = strcmp(text, "wait") ? 0 : RELOOP_NOSPACE_WAIT;
	if (*seconds || !strcmp(text, "error"))
		return true;
	if (strncmp(text, WAIT, strlen(WAIT)) ||
	    !size_parse_number(text + strlen(WAIT), 1, RELOOP_NOSPACE_WAIT - 1, &value))
		return false;
	*seconds = value;
	return true;
}

int nospace_check(const char *command, const char *text, uint32_t *seconds)
{
	if (!text || nospace_parse(text, seconds))
		return STATUS_OK;
	return report_usage(command, "--nospace: '%s' is not a way to do it; give error, wait or, "
			    "for a minute, wait:60", text);
}
