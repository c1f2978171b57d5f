// SPDX-License-Identifier: GPL-2.0-only
/* LOOP_SET_STATUS64, LOOP_GET_STATUS64 and the old pair of them. */
#include <limits.h>

#include "contract.h"

#define LONG_NAME	"0123456789012345678901234567890123456789012345678901234567890123"

#define STATUS64(_case, ...) { .name = "set-status64/" _case, .call = set_status64, __VA_ARGS__ }
#define STATUS(_case, ...) { .name = "set-status/" _case, .call = set_status, __VA_ARGS__ }
#define DIRECT(...)	ATTACHED(FLAGS(LO_FLAGS_DIRECT_IO), __VA_ARGS__)

const struct row set_status_rows[] = {
	STATUS64("same", ATTACHED()),
	STATUS64("unattached"),
	STATUS64("offset", ATTACHED(), .info.lo_offset = 4096),
	STATUS64("offset-unaligned", ATTACHED(), .info.lo_offset = 1000),
	STATUS64("offset-beyond-end", ATTACHED(), .info.lo_offset = 1 << 21),
	STATUS64("offset-negative", ATTACHED(), .info.lo_offset = -512LL),
	STATUS64("offset-back", ATTACHED(.info.lo_offset = 4096)),
	STATUS64("sizelimit", ATTACHED(), .info.lo_sizelimit = 65536),
	STATUS64("sizelimit-unaligned", ATTACHED(), .info.lo_sizelimit = 1000),
	STATUS64("sizelimit-beyond-end", ATTACHED(), .info.lo_sizelimit = 1 << 21),
	STATUS64("sizelimit-negative", ATTACHED(), .info.lo_sizelimit = -512LL),
	STATUS64("sizelimit-none", ATTACHED(.info.lo_sizelimit = 65536)),
	STATUS64("name", ATTACHED(), .info.lo_file_name = "a name"),
	STATUS64("name-none", ATTACHED(.info.lo_file_name = "a name")),
	STATUS64("name-unterminated", ATTACHED(), .info.lo_file_name = LONG_NAME),
	STATUS64("encrypt-xor", ATTACHED(), .info.lo_encrypt_type = LO_CRYPT_XOR),
	STATUS64("encrypt-cryptoapi", ATTACHED(), .info.lo_encrypt_type = LO_CRYPT_CRYPTOAPI),
	STATUS64("encrypt-unknown", ATTACHED(), .info.lo_encrypt_type = 999),
	STATUS64("encrypt-key", ATTACHED(), .info.lo_encrypt_key_size = LO_KEY_SIZE),
	STATUS64("encrypt-key-too-long", ATTACHED(), .info.lo_encrypt_key_size = LO_KEY_SIZE + 1),
	STATUS64("encrypt-and-offset", ATTACHED(), .info.lo_encrypt_type = LO_CRYPT_XOR,
		 .info.lo_offset = 4096, FLAGS(LO_FLAGS_AUTOCLEAR), .info.lo_file_name = "a name"),
	STATUS64("answer-fields", ATTACHED(), .info.lo_number = 7, .info.lo_device = 8,
		 .info.lo_inode = 9, .info.lo_rdevice = 10, .info.lo_init = { 11, 12 }),

	STATUS64("read-only-set", ATTACHED(), FLAGS(LO_FLAGS_READ_ONLY)),
	STATUS64("read-only-cleared", ATTACHED(FLAGS(LO_FLAGS_READ_ONLY))),
	STATUS64("autoclear-set", ATTACHED(), FLAGS(LO_FLAGS_AUTOCLEAR)),
	STATUS64("autoclear-cleared", ATTACHED(FLAGS(LO_FLAGS_AUTOCLEAR))),
	STATUS64("partscan-set", ATTACHED(), .before_file = FILE_PARTITIONED,
		 FLAGS(LO_FLAGS_PARTSCAN)),
	STATUS64("partscan-set-and-offset", ATTACHED(.info.lo_offset = 4096),
		 .before_file = FILE_PARTITIONED, FLAGS(LO_FLAGS_PARTSCAN)),
	STATUS64("partscan-cleared", ATTACHED(FLAGS(LO_FLAGS_PARTSCAN)),
		 .before_file = FILE_PARTITIONED),
	STATUS64("direct-io-set", ATTACHED(), FLAGS(LO_FLAGS_DIRECT_IO)),
	STATUS64("direct-io-cleared", DIRECT()),
	STATUS64("direct-io-unaligned-offset", DIRECT(), FLAGS(LO_FLAGS_DIRECT_IO),
		 .info.lo_offset = 1000),
	STATUS64("direct-io-aligned-again", DIRECT(.info.lo_offset = 1000),
		 FLAGS(LO_FLAGS_DIRECT_IO)),
	STATUS64("flag-unknown", ATTACHED(), FLAGS(1U << 20)),
	STATUS64("flag-all", ATTACHED(), FLAGS(UINT_MAX)),

	STATUS64("null", ATTACHED(), .pointer = POINTER_NULL),
	STATUS64("bad-pointer", ATTACHED(), .pointer = POINTER_NOWHERE),
	STATUS64("unattached-null", .pointer = POINTER_NULL),
	STATUS64("other-exclusive", ATTACHED(), .info.lo_offset = 4096, .rival = RIVAL_EXCLUSIVE),
	STATUS64("mounted", ATTACHED(), .before_file = FILE_FS, .info.lo_sizelimit = 1 << 19,
		 .rival = RIVAL_MOUNT),
	STATUS64("open-read-only", ATTACHED(), .info.lo_offset = 4096, .open = OPEN_READ_ONLY),
	STATUS64("nobody", ATTACHED(), .info.lo_offset = 4096, .caller = CALLER_NOBODY),
	STATUS64("nobody-open-read-only", ATTACHED(), .info.lo_offset = 4096,
		 .open = OPEN_READ_ONLY, .caller = CALLER_NOBODY),
	STATUS64("nobody-open-read-only-null", ATTACHED(), .pointer = POINTER_NULL,
		 .open = OPEN_READ_ONLY, .caller = CALLER_NOBODY),
	STATUS64("nobody-open-read-only-unattached", .open = OPEN_READ_ONLY,
		 .caller = CALLER_NOBODY),
	STATUS64("without-sys-admin-open-read-only", ATTACHED(), .info.lo_offset = 4096,
		 .open = OPEN_READ_ONLY, .caller = CALLER_WITHOUT_SYS_ADMIN),

	STATUS("same", ATTACHED()),
	STATUS("unattached"),
	STATUS("offset", ATTACHED(), .info.lo_offset = 4096),
	STATUS("offset-negative", ATTACHED(), .info.lo_offset = -512LL),
	STATUS("sizelimit", ATTACHED(.info.lo_sizelimit = 65536)),
	STATUS("name", ATTACHED(), .info.lo_file_name = "a name"),
	STATUS("name-unterminated", ATTACHED(), .info.lo_file_name = LONG_NAME),
	STATUS("encrypt-xor", ATTACHED(), .info.lo_encrypt_type = LO_CRYPT_XOR),
	STATUS("encrypt-key-too-long", ATTACHED(), .info.lo_encrypt_key_size = LO_KEY_SIZE + 1),
	STATUS("autoclear-set", ATTACHED(), FLAGS(LO_FLAGS_AUTOCLEAR)),
	STATUS("autoclear-cleared", ATTACHED(FLAGS(LO_FLAGS_AUTOCLEAR))),
	STATUS("partscan-set", ATTACHED(), .before_file = FILE_PARTITIONED,
	       FLAGS(LO_FLAGS_PARTSCAN)),
	STATUS("flag-all", ATTACHED(), FLAGS(UINT_MAX)),
	STATUS("null", ATTACHED(), .pointer = POINTER_NULL),
	STATUS("bad-pointer", ATTACHED(), .pointer = POINTER_NOWHERE),
	STATUS("open-read-only", ATTACHED(), .info.lo_offset = 4096, .open = OPEN_READ_ONLY),
	STATUS("nobody", ATTACHED(), .info.lo_offset = 4096, .caller = CALLER_NOBODY),
	STATUS("nobody-open-read-only", ATTACHED(), .info.lo_offset = 4096,
	       .open = OPEN_READ_ONLY, .caller = CALLER_NOBODY),
	{ }
};

