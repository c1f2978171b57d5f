/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of all commands that attach. */
#ifndef RELOOP_ATTACH_OPTIONS_H
#define RELOOP_ATTACH_OPTIONS_H

#include "words/options.h"

#define CREATE_NOT UINT64_MAX
#define SECTOR_DEFAULT 0		/* the kernel chooses */
#define SECTOR_AUTO UINT64_MAX

/* Where writes go instead of to the image. */
enum overlay_kind {
	OVERLAY_NONE,
	OVERLAY_FILE,		/* made if it does not exist */
	OVERLAY_TEMPORARY,
	OVERLAY_REFLINK,
	OVERLAY_AUTO,
};

/* Where the options of all commands that attach are stored. */
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

	/* Set by attach_options_check() from the above. */
	uint64_t sector_bytes;
	unsigned int wait_ms;
	enum overlay_kind overlay_kind;
	const char *overlay_file;
	uint32_t nospace_seconds;	/* the value for struct reloop_attach */
} attach_options;

/* The rows of these options. */
extern const struct option_row attach_option_rows[];

/* Returns STATUS_OK, or STATUS_USAGE after reporting. */
int attach_options_check(const char *command);

#endif
