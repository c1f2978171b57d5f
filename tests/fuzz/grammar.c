// SPDX-License-Identifier: GPL-2.0-only
/* The operations, and how often each is drawn. */
#include "ops.h"

const struct op ops[] = {
	{ "open-device",	14, OP_CHANGES | OP_OPENS, op_open_device },
	{ "open-file",		10, 0, op_open_file },
	{ "open-control",	2, OP_CHANGES | OP_OPENS, op_open_control },
	{ "close",		3, OP_OPENS, op_close },
	{ "make-node",		1, OP_CHANGES, op_make_node },
	{ "truncate",		2, 0, op_truncate },
	{ "unlink",		1, 0, op_unlink },
	{ "spoil",		4, 0, op_spoil },
	{ "mend",		2, 0, op_mend },
	{ "scribble",		1, 0, op_scribble },
	{ "limit",		1, 0, op_limit },

	{ "set-fd",		4, OP_CHANGES | OP_IF_OPEN, op_set_fd },
	{ "configure",		12, OP_CHANGES | OP_IF_OPEN, op_configure },
	{ "change-fd",		5, OP_CHANGES | OP_IF_OPEN, op_change_fd },
	{ "clr-fd",		8, OP_CHANGES | OP_IF_OPEN, op_clr_fd },
	{ "set-status",		4, OP_CHANGES, op_set_status },
	{ "set-status64",	6, OP_CHANGES, op_set_status64 },
	{ "get-status",		2, 0, op_get_status },
	{ "get-status64",	3, 0, op_get_status64 },
	{ "set-capacity",	3, OP_CHANGES, op_set_capacity },
	{ "set-direct-io",	3, OP_CHANGES, op_set_direct_io },
	{ "set-block-size",	3, OP_CHANGES, op_set_block_size },
	{ "unknown",		2, OP_IF_OPEN, op_unknown },

	{ "add",		2, OP_CHANGES | OP_IF_OPEN, op_add },
	{ "remove",		5, OP_CHANGES | OP_IF_OPEN, op_remove },
	{ "get-free",		1, OP_CHANGES | OP_IF_OPEN, op_get_free },
	{ "attach",		10, OP_CHANGES | OP_IF_OPEN, op_attach },
	{ "attach-overlay",	10, OP_CHANGES | OP_IF_OPEN, op_attach_overlay },
	{ "attach-volatile",	6, OP_CHANGES | OP_IF_OPEN, op_attach_volatile },
	{ "detach",		8, OP_CHANGES | OP_IF_OPEN, op_detach },
	{ "fault",		5, OP_CHANGES, op_fault },
	{ "powercut",		3, OP_CHANGES, op_powercut },
	{ "poll",		1, 0, op_poll },
	{ "unknown-control",	1, OP_CHANGES | OP_IF_OPEN, op_unknown_control },

	{ "range",		5, OP_CHANGES, op_range },
	{ "set-number",		3, OP_CHANGES, op_set_number },
	{ "get-number",		3, 0, op_get_number },
	{ "flush-buffers",	2, OP_CHANGES, op_flush_buffers },
	{ "reread",		3, OP_CHANGES, op_reread },
	{ "partition",		4, OP_CHANGES, op_partition },
	{ "reservation",	1, OP_CHANGES, op_reservation },

	{ "read",		10, 0, op_read },
	{ "write",		12, 0, op_write },
	{ "sync",		4, 0, op_sync },
	{ "fallocate",		3, 0, op_fallocate },
	{ "seek",		1, 0, op_seek },
	{ "map",		4, 0, op_map },
	{ "copy",		2, 0, op_copy },

	{ "read-attribute",	8, 0, op_read_attribute },
	{ "write-attribute",	6, OP_CHANGES, op_write_attribute },
};

unsigned int op_count(void)
{
	return ARRAY_COUNT(ops);
}
