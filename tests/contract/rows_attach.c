// SPDX-License-Identifier: GPL-2.0-only
/* LOOP_CONFIGURE, LOOP_SET_FD and LOOP_CHANGE_FD: what takes a file. */
#include <limits.h>

#include "contract.h"

#define UNKNOWN_FLAG	0x100000
#define LONG_NAME	"0123456789012345678901234567890123456789012345678901234567890123"

#define CONFIGURE(_case, ...) { .name = "configure/" _case, .call = configure, __VA_ARGS__ }

const struct row configure_rows[] = {
	CONFIGURE("plain"),
	CONFIGURE("attached", ATTACHED(), .file = FILE_SAME_SIZE),
	CONFIGURE("attached-closed-fd", ATTACHED(), .file = FILE_CLOSED),
	CONFIGURE("attached-unknown-flag", ATTACHED(), FLAGS(UNKNOWN_FLAG)),

	/* the struct */
	CONFIGURE("flag-read-only", FLAGS(LO_FLAGS_READ_ONLY)),
	CONFIGURE("flag-autoclear", FLAGS(LO_FLAGS_AUTOCLEAR)),
	CONFIGURE("flag-partscan", FLAGS(LO_FLAGS_PARTSCAN), .file = FILE_PARTITIONED),
	CONFIGURE("flag-direct-io", FLAGS(LO_FLAGS_DIRECT_IO)),
	CONFIGURE("flag-all-four", FLAGS(LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR |
					 LO_FLAGS_PARTSCAN | LO_FLAGS_DIRECT_IO)),
	CONFIGURE("flag-2", FLAGS(2)),
	CONFIGURE("flag-32", FLAGS(32)),
	CONFIGURE("flag-unknown", FLAGS(UNKNOWN_FLAG)),
	CONFIGURE("flag-all", FLAGS(UINT_MAX)),
	CONFIGURE("reserved-words", .reserved = true),
	CONFIGURE("offset", .info.lo_offset = 4096),
	CONFIGURE("offset-unaligned", .info.lo_offset = 1000),
	CONFIGURE("offset-at-end", .info.lo_offset = 1 << 20),
	CONFIGURE("offset-beyond-end", .info.lo_offset = 1 << 21),
	CONFIGURE("offset-largest", .info.lo_offset = LLONG_MAX),
	CONFIGURE("offset-negative", .info.lo_offset = -512LL),
	CONFIGURE("sizelimit", .info.lo_sizelimit = 65536),
	CONFIGURE("sizelimit-unaligned", .info.lo_sizelimit = 1000),
	CONFIGURE("sizelimit-less-than-sector", .info.lo_sizelimit = 100),
	CONFIGURE("sizelimit-beyond-end", .info.lo_sizelimit = 1 << 21),
	CONFIGURE("sizelimit-largest", .info.lo_sizelimit = LLONG_MAX),
	CONFIGURE("sizelimit-negative", .info.lo_sizelimit = -512LL),
	CONFIGURE("offset-and-sizelimit", .info.lo_offset = 4096, .info.lo_sizelimit = 8192),
	CONFIGURE("name", .info.lo_file_name = "a name"),
	CONFIGURE("name-unterminated", .info.lo_file_name = LONG_NAME),
	CONFIGURE("encrypt-xor", .info.lo_encrypt_type = LO_CRYPT_XOR),
	CONFIGURE("encrypt-cryptoapi", .info.lo_encrypt_type = LO_CRYPT_CRYPTOAPI),
	CONFIGURE("encrypt-unknown", .info.lo_encrypt_type = 999),
	CONFIGURE("encrypt-key", .info.lo_encrypt_key_size = LO_KEY_SIZE,
		  .info.lo_encrypt_key = "key"),
	CONFIGURE("encrypt-key-too-long", .info.lo_encrypt_key_size = LO_KEY_SIZE + 1),
	CONFIGURE("answer-fields", .info.lo_number = 7, .info.lo_device = 8, .info.lo_inode = 9,
		  .info.lo_rdevice = 10, .info.lo_init = { 11, 12 }),
	CONFIGURE("null", .pointer = POINTER_NULL),
	CONFIGURE("bad-pointer", .pointer = POINTER_NOWHERE),

	/* the block size */
	CONFIGURE("block-size-1", .block_size = 1),
	CONFIGURE("block-size-256", .block_size = 256),
	CONFIGURE("block-size-511", .block_size = 511),
	CONFIGURE("block-size-512", .block_size = 512),
	CONFIGURE("block-size-513", .block_size = 513),
	CONFIGURE("block-size-1024", .block_size = 1024),
	CONFIGURE("block-size-2048", .block_size = 2048),
	CONFIGURE("block-size-3000", .block_size = 3000),
	CONFIGURE("block-size-4096", .block_size = 4096),
	CONFIGURE("block-size-8192", .block_size = 8192),
	CONFIGURE("block-size-65536", .block_size = 65536),
	CONFIGURE("block-size-131072", .block_size = 131072),
	CONFIGURE("block-size-largest", .block_size = 1U << 31),
	CONFIGURE("block-size-minus-1", .block_size = UINT_MAX),
	CONFIGURE("block-size-4096-odd-size", .block_size = 4096, .file = FILE_ODD_SIZE),

	/* the file */
	CONFIGURE("file-read-only", .file = FILE_READ_ONLY),
	CONFIGURE("file-write-only", .file = FILE_WRITE_ONLY),
	CONFIGURE("file-append", .file = FILE_O_APPEND),
	CONFIGURE("file-o-direct", .file = FILE_O_DIRECT),
	CONFIGURE("file-empty", .file = FILE_EMPTY),
	CONFIGURE("file-odd-size", .file = FILE_ODD_SIZE),
	CONFIGURE("file-proc", .file = FILE_PROC),
	CONFIGURE("file-disk", .file = FILE_DISK_4K),
	CONFIGURE("fd-minus-1", .file = FILE_NEGATIVE),
	CONFIGURE("fd-closed", .file = FILE_CLOSED),
	CONFIGURE("fd-o-path", .file = FILE_O_PATH),
	CONFIGURE("fd-directory", .file = FILE_DIRECTORY),
	CONFIGURE("fd-pipe", .file = FILE_PIPE),
	CONFIGURE("fd-socket", .file = FILE_SOCKET),
	CONFIGURE("fd-char-device", .file = FILE_CHAR),
	CONFIGURE("fd-eventfd", .file = FILE_EVENTFD),
	CONFIGURE("fd-self", .file = FILE_SELF),
	CONFIGURE("fd-other-loop", .file = FILE_BOUND_LOOP),
	CONFIGURE("fd-unattached-loop", .file = FILE_UNBOUND_LOOP),
	CONFIGURE("fd-closed-unknown-flag", .file = FILE_CLOSED, FLAGS(UNKNOWN_FLAG)),
	CONFIGURE("fd-directory-unknown-flag", .file = FILE_DIRECTORY, FLAGS(UNKNOWN_FLAG)),

	/* who has the device open, and how */
	CONFIGURE("open-read-only", .open = OPEN_READ_ONLY),
	CONFIGURE("open-write-only", .open = OPEN_WRITE_ONLY),
	CONFIGURE("open-exclusive", .open = OPEN_EXCLUSIVE),
	CONFIGURE("other-reader", .rival = RIVAL_READER),
	CONFIGURE("other-writer", .rival = RIVAL_WRITER),
	CONFIGURE("other-exclusive", .rival = RIVAL_EXCLUSIVE),
	CONFIGURE("other-exclusive-unknown-flag", .rival = RIVAL_EXCLUSIVE, FLAGS(UNKNOWN_FLAG)),
	CONFIGURE("nobody", .caller = CALLER_NOBODY),
	CONFIGURE("nobody-open-read-only", .caller = CALLER_NOBODY, .open = OPEN_READ_ONLY),
	CONFIGURE("without-sys-admin", .caller = CALLER_WITHOUT_SYS_ADMIN),
	{ }
};

