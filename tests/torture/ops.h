/* SPDX-License-Identifier: GPL-2.0-only */
/* The operations of the table in random.c; each answers 0, -errno or SKIPPED. */
#ifndef TORTURE_OPS_H
#define TORTURE_OPS_H

#include "torture.h"

/* Devices of the set mostly, and some that come and go. */
unsigned int pick_device(struct worker *worker);
/* A file descriptor, or -1. */
int open_shared(struct worker *worker);
void pick_geometry(struct worker *worker, struct geometry *geometry);

/* ops_control.c: devices come and go, and so does the module, if one lets it */
int op_add(struct worker *worker);
int op_remove(struct worker *worker);
int op_get_free(struct worker *worker);
int op_unload(struct worker *worker);
int op_uevent(struct worker *worker);
int op_drop_caches(struct worker *worker);
int op_sync(struct worker *worker);
int op_freeze(struct worker *worker);

/* ops_device.c: the ioctls of a device, and what sysfs says of it */
int op_configure_file(struct worker *worker);
int op_configure_loop(struct worker *worker);
int op_configure_bad(struct worker *worker);
int op_set_fd(struct worker *worker);
int op_change_fd(struct worker *worker);
int op_clr_fd(struct worker *worker);
int op_set_status(struct worker *worker);
int op_set_status_bad(struct worker *worker);
int op_get_status(struct worker *worker);
int op_get_status_old(struct worker *worker);
int op_set_capacity(struct worker *worker);
int op_set_direct_io(struct worker *worker);
int op_set_block_size(struct worker *worker);
int op_unknown_ioctl(struct worker *worker);
int op_open(struct worker *worker);
int op_rescan(struct worker *worker);
int op_add_partition(struct worker *worker);
int op_delete_partition(struct worker *worker);
int op_sysfs_loop(struct worker *worker);
int op_sysfs_queue(struct worker *worker);
int op_scheduler(struct worker *worker);
int op_killed(struct worker *worker);

/* ops_io.c: data, and the files below it */
int op_read(struct worker *worker);
int op_write(struct worker *worker);
int op_write_polled(struct worker *worker);
int op_fsync(struct worker *worker);
int op_discard(struct worker *worker);
int op_zero_out(struct worker *worker);
int op_mmap(struct worker *worker);
int op_read_partition(struct worker *worker);
int op_truncate(struct worker *worker);
int op_restore(struct worker *worker);
int op_punch(struct worker *worker);
void ops_io_start(void);

/* misaligned.c: what is read and written there goes to @device, in memory aligned to 4 bytes */
int misaligned_open(int device);

/* ops_content.c: what is written must be found again */
int op_hold(struct worker *worker);
int op_hold_sectors(struct worker *worker);
int op_hold_nested(struct worker *worker);
int op_mount(struct worker *worker);
/* A private file, and the end of what was attached by oneself. */
int open_private(struct worker *worker, void (*to_path)(char *path, unsigned int thread));
void detach_mine(struct worker *worker, int fd);

/* ops_overlay.c: two files below a device, of which one is only read */
int op_attach_overlay(struct worker *worker);
int op_hold_overlay(struct worker *worker);
int op_open_base(struct worker *worker);

/* ops_window.c: what is not in the window must not change */
int op_windows(struct worker *worker);

#endif /* TORTURE_OPS_H */
