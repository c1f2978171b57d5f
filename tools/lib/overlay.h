/* SPDX-License-Identifier: GPL-2.0-only */
/* An overlay that is there: verified, and gone through. Prints nothing. */
#ifndef RELOOP_OVERLAY_H
#define RELOOP_OVERLAY_H

#include <sys/types.h>

#include "lib/qcow2.h"

struct overlay {
	int fd;
	uint64_t file_size;
	bool is_in_hand;	/* by what the file says: nobody is to attach it */
	struct qcow2_header header;
};

/* Reads and checks the header, see qcow2.h for what is returned. */
int overlay_load(struct overlay *overlay, int fd);

/*
 * An L2 table in memory. @pointer: what the L1 table has of it; @first: the cluster of the disk
 * that the first entry is about.
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

/* Calls @visit for each L2 table there is, until it returns something else than 0. */
int overlay_visit_tables(struct overlay *overlay, overlay_table_visit visit, void *data);

/* Pieces one after the other that lie one after the other, or are zero; up to the disk's end. */
struct overlay_run {
	bool is_zero;
	uint64_t position;	/* in the disk */
	uint64_t place;		/* in the file, unless it is zero */
	uint64_t length;
};

typedef int (*overlay_run_visit)(struct overlay *overlay, const struct overlay_run *run,
				 void *data);

/* The same for all that is not the base's. */
int overlay_visit_runs(struct overlay *overlay, overlay_run_visit visit, void *data);

struct overlay_usage {
	uint64_t written;	/* bytes that lie in the overlay */
	uint64_t zeroed;
	uint64_t placeless;	/* clusters without a place of their own */
};

/*
 * Looks at every table, and whether all that the kernel relies on is so: nothing lies outside of
 * the file or on something else.
 */
int overlay_verify(struct overlay *overlay, struct overlay_usage *usage);

/* pread(2) and pwrite(2) of all of it; what is read behind the end of a file is zero. */
int overlay_read(int fd, void *bytes, size_t length, uint64_t place);
int overlay_write(int fd, const void *bytes, size_t length, uint64_t place);

#endif
