// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <inttypes.h>
#include <stdint.h>

#include "store/geometry.h"

static const struct {
	uint64_t file_size, offset, size_limit, sectors;
} sizes[] = {
	{ 0, 0, 0, 0 },
	{ 511, 0, 0, 0 },
	{ 512, 0, 0, 1 },
	{ 1023, 0, 0, 1 },
	{ 4096, 512, 0, 7 },
	{ 4096, 1, 0, 7 },
	{ 4096, 4096, 0, 0 },
	{ 4096, 4097, 0, 0 },
	{ 4096, INT64_MAX, 0, 0 },
	{ 4096, 0, 1024, 2 },
	{ 4096, 3072, 4096, 2 },
	{ 4096, 0, 1023, 1 },
	{ 4096, 0, 511, 0 },
	{ INT64_MAX, 0, 0, INT64_MAX >> 9 },
	{ INT64_MAX, 0, INT64_MAX, INT64_MAX >> 9 },
};

static void check_sizes(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		CHECK(reloop_geometry_sectors(sizes[i].file_size, sizes[i].offset,
					      sizes[i].size_limit) == sizes[i].sectors,
		      "file of %" PRIu64 ", offset %" PRIu64 ", limit %" PRIu64,
		      sizes[i].file_size, sizes[i].offset, sizes[i].size_limit);
}

static void check_alignment(void)
{
	CHECK(reloop_geometry_can_direct(512, 512, 0), "512 on 512");
	CHECK(reloop_geometry_can_direct(512, 4096, 512), "4096 on 512");
	CHECK(!reloop_geometry_can_direct(4096, 512, 0), "512 on 4096");
	CHECK(reloop_geometry_can_direct(4096, 4096, 8192), "4096 on 4096");
	CHECK(!reloop_geometry_can_direct(4096, 4096, 512), "offset of a sector on 4096");
	CHECK(!reloop_geometry_can_direct(512, 512, 1), "odd offset");
	CHECK(!reloop_geometry_can_direct(0, 4096, 0), "a file that cannot");
}

int main(void)
{
	check_sizes();
	check_alignment();

	return check_end();
}
