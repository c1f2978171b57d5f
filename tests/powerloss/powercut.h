/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the program share; main.c says what it does. */
#ifndef POWERCUT_H
#define POWERCUT_H

#include <stdbool.h>
#include <stdint.h>

#define SECTOR	512

void die(const char *what);
int open_or_die(const char *name, int flags);
uint64_t mix(uint64_t x);
void run_or_die(const char *command, int round);

/* sectors.c: sectors of a device or of a file that are written, zeroed and made durable. */
int sectors_make(const char *name, uint64_t seed, unsigned int mib);
int sectors_open(const char *name);
void sectors_write(int fd, uint64_t seed, int round);
int sectors_check(const char *name, uint64_t seed, int round);

/* files.c: the same of a directory. */
int files_make(const char *dir, uint64_t seed);
int files_write(const char *dir, uint64_t seed, int rounds, const char *command);
int files_check(const char *dir, uint64_t seed, int round);

/* log.c: what dm-log-writes has kept. */
int log_list(const char *log);
int log_replay(const char *log, const char *disk, uint64_t from, uint64_t to);
int log_scatter(const char *log, const char *disk, uint64_t from, uint64_t to, unsigned int unit,
		uint64_t seed);

#endif
