/* SPDX-License-Identifier: GPL-2.0-only */
/* The linker leads each call of NAME to __wrap_NAME, and of __real_NAME to NAME. */
#ifndef PARSE_GIVEN_H
#define PARSE_GIVEN_H

#include <stdio.h>
#include <sys/stat.h>

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
ssize_t __real_readlink(const char *path, char *target, size_t size);
ssize_t __wrap_readlink(const char *path, char *target, size_t size);
int __wrap_ask_stat(const char *path, int flags, struct stat *st, int *patience_ms);
int __wrap_ask_own(int fd, struct stat *st);
int __wrap_spawn(const char *const *argv, char *said, int size);

#endif
