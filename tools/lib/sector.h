/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the sector size an image was made for, from its partition table or file system. */
#ifndef RELOOP_SECTOR_H
#define RELOOP_SECTOR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The sector size of the GPT, XFS, FAT, exFAT or NTFS that begins at @offset of the file; 0 if
 * there is none of them. Other file systems have no sector size and work with the default.
 */
uint64_t sector_size_of_image(int fd, uint64_t offset);

/* Is there a protective MBR, which leaves the disk to a GPT? */
bool sector_is_protective(int fd, uint64_t offset);

/* The sector size of the GPT there, or 0. */
uint64_t sector_size_of_gpt(int fd, uint64_t offset);

#endif
