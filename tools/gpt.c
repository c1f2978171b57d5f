// SPDX-License-Identifier: GPL-2.0-only
#include "gpt.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define SECTOR_SIZE_MAX 65536

/* The beginning of the header, which is in sector 1 and says so. */
struct gpt_header {
	char signature[8];
	uint32_t revision;
	uint32_t header_size;
	uint32_t checksum;
	uint32_t reserved;
	uint64_t own_sector;
};

static bool is_header(const struct gpt_header *header)
{
	return !memcmp(header->signature, "EFI PART", sizeof(header->signature)) &&
	       le64toh(header->own_sector) == 1;
}

uint64_t gpt_sector_size(int fd, uint64_t offset)
{
	struct gpt_header header;

	for (uint64_t size = 512; size <= SECTOR_SIZE_MAX; size *= 2)
		if (pread(fd, &header, sizeof(header), offset + size) == sizeof(header) &&
		    is_header(&header))
			return size;
	return 0;
}
