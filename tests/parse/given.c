// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for the kernel: the linker leads what the command opens in /sys and /proc here. Nothing
 * is ever asked of a server, and no other program is run.
 */
#include "given.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "parse.h"

#define FILES_MAX 64

static const uint8_t *files = (const uint8_t *)"", *table;
static size_t files_length, table_length;
static char *opened[FILES_MAX];
static int opened_count;
static const char *link_target;

void give_files(const uint8_t *bytes, size_t length)
{
	while (opened_count)
		free(opened[--opened_count]);
	files = bytes ? bytes : (const uint8_t *)"";
	files_length = length;
}

void give_tables(const uint8_t *bytes, size_t length)
{
	table = bytes;
	table_length = length;
}

void give_link(const char *target)
{
	link_target = target;
}

/* The same file has the same text each time. */
static int number_of(const char *path)
{
	int number = 0;

	while (number < opened_count && strcmp(opened[number], path))
		number++;
	if (number < opened_count)
		return number;
	EXPECT(number < FILES_MAX);
	opened[opened_count++] = strdup(path);
	return number;
}

/* Files behind the last text are missing. */
static int open_given(int number)
{
	const uint8_t *begin = files, *end = files + files_length, *zero;
	int fd;

	for (; begin < end; begin = zero + 1) {
		zero = memchr(begin, '\0', end - begin);
		zero = zero ? zero : end;
		if (number--)
			continue;
		fd = memfd_create("given", MFD_CLOEXEC);
		EXPECT(fd >= 0 && write(fd, begin, zero - begin) == zero - begin);
		lseek(fd, 0, SEEK_SET);
		return fd;
	}
	errno = ENOENT;
	return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list arguments;
	int mode = 0;

	if (!strncmp(path, "/sys/", strlen("/sys/")))
		return open_given(number_of(path));
	va_start(arguments, flags);
	if (__OPEN_NEEDS_MODE(flags))
		mode = va_arg(arguments, int);
	va_end(arguments);
	return __real_open(path, flags, mode);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (strcmp(path, "/proc/self/mountinfo") && strcmp(path, "/proc/swaps"))
		return __real_fopen(path, mode);
	return table_length ? fmemopen((void *)table, table_length, "r") :
	       __real_fopen("/dev/null", "r");
}

ssize_t __wrap_readlink(const char *path, char *target, size_t size)
{
	size_t length = link_target ? strnlen(link_target, size) : 0;

	if (strncmp(path, "/sys/", strlen("/sys/")))
		return __real_readlink(path, target, size);
	if (!link_target) {
		errno = ENOENT;
		return -1;
	}
	memcpy(target, link_target, length);
	return length;
}

int __wrap_ask_stat(const char *path, int flags, struct stat *st, int *patience_ms)
{
	(void)flags;
	(void)patience_ms;
	EXPECT(strlen(path) < SIZE_MAX);
	*st = (struct stat) { 0 };
	return -ETIMEDOUT;
}

int __wrap_ask_own(int fd, struct stat *st)
{
	EXPECT(fd >= 0);
	*st = (struct stat) { 0 };
	return -EBADF;
}

int __wrap_spawn(const char *const *argv, char *said, int size)
{
	(void)said;
	(void)size;
	EXPECT(!argv);
	return -ENOSYS;
}
