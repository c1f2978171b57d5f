/* SPDX-License-Identifier: GPL-2.0-only */
/* The partition table that tells for which sector size an image was made. */
#ifndef RELOOP_GPT_H
#define RELOOP_GPT_H

#include <stdint.h>

/* The sector size of the GPT that begins at @offset of the file; 0 if there is none. */
uint64_t gpt_sector_size(int fd, uint64_t offset);

#endif
