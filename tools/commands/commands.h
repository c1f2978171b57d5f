/* SPDX-License-Identifier: GPL-2.0-only */
/* The sub-commands, one file each; reloop.c has the table of them. */
#ifndef RELOOP_COMMANDS_H
#define RELOOP_COMMANDS_H

#include "words/options.h"

extern const struct command attach_command;
extern const struct command detach_command;
extern const struct command run_command;
extern const struct command list_command;
extern const struct command resize_command;
extern const struct command set_command;
extern const struct command stats_command;
extern const struct command info_command;
extern const struct command mount_command;
extern const struct command umount_command;
extern const struct command who_command;
extern const struct command status_command;
extern const struct command overlay_command;
extern const struct command fault_command;
extern const struct command powercut_command;
extern const struct command gc_command;

/* Prints the text of "reloop help columns". */
void list_print_columns(void);

#endif
