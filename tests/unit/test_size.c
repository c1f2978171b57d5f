// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "lib/size.h"

static const struct {
	const char *text;
	int err;
	uint64_t bytes;
} parsed[] = {
	{ "0", 0, 0 },
	{ "4096", 0, 4096 },
	{ "0010", 0, 10 },
	{ "512B", 0, 512 },
	{ "1k", 0, 1024 },
	{ "1K", 0, 1024 },
	{ "1KiB", 0, 1024 },
	{ "1Ki", 0, 1024 },
	{ "1KB", 0, 1000 },
	{ "1kb", 0, 1000 },
	{ "1M", 0, 1048576 },
	{ "1mib", 0, 1048576 },
	{ "3MB", 0, 3000000 },
	{ "2GiB", 0, 2147483648 },
	{ "1T", 0, 1099511627776 },
	{ "1P", 0, 1125899906842624 },
	{ "7E", 0, 8070450532247928832 },
	{ "0E", 0, 0 },
	{ "9223372036854775807", 0, INT64_MAX },

	{ "9223372036854775808", -ERANGE, 0 },
	{ "18446744073709551615", -ERANGE, 0 },
	{ "18446744073709551616", -ERANGE, 0 },
	{ "18446744073709551617K", -ERANGE, 0 },
	{ "99999999999999999999999999", -ERANGE, 0 },
	{ "8E", -ERANGE, 0 },
	{ "16EiB", -ERANGE, 0 },
	{ "17E", -ERANGE, 0 },
	{ "10EB", -ERANGE, 0 },
	{ "9007199254740992K", -ERANGE, 0 },

	{ "-1", -EDOM, 0 },
	{ "-1M", -EDOM, 0 },
	{ "-99999999999999999999", -EDOM, 0 },

	{ "", -EINVAL, 0 },
	{ "-", -EINVAL, 0 },
	{ "+1", -EINVAL, 0 },
	{ " 1", -EINVAL, 0 },
	{ "1 ", -EINVAL, 0 },
	{ "1 M", -EINVAL, 0 },
	{ "M", -EINVAL, 0 },
	{ "0x200", -EINVAL, 0 },
	{ "1.5M", -EINVAL, 0 },
	{ "1X", -EINVAL, 0 },
	{ "512s", -EINVAL, 0 },
	{ "1iB", -EINVAL, 0 },
	{ "1MiBx", -EINVAL, 0 },
	{ "1MBB", -EINVAL, 0 },
	{ "1MM", -EINVAL, 0 },
	{ "many", -EINVAL, 0 },
	{ "99999999999999999999x", -EINVAL, 0 },
};

static const struct {
	uint64_t bytes;
	const char *text;
} formatted[] = {
	{ 0, "0" },
	{ 1, "1" },
	{ 1000, "1000" },
	{ 1023, "1023" },
	{ 1024, "1K" },
	{ 1025, "1.0K" },
	{ 1536, "1.5K" },
	{ 1048064, "1023.5K" },
	{ 1048575, "1.0M" },
	{ 1048576, "1M" },
	{ 1049600, "1.0M" },
	{ 67108352, "64.0M" },
	{ 67108864, "64M" },
	{ 2147483648, "2G" },
	{ 2040109465, "1.9G" },
	{ 8070450532247928832, "7E" },
	{ 8646911284551352320, "7.5E" },
	{ INT64_MAX, "8.0E" },
	{ UINT64_MAX, "16.0E" },
};

static void test_parse(void)
{
	for (size_t i = 0; i < sizeof(parsed) / sizeof(parsed[0]); i++) {
		uint64_t bytes = 0;
		int err = size_parse(parsed[i].text, &bytes);

		CHECK(err == parsed[i].err && bytes == parsed[i].bytes,
		      "size_parse(\"%s\") gives %d, %" PRIu64, parsed[i].text, err, bytes);
	}
}

static void test_format(void)
{
	for (size_t i = 0; i < sizeof(formatted) / sizeof(formatted[0]); i++) {
		char text[SIZE_TEXT_MAX];

		size_format(formatted[i].bytes, text);
		CHECK(!strcmp(text, formatted[i].text), "size_format(%" PRIu64 ") gives %s",
		      formatted[i].bytes, text);
	}
}

int main(void)
{
	test_parse();
	test_format();
	return check_end();
}
