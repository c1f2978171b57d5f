/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of all commands that attach. */
#ifndef RELOOP_ATTACH_OPTIONS_H
#define RELOOP_ATTACH_OPTIONS_H

#include "words/options.h"

#define CREATE_NOT UINT64_MAX
#define SECTOR_DEFAULT 0		/* left to the kernel */
#define SECTOR_AUTO UINT64_MAX

/* What is written goes elsewhere than to the image. */
enum overlay_kind {
	OVERLAY_NONE,
	OVERLAY_FILE,		/* made if it is not there */
	OVERLAY_TEMPORARY,
	OVERLAY_REFLINK,
	OVERLAY_AUTO,
};

/* Where the options of all commands that attach go. */
extern struct attach_options {
	uint64_t offset;
	uint64_t size_limit;
	uint64_t create;
	const char *sector_size;
	const char *format;
	const char *device;
	const char *label;
	const char *flush;
	const char *cache;
	const char *nospace;
	const char *timeout;
	const char *overlay;
	bool read_only;
	bool is_volatile;
	bool is_private;
	bool force_base;
	bool force_share;
	bool partscan;
	bool direct_io;
	bool preallocate;
	bool nodes;
	bool wait;

	/* What attach_options_check() makes of them. */
	uint64_t sector_bytes;
	unsigned int wait_ms;
	enum overlay_kind overlay_kind;
	const char *overlay_file;
	uint32_t nospace_seconds;	/* as in struct reloop_attach */
} attach_options;

/* Their rows. */
extern const struct option_row attach_option_rows[];

/* STATUS_OK, or STATUS_USAGE, and reported. */
int attach_options_check(const char *command);

#endif