#define GET64(_case, ...) { .name = "get-status64/" _case, .call = get_status64, __VA_ARGS__ }
#define ALL_FLAGS	(LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN | \
			 LO_FLAGS_DIRECT_IO)

/* The number of a disk's device does not fit the struct of a 32-bit program, that of tmpfs does. */
#define GET(_case, ...) \
	{ .name = "get-status/" _case, .call = get_status, .before_file = FILE_TMPFS, __VA_ARGS__ }

const struct row get_status_rows[] = {
	GET64("plain", ATTACHED()),
	GET64("everything", ATTACHED(FLAGS(ALL_FLAGS), .info.lo_offset = 4096,
				     .info.lo_sizelimit = 65536, .info.lo_file_name = "a name",
				     .info.lo_encrypt_key_size = 7)),
	GET64("offset-largest", ATTACHED(.info.lo_offset = LLONG_MAX,
					 .info.lo_sizelimit = LLONG_MAX)),
	GET64("unattached"),
	GET64("unattached-null", .pointer = POINTER_NULL),
	GET64("null", ATTACHED(), .pointer = POINTER_NULL),
	GET64("bad-pointer", ATTACHED(), .pointer = POINTER_NOWHERE),
	GET64("nobody-open-read-only", ATTACHED(), .open = OPEN_READ_ONLY,
	      .caller = CALLER_NOBODY),

	GET("plain", ATTACHED()),
	GET("everything", ATTACHED(FLAGS(ALL_FLAGS & ~LO_FLAGS_DIRECT_IO), .info.lo_offset = 4096,
				   .info.lo_sizelimit = 65536, .info.lo_file_name = "a name",
				   .info.lo_encrypt_key_size = 7)),
	GET("offset-2g-less-512", ATTACHED(.info.lo_offset = (1U << 31) - 512)),
	GET("offset-2g", ATTACHED(.info.lo_offset = 1U << 31)),
	GET("offset-4g", ATTACHED(.info.lo_offset = 1ULL << 32)),
	GET("offset-largest", ATTACHED(.info.lo_offset = LLONG_MAX)),
	GET("sizelimit-4g", ATTACHED(.info.lo_sizelimit = 1ULL << 32)),
	GET("unattached"),
	GET("unattached-null", .pointer = POINTER_NULL),
	GET("null", ATTACHED(), .pointer = POINTER_NULL),
	GET("bad-pointer", ATTACHED(), .pointer = POINTER_NOWHERE),
	GET("nobody-open-read-only", ATTACHED(), .open = OPEN_READ_ONLY, .caller = CALLER_NOBODY),
	{ .name = "get-status/file-on-disk", .call = get_status, ATTACHED() },
	{ }
};
