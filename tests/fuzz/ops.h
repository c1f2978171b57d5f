/* SPDX-License-Identifier: GPL-2.0-only */
/* The operations of grammar.c; each answers 0 or more, or -errno. */
#ifndef FUZZ_OPS_H
#define FUZZ_OPS_H

#include "fuzz.h"

/* files.c, overlays.c */
int op_open_device(struct worker *worker);
int op_open_file(struct worker *worker);
int op_open_control(struct worker *worker);
int op_close(struct worker *worker);
int op_truncate(struct worker *worker);
int op_unlink(struct worker *worker);
int op_spoil(struct worker *worker);
int op_mend(struct worker *worker);

/* ops_device.c */
int op_set_fd(struct worker *worker);
int op_configure(struct worker *worker);
int op_change_fd(struct worker *worker);
int op_clr_fd(struct worker *worker);
int op_set_status(struct worker *worker);
int op_set_status64(struct worker *worker);
int op_get_status(struct worker *worker);
int op_get_status64(struct worker *worker);
int op_set_capacity(struct worker *worker);
int op_set_direct_io(struct worker *worker);
int op_set_block_size(struct worker *worker);
int op_unknown(struct worker *worker);
int op_scribble(struct worker *worker);

/* ops_control.c */
int op_add(struct worker *worker);
int op_remove(struct worker *worker);
int op_get_free(struct worker *worker);
int op_attach(struct worker *worker);
int op_attach_overlay(struct worker *worker);
int op_attach_volatile(struct worker *worker);
int op_detach(struct worker *worker);
int op_fault(struct worker *worker);
int op_powercut(struct worker *worker);
int op_poll(struct worker *worker);
int op_unknown_control(struct worker *worker);

/* ops_block.c */
int op_range(struct worker *worker);
int op_set_number(struct worker *worker);
int op_get_number(struct worker *worker);
int op_flush_buffers(struct worker *worker);
int op_reread(struct worker *worker);
int op_partition(struct worker *worker);
int op_reservation(struct worker *worker);

/* ops_io.c */
int op_read(struct worker *worker);
int op_write(struct worker *worker);
int op_sync(struct worker *worker);
int op_fallocate(struct worker *worker);
int op_seek(struct worker *worker);
int op_map(struct worker *worker);
int op_copy(struct worker *worker);
int op_limit(struct worker *worker);

/* ops_sysfs.c */
int op_read_attribute(struct worker *worker);
int op_write_attribute(struct worker *worker);
int op_make_node(struct worker *worker);

#endif /* FUZZ_OPS_H */