#define SET_FD(_case, ...) { .name = "set-fd/" _case, .call = set_fd, __VA_ARGS__ }

const struct row set_fd_rows[] = {
	SET_FD("plain"),
	SET_FD("attached", ATTACHED(), .file = FILE_SAME_SIZE),
	SET_FD("file-read-only", .file = FILE_READ_ONLY),
	SET_FD("file-write-only", .file = FILE_WRITE_ONLY),
	SET_FD("file-o-direct", .file = FILE_O_DIRECT),
	SET_FD("file-empty", .file = FILE_EMPTY),
	SET_FD("file-partitioned", .file = FILE_PARTITIONED),
	SET_FD("fd-minus-1", .file = FILE_NEGATIVE),
	SET_FD("fd-closed", .file = FILE_CLOSED),
	SET_FD("fd-o-path", .file = FILE_O_PATH),
	SET_FD("fd-directory", .file = FILE_DIRECTORY),
	SET_FD("fd-pipe", .file = FILE_PIPE),
	SET_FD("fd-socket", .file = FILE_SOCKET),
	SET_FD("fd-char-device", .file = FILE_CHAR),
	SET_FD("fd-self", .file = FILE_SELF),
	SET_FD("fd-other-loop", .file = FILE_BOUND_LOOP),
	SET_FD("fd-unattached-loop", .file = FILE_UNBOUND_LOOP),
	SET_FD("open-read-only", .open = OPEN_READ_ONLY),
	SET_FD("open-exclusive", .open = OPEN_EXCLUSIVE),
	SET_FD("other-exclusive", .rival = RIVAL_EXCLUSIVE),
	SET_FD("nobody", .caller = CALLER_NOBODY),
	{ }
};

