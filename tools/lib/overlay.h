/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading and verifying an existing overlay. Prints nothing. */
#ifndef RELOOP_OVERLAY_H
#define RELOOP_OVERLAY_H

#include <sys/types.h>

#include "lib/qcow2.h"

struct overlay {
	int fd;
	uint64_t file_size;
	bool is_in_hand;	/* the file says so: nobody is to attach it */
	struct qcow2_header header;
};

/* Reads and checks the header; qcow2.h has the return values. */
int overlay_load(struct overlay *overlay, int fd);

/*
 * An L2 table in memory. @pointer: its entry in the L1 table; @first: the cluster of the disk that
 * the first entry describes.
 */
struct overlay_table {
	uint64_t pointer;
	uint64_t place;
	uint64_t first;
	unsigned int count;
	struct reloop_qcow2_l2_entry entries[RELOOP_QCOW2_L2_ENTRIES];
};

typedef int (*overlay_table_visit)(struct overlay *overlay, struct overlay_table *table,
				   void *data);

/* Calls @visit for each existing L2 table until it returns something other than 0. */
int overlay_visit_tables(struct overlay *overlay, overlay_table_visit visit, void *data);

/* Pieces that are adjacent on the disk and in the file, or all zero; up to the disk's end. */
struct overlay_run {
	bool is_zero;
	uint64_t position;	/* in the disk */
	uint64_t place;		/* in the file, unless it is zero */
	uint64_t length;
};

typedef int (*overlay_run_visit)(struct overlay *overlay, const struct overlay_run *run,
				 void *data);

/* The same for everything that does not come from the base. */
int overlay_visit_runs(struct overlay *overlay, overlay_run_visit visit, void *data);

struct overlay_usage {
	uint64_t written;	/* bytes that lie in the overlay */
	uint64_t zeroed;
	uint64_t placeless;	/* clusters without a place of their own */
};

/*
 * Checks all tables for everything that the kernel relies on: nothing lies outside the file, and
 * nothing overlaps.
 */
int overlay_verify(struct overlay *overlay, struct overlay_usage *usage);

/* pread(2) and pwrite(2) of the full length; past the end of the file, zeros are read. */
int overlay_read(int fd, void *bytes, size_t length, uint64_t place);
int overlay_write(int fd, const void *bytes, size_t length, uint64_t place);

/* fsync(2) */
int overlay_sync(int fd);

#endif
