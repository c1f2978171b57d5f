/* SPDX-License-Identifier: GPL-2.0-only */
/* What tells for which sector size an image was made: its partition table, or its file system. */
#ifndef RELOOP_SECTOR_H
#define RELOOP_SECTOR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What the GPT, XFS, FAT, exFAT or NTFS says that begins at @offset of the file; 0 if there is none
 * of them. Other file systems have no sector size, and can be used with the default.
 */
uint64_t sector_size_of_image(int fd, uint64_t offset);

/* Is there an MBR that leaves the disk to a GPT? */
bool sector_is_protective(int fd, uint64_t offset);

/* What the GPT there says, or 0. */
uint64_t sector_size_of_gpt(int fd, uint64_t offset);

#endif
