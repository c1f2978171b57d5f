/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module has chosen for a device that was just attached, and why. */
#ifndef RELOOP_CHOICES_H
#define RELOOP_CHOICES_H

#include "commands/attaching.h"

/* Reports it in a few notes. */
void choices_report(const struct attaching *attaching, const struct attachment *attachment);

#endif
