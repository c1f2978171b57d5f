// SPDX-License-Identifier: GPL-2.0-only
#include "lib/kind.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define CONVERT "qemu-img convert -O raw"
#define CONVERTED " NEW"

/*
 * The signatures come from the formats' own documents: QEMU's qcow2.rst, VMware's Virtual Disk
 * Format 5.0, Microsoft's VHD and MS-VHDX, RFC 1952 and 8878, xz-file-format, PKWARE's APPNOTE. VDI
 * has its signature behind 64 bytes of text; bzip2 has the digits of pi behind its block size.
 */
static const struct kind kinds[] = {
	{ 0, 4, "QFI\xfb", "qcow2", "a qcow2 image", CONVERT, CONVERTED },
	{ 0, 4, "KDMV", "vmdk", "a VMDK image", CONVERT, CONVERTED },
	{ 0, 21, "# Disk DescriptorFile", "vmdk", "the description of a VMDK image", CONVERT,
	  CONVERTED },
	{ 64, 4, "\x7f\x10\xda\xbe", "vdi", "a VDI image", CONVERT, CONVERTED },
	{ 0, 8, "vhdxfile", "vhdx", "a VHDX image", CONVERT, CONVERTED },
	{ 0, 8, "conectix", "vhd", "a VHD image", CONVERT, CONVERTED },
	{ 0, 3, "\x1f\x8b\x08", "gzip", "a gzip file", "gunzip <", " > NEW" },
	{ 0, 6, "\3757zXZ", "xz", "an xz file", "unxz <", " > NEW" },
	{ 0, 4, "\x28\xb5\x2f\xfd", "zstd", "a zstd file", "unzstd <", " > NEW" },
	{ 4, 6, "1AY&SY", "bzip2", "a bzip2 file", "bunzip2 <", " > NEW" },
	{ 0, 4, "PK\3\4", "zip", "a zip file", "unzip", "" },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const struct kind *kind_of_image(int fd)
{
	char begin[128] = "";
	ssize_t length = pread(fd, begin, sizeof(begin), 0);

	for (size_t i = 0; i < KINDS; i++) {
		if ((ssize_t)(kinds[i].place + kinds[i].length) <= length &&
		    !memcmp(begin + kinds[i].place, kinds[i].bytes, kinds[i].length))
			return &kinds[i];
	}
	return NULL;
}
