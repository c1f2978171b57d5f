// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "device/info.h"

static int refusal(uint64_t offset, uint64_t limit, uint32_t type, uint32_t key_size)
{
	struct loop_info64 info = {
		.lo_offset = offset,
		.lo_sizelimit = limit,
		.lo_encrypt_type = type,
		.lo_encrypt_key_size = key_size,
	};

	return reloop_info_check(&info);
}

static void check_refusals(void)
{
	CHECK(refusal(0, 0, LO_CRYPT_NONE, 0) == 0, "nothing asked for");
	CHECK(refusal(INT64_MAX, INT64_MAX, LO_CRYPT_NONE, LO_KEY_SIZE) == 0, "the largest numbers");
	CHECK(refusal(1ULL << 63, 0, LO_CRYPT_NONE, 0) == -EOVERFLOW, "offset too large");
	CHECK(refusal(0, UINT64_MAX, LO_CRYPT_NONE, 0) == -EOVERFLOW, "limit too large");
	CHECK(refusal(0, 0, LO_CRYPT_XOR, 0) == -EINVAL, "xor");
	CHECK(refusal(0, 0, LO_CRYPT_CRYPTOAPI, 0) == -EINVAL, "cryptoloop");
	CHECK(refusal(0, 0, 99, 0) == -EINVAL, "unknown encryption");
	CHECK(refusal(0, 0, LO_CRYPT_NONE, LO_KEY_SIZE + 1) == -EINVAL, "key too long");
	CHECK(refusal(1ULL << 63, 0, LO_CRYPT_XOR, 0) == -EINVAL, "encryption is looked at first");
}

static void check_old_struct(void)
{
	struct loop_info64 info = {
		.lo_number = 3,
		.lo_device = 0x802,
		.lo_inode = 77,
		.lo_rdevice = 0x700,
		.lo_offset = INT32_MAX,
		.lo_flags = LO_FLAGS_AUTOCLEAR,
		.lo_file_name = "disk.img",
	};
	struct loop_info64 back;
	struct loop_info old;

	CHECK(reloop_info_to_old(&info, &old) == 0, "fits the old struct");
	reloop_info_from_old(&old, &back);
	CHECK(!memcmp(&info, &back, sizeof(info)), "there and back is the same");

	info.lo_sizelimit = 4096;
	CHECK(reloop_info_to_old(&info, &old) == 0, "a size limit gets lost");
	reloop_info_from_old(&old, &back);
	CHECK(back.lo_sizelimit == 0, "and comes back as none");

	info.lo_offset = (uint64_t)INT32_MAX + 1;
	CHECK(reloop_info_to_old(&info, &old) == -EOVERFLOW, "offset of 2 GiB");
	info.lo_offset = UINT32_MAX + 1ULL;
	CHECK(reloop_info_to_old(&info, &old) == -EOVERFLOW, "offset of 4 GiB");

	memset(&old, 0, sizeof(old));
	old.lo_offset = -1;
	reloop_info_from_old(&old, &back);
	CHECK(reloop_info_check(&back) == -EOVERFLOW, "a negative offset is refused");
}

int main(void)
{
	check_refusals();
	check_old_struct();

	return check_end();
}
