// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/kind.h"

static const struct {
	const char *name;	/* or NULL */
	unsigned int place, length;
	const char *bytes;
	unsigned int size;
} images[] = {
	{ "a qcow2 image", 0, 8, "QFI\xfb\0\0\0\3", 65536 },
	{ "a VMDK image", 0, 4, "KDMV", 512 },
	{ "the description of a VMDK image", 0, 23, "# Disk DescriptorFile\nv", 300 },
	{ "a VDI image", 64, 4, "\x7f\x10\xda\xbe", 512 },
	{ "a VHDX image", 0, 8, "vhdxfile", 65536 },
	{ "a VHD image", 0, 8, "conectix", 512 },
	{ "a gzip file", 0, 4, "\x1f\x8b\x08\x08", 20 },
	{ "an xz file", 0, 6, "\xfd\x37\x7a\x58\x5a\0", 32 },
	{ "a zstd file", 0, 4, "\x28\xb5\x2f\xfd", 13 },
	{ "a bzip2 file", 0, 10, "BZh9\x31\x41\x59\x26\x53\x59", 14 },
	{ "a zip file", 0, 4, "PK\3\4", 200 },
	{ NULL, 0, 4, "XFSB", 65536 },
	{ NULL, 510, 2, "\x55\xaa", 512 },
	{ NULL, 1, 4, "QFI\xfb", 512 },
	{ NULL, 0, 3, "QFI", 3 },
	{ NULL, 0, 0, "", 0 },
};

static bool is_named(const struct kind *kind, const char *name)
{
	return kind && name ? !strcmp(kind->name, name) : !kind && !name;
}

int main(void)
{
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		int fd = memfd_create("image", MFD_CLOEXEC);
		const struct kind *kind;

		CHECK(!ftruncate(fd, images[i].size), "image %zu is there", i);
		CHECK(pwrite(fd, images[i].bytes, images[i].length, images[i].place) ==
		      images[i].length, "and written");
		kind = kind_of_image(fd);
		CHECK(is_named(kind, images[i].name), "what image %zu is", i);
		close(fd);
	}
	return check_end();
}
