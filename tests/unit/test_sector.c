// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/sector.h"

#define OFFSET 12345

/* An image is zeros, but for these bytes. */
static const struct {
	const char *what;
	struct {
		unsigned int place, length;
		const char *bytes;
	} parts[3];
	uint64_t size;
} images[] = {
	{ "nothing", { }, 0 },
	{ "GPT of 512", { { 512, 8, "EFI PART" }, { 512 + 24, 1, "\1" } }, 512 },
	{ "GPT of 4096", { { 4096, 8, "EFI PART" }, { 4096 + 24, 1, "\1" } }, 4096 },
	{ "GPT, not in its place", { { 512, 8, "EFI PART" }, { 512 + 24, 1, "\2" } }, 0 },
	{ "XFS", { { 0, 4, "XFSB" }, { 102, 2, "\x10" } }, 4096 },
	{ "XFS without a size", { { 0, 4, "XFSB" } }, 0 },
	{ "XFS of an odd size", { { 0, 4, "XFSB" }, { 102, 2, "\x10\1" } }, 0 },
	{ "FAT16", { { 54, 8, "FAT16   " }, { 11, 2, "\0\2" } }, 512 },
	{ "FAT32", { { 82, 8, "FAT32   " }, { 11, 2, "\0\x10" } }, 4096 },
	{ "NTFS", { { 3, 8, "NTFS    " }, { 11, 2, "\0\x10" } }, 4096 },
	{ "exFAT", { { 3, 8, "EXFAT   " }, { 108, 1, "\x0c" } }, 4096 },
	{ "exFAT of nonsense", { { 3, 8, "EXFAT   " }, { 108, 1, "\xff" } }, 0 },
	{ "GPT before FAT", { { 4096, 8, "EFI PART" }, { 4096 + 24, 1, "\1" },
			      { 54, 8, "FAT16   " } }, 4096 },
};

static void write_image(int fd, size_t i)
{
	for (int part = 0; part < 3; part++)
		CHECK(pwrite(fd, images[i].parts[part].bytes, images[i].parts[part].length,
			     OFFSET + images[i].parts[part].place) == images[i].parts[part].length,
		      "%s: part %d is written", images[i].what, part);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		int fd = memfd_create("image", MFD_CLOEXEC);
		uint64_t size;

		CHECK(!ftruncate(fd, OFFSET + (1 << 20)), "%s: there is a file", images[i].what);
		write_image(fd, i);
		size = sector_size_of_image(fd, OFFSET);
		CHECK(size == images[i].size, "%s: %" PRIu64, images[i].what, size);
		close(fd);
	}
	return check_end();
}
