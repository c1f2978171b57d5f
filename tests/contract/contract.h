/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ioctls of loop devices, one call at a time, each on a new device; and
 * what each call answered and changed.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <linux/loop.h>
#include <stdbool.h>
#include <stddef.h>

/* What a file descriptor that is handed to the driver refers to. */
enum file_kind {
	FILE_IMAGE,		/* 1 MiB, open for reading and writing */
	FILE_READ_ONLY,		/* the same image, open for reading */
	FILE_WRITE_ONLY,
	FILE_O_PATH,
	FILE_O_DIRECT,
	FILE_O_APPEND,
	FILE_SAME_SIZE,		/* another image of 1 MiB */
	FILE_LARGER,		/* 2 MiB */
	FILE_EMPTY,
	FILE_ODD_SIZE,		/* 1 MiB and 700 bytes */
	FILE_PARTITIONED,	/* 1 MiB with one partition */
	FILE_FS,		/* with an ext4 file system */
	FILE_TMPFS,
	FILE_4K,		/* on a disk with sectors of 4096 bytes */
	FILE_4K_O_DIRECT,	/* the same, open for direct I/O */
	FILE_DISK_4K,		/* that disk */
	FILE_DIRECTORY,
	FILE_PIPE,
	FILE_SOCKET,
	FILE_CHAR,		/* /dev/null */
	FILE_EVENTFD,
	FILE_PROC,		/* a regular file that has no size */
	FILE_NEGATIVE,		/* the number -1 */
	FILE_CLOSED,		/* a number that no file has */
	FILE_SELF,		/* the device itself */
	FILE_UNBOUND_LOOP,	/* another loop device */
	FILE_BOUND_LOOP,	/* one that is attached to an image */
	FILE_CIRCLE_2,		/* one that is attached to the device */
	FILE_CIRCLE_3,		/* one that is attached to one that is */
	FILE_KINDS
};

/* How the caller has opened the device. */
enum openness { OPEN_READ_WRITE, OPEN_READ_ONLY, OPEN_WRITE_ONLY, OPEN_EXCLUSIVE };

/* Who else has it open meanwhile. */
enum rival {
	RIVAL_NONE,
	RIVAL_READER,
	RIVAL_WRITER,
	RIVAL_EXCLUSIVE,
	RIVAL_MOUNT,		/* a file system, read-only */
	RIVAL_PARTITION,	/* somebody who reads its first partition */
};

/* As whom the ioctl is called; the device was opened by root in any case. */
enum caller { CALLER_ROOT, CALLER_NOBODY, CALLER_WITHOUT_SYS_ADMIN };

/* Where the ioctl's struct is. */
enum pointer { POINTER_VALID, POINTER_NULL, POINTER_NOWHERE };

/* On which node the ioctl is called. */
enum node { NODE_DISK, NODE_PARTITION, NODE_CONTROL };

/* What happens after the call, and is told as well. */
enum aftermath { AFTER_NOTHING, AFTER_CLOSE };

struct row;

/**
 * struct world - what there is while one row is tried
 * @fd: the node that the row is about, as the caller has it open
 * @file: the file descriptor that is handed to the driver
 * @rival: somebody else's file descriptor of the device, or -1
 * @note: what the call has to tell beside its result
 */
struct world {
	int fd;
	int file;
	int rival;
	char note[256];
};

/* Returns what the system call does: -1 and errno for an error. */
typedef int call_fn(struct world *world, const struct row *row);

/**
 * struct row - one row of the contract: a state, a call and its argument
 * @name: the row's name in docs/uapi.md
 * @call: the ioctl
 * @before: how the device is attached before the call; NULL: it is not
 * @before_file: to what
 * @prepare: what else has to be done before the call, or NULL
 * @file: the file that is handed to the driver
 * @block_size: for LOOP_CONFIGURE
 * @reserved: for LOOP_CONFIGURE: the reserved words are not zero
 * @info: for LOOP_CONFIGURE and LOOP_SET_STATUS
 * @pointer: where the struct is
 * @arg: the argument of ioctls that take a number
 * @open: how the caller has the device open
 * @rival: who else has
 * @caller: as whom the ioctl is called
 * @node: on which node
 * @after: what else is told
 */
struct row {
	const char *name;
	call_fn *call;
	const struct loop_config *before;
	enum file_kind before_file;
	void (*prepare)(struct world *world);
	enum file_kind file;
	__u32 block_size;
	bool reserved;
	struct loop_info64 info;
	enum pointer pointer;
	unsigned long arg;
	enum openness open;
	enum rival rival;
	enum caller caller;
	enum node node;
	enum aftermath after;
};

/* Attached to FILE_IMAGE, and with what is set of the struct's members. */
#define ATTACHED(...)	.before = &(const struct loop_config){ __VA_ARGS__ }
#define FLAGS(_flags)	.info.lo_flags = (_flags)

/* A group of rows ends with one that has no name. */
extern const struct row configure_rows[];
extern const struct row set_fd_rows[];
extern const struct row change_fd_rows[];
extern const struct row set_status_rows[];
extern const struct row get_status_rows[];
extern const struct row set_capacity_rows[];
extern const struct row set_direct_io_rows[];
extern const struct row set_block_size_rows[];
extern const struct row clr_fd_rows[];
extern const struct row control_rows[];
extern const struct row partition_rows[];
extern const struct row unknown_rows[];
extern const struct row flag_rows[];

/* The calls that several groups have. calls.c */
call_fn configure, set_fd, change_fd, clr_fd, set_status64, get_status64,
	set_status, get_status, set_capacity, set_direct_io, set_block_size;

/* world.c */

#define DEVICE_INDEX	100
#define DEVICE_NAME	"loop100"
#define DEVICE_NODE	"/dev/" DEVICE_NAME
#define SYSFS_DIRECTORY	"/sys/block/" DEVICE_NAME

/* Make the files; @disk has sectors of 4096 bytes and is mounted on @on_disk. */
void world_prepare(const char *dir, const char *tmpfs, const char *disk, const char *on_disk);
void world_enter(struct world *world, const struct row *row);
void world_call_as(enum caller caller);
void world_close(int *fd);
void world_end_rival(struct world *world);
/* Detach and remove the device. Returns whether a file of the row is still in use. */
bool world_leave(struct world *world, const struct row *row);

/* Write to the device, into its page cache; and tell whether the image has it. */
void world_make_dirty(struct world *world);
void world_tell_dirty(struct world *world);

/* Open the device once more and close it: 0, or -1 with errno. */
int open_once_more(int flags);

const char *file_path(enum file_kind kind);
int file_open(enum file_kind kind);

/* snapshot.c: all that can be seen of the device. */

struct snapshot;

/* @fd: a file descriptor of the device, or -1 */
struct snapshot *snapshot_take(int fd);
void snapshot_free(struct snapshot *snapshot);

/*
 * Write what has changed to @text, and return how many changes there are;
 * @all: everything, and not only what users look at.
 */
int snapshot_compare(const struct snapshot *before, const struct snapshot *after,
		     bool all, char *text, size_t size);

/* uevents.c: those of the device and its partitions. */
void uevents_listen(void);
void uevents_forget(void);
/* Append those that came since to @text; returns how many. */
int uevents_tell(char *text, size_t size);

/* contract.c */
void die(const char *what) __attribute__((noreturn));
void append(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* CONTRACT_H */
