// SPDX-License-Identifier: GPL-2.0-only
#include "lib/sector.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define SECTOR_SIZE_MIN 512
#define SECTOR_SIZE_MAX 65536

/* The beginning of the GPT header, which is in sector 1 and says so. */
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

bool sector_is_protective(int fd, uint64_t offset)
{
	unsigned char mbr[SECTOR_SIZE_MIN];

	return pread(fd, mbr, sizeof(mbr), offset) == sizeof(mbr) &&
	       mbr[510] == 0x55 && mbr[511] == 0xaa && mbr[446 + 4] == 0xee;
}

uint64_t sector_size_of_gpt(int fd, uint64_t offset)
{
	struct gpt_header header;

	for (uint64_t size = SECTOR_SIZE_MIN; size <= SECTOR_SIZE_MAX; size *= 2)
		if (pread(fd, &header, sizeof(header), offset + size) == sizeof(header) &&
		    is_header(&header))
			return size;
	return 0;
}

static uint64_t read_be16(const unsigned char *place)
{
	return place[0] << 8 | place[1];
}

static uint64_t read_le16(const unsigned char *place)
{
	return place[1] << 8 | place[0];
}

static uint64_t read_power(const unsigned char *place)
{
	return *place < 32 ? 1ULL << *place : 0;
}

/* Where a file system's first sector has its signature and sector size, and how to read that. */
static const struct format {
	unsigned int signature_place;
	const char *signature;
	unsigned int size_place;
	uint64_t (*read)(const unsigned char *place);
} formats[] = {
	{ 0, "XFSB", 102, read_be16 },
	{ 3, "EXFAT   ", 108, read_power },
	{ 3, "NTFS    ", 11, read_le16 },
	{ 54, "FAT12   ", 11, read_le16 },
	{ 54, "FAT16   ", 11, read_le16 },
	{ 82, "FAT32   ", 11, read_le16 },
};

static bool can_be_size(uint64_t size)
{
	return size >= SECTOR_SIZE_MIN && size <= SECTOR_SIZE_MAX && !(size & (size - 1));
}

static uint64_t size_of_file_system(int fd, uint64_t offset)
{
	unsigned char sector[SECTOR_SIZE_MIN];
	const struct format *format;
	uint64_t size;

	if (pread(fd, sector, sizeof(sector), offset) != sizeof(sector))
		return 0;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		format = &formats[i];
		if (memcmp(sector + format->signature_place, format->signature,
			   strlen(format->signature)))
			continue;
		size = format->read(sector + format->size_place);
		return can_be_size(size) ? size : 0;
	}
	return 0;
}

uint64_t sector_size_of_image(int fd, uint64_t offset)
{
	uint64_t size = sector_size_of_gpt(fd, offset);

	return size ? size : size_of_file_system(fd, offset);
}