#define CHANGE_FD(_case, ...) { .name = "change-fd/" _case, .call = change_fd, __VA_ARGS__ }
#define READ_ONLY(...)	ATTACHED(FLAGS(LO_FLAGS_READ_ONLY), __VA_ARGS__)

const struct row change_fd_rows[] = {
	CHANGE_FD("same-size", READ_ONLY(), .file = FILE_SAME_SIZE),
	CHANGE_FD("same-file", READ_ONLY(), .file = FILE_READ_ONLY),
	CHANGE_FD("larger", READ_ONLY(), .file = FILE_LARGER),
	CHANGE_FD("larger-same-sizelimit", READ_ONLY(.info.lo_sizelimit = 65536),
		  .file = FILE_LARGER),
	CHANGE_FD("larger-same-sectors", READ_ONLY(.info.lo_offset = 4096),
		  .before_file = FILE_SAME_SIZE, .file = FILE_READ_ONLY),
	CHANGE_FD("empty", READ_ONLY(), .file = FILE_EMPTY),
	CHANGE_FD("writable", ATTACHED(), .file = FILE_SAME_SIZE),
	CHANGE_FD("unattached", .file = FILE_SAME_SIZE),
	CHANGE_FD("unattached-fd-closed", .file = FILE_CLOSED),
	CHANGE_FD("unattached-fd-directory", .file = FILE_DIRECTORY),
	CHANGE_FD("read-only-file", ATTACHED(), .before_file = FILE_READ_ONLY,
		  .file = FILE_SAME_SIZE),
	CHANGE_FD("write-only", READ_ONLY(), .file = FILE_WRITE_ONLY),
	CHANGE_FD("o-direct", READ_ONLY(), .file = FILE_O_DIRECT),
	CHANGE_FD("partscan", ATTACHED(FLAGS(LO_FLAGS_READ_ONLY | LO_FLAGS_PARTSCAN)),
		  .file = FILE_PARTITIONED),
	CHANGE_FD("partscan-from", ATTACHED(FLAGS(LO_FLAGS_READ_ONLY | LO_FLAGS_PARTSCAN)),
		  .before_file = FILE_PARTITIONED, .file = FILE_SAME_SIZE),
	CHANGE_FD("autoclear-and-name",
		  ATTACHED(FLAGS(LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR),
			   .info.lo_file_name = "a name"), .file = FILE_SAME_SIZE),
	CHANGE_FD("block-size", READ_ONLY(.block_size = 4096), .file = FILE_SAME_SIZE),
	CHANGE_FD("fd-minus-1", READ_ONLY(), .file = FILE_NEGATIVE),
	CHANGE_FD("fd-closed", READ_ONLY(), .file = FILE_CLOSED),
	CHANGE_FD("fd-o-path", READ_ONLY(), .file = FILE_O_PATH),
	CHANGE_FD("fd-directory", READ_ONLY(), .file = FILE_DIRECTORY),
	CHANGE_FD("fd-pipe", READ_ONLY(), .file = FILE_PIPE),
	CHANGE_FD("fd-socket", READ_ONLY(), .file = FILE_SOCKET),
	CHANGE_FD("fd-char-device", READ_ONLY(), .file = FILE_CHAR),
	CHANGE_FD("fd-self", READ_ONLY(), .file = FILE_SELF),
	CHANGE_FD("fd-other-loop", READ_ONLY(), .file = FILE_BOUND_LOOP),
	CHANGE_FD("fd-unattached-loop", READ_ONLY(), .file = FILE_UNBOUND_LOOP),
	CHANGE_FD("fd-circle-of-2", READ_ONLY(), .file = FILE_CIRCLE_2),
	CHANGE_FD("fd-circle-of-3", READ_ONLY(), .file = FILE_CIRCLE_3),
	CHANGE_FD("open-read-only", READ_ONLY(), .file = FILE_SAME_SIZE, .open = OPEN_READ_ONLY),
	CHANGE_FD("nobody-open-read-only", READ_ONLY(), .file = FILE_SAME_SIZE,
		  .open = OPEN_READ_ONLY, .caller = CALLER_NOBODY),
	CHANGE_FD("other-exclusive", READ_ONLY(), .file = FILE_SAME_SIZE, .rival = RIVAL_EXCLUSIVE),
	CHANGE_FD("mounted", READ_ONLY(), .before_file = FILE_FS, .file = FILE_SAME_SIZE,
		  .rival = RIVAL_MOUNT),
	{ }
};
