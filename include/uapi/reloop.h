/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What reloop adds to <linux/loop.h>, for the module and for programs.
 *
 * The control ioctls, the device ioctls and their structs are those of
 * <linux/loop.h>, unchanged. What is added are two ioctls of the control
 * node. A driver that does not have them answers ENOSYS.
 */
#ifndef _UAPI_RELOOP_H
#define _UAPI_RELOOP_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define RELOOP_VERSION		"0.1.0"

/*
 * The module's parameter "names" reads as one of these once it is loaded.
 * Devices are /dev/<names>N, the control node is /dev/<names>-control.
 */
#define RELOOP_NAMES_LOOP	"loop"
#define RELOOP_NAMES_OWN	"reloop"
#define RELOOP_NAMES_CONTROL	"-control"

/*
 * The structs below begin with their size, which the caller sets to that of
 * the struct it was built with, and may grow at the end. A module that knows
 * less of them than the caller takes what it does not know if it is zero, and
 * answers E2BIG if it is not; one that knows more takes the rest as zero. The
 * first versions are the smallest that are taken; below that is EINVAL.
 */
#define RELOOP_ATTACH_SIZE_VER0		120
#define RELOOP_DETACH_SIZE_VER0		24

/*
 * A label: up to 63 printable characters of ASCII and a zero; no slash, and
 * neither "." nor ".."; and not "-part" and digits at the end, which is what
 * the links to partitions have there. Empty means none.
 */
#define RELOOP_LABEL_SIZE		64

/*
 * Flags of RELOOP_CTL_ATTACH. The first three are those of <linux/loop.h>.
 * LO_FLAGS_AUTOCLEAR is not one of them: nobody has the device open when the
 * call returns, so whoever looked at it first would detach it.
 *
 * OWNER: the device belongs to the open file that the ioctl was called on.
 *	When the last file descriptor of that is closed, by a program or by
 *	its end, the device is detached, as soon as nobody has it open, and
 *	removed if the call made it.
 * FLUSH_IGNORE: what asks for data to be made durable is answered at once
 *	and does nothing. A crash of the machine may leave a file that is
 *	damaged beyond repair: for images that are made anew then.
 */
#define RELOOP_ATTACH_READ_ONLY		0x00000001	/* LO_FLAGS_READ_ONLY */
#define RELOOP_ATTACH_PARTSCAN		0x00000008	/* LO_FLAGS_PARTSCAN */
#define RELOOP_ATTACH_DIRECT_IO		0x00000010	/* LO_FLAGS_DIRECT_IO */
#define RELOOP_ATTACH_OWNER		0x00010000
#define RELOOP_ATTACH_FLUSH_IGNORE	0x00020000

/**
 * struct reloop_attach - a file to attach, and the device that it got
 * @size: in: of this struct
 * @flags: in: RELOOP_ATTACH_*; out: those in force, which has READ_ONLY where
 *	the file cannot be written, and has DIRECT_IO only where it is possible
 * @fd: in: file descriptor of the backing file
 * @number: in: N of the device, made if it is not there; -1 for any that is
 *	free, or else a new one; out: N of the device
 * @block_size: in: logical block size in bytes, 0 for the default; out: the
 *	one in force
 * @reserved: in: 0
 * @offset: in: where in the file the device begins, in bytes
 * @size_limit: in: upper limit of the device's size in bytes, 0 for none
 * @capacity: out: the device's size in bytes
 * @diskseq: out: sequence number of the disk: no other medium of any disk has
 *	had it or gets it; for RELOOP_CTL_DETACH
 * @label: in: a name that no other attached device has; also lo_file_name of
 *	LOOP_GET_STATUS64
 *
 * What is "out" is not looked at, and only changed when the call succeeds.
 */
struct reloop_attach {
	__u32		size;
	__u32		flags;
	__s32		fd;
	__s32		number;
	__u32		block_size;
	__u32		reserved;
	__aligned_u64	offset;
	__aligned_u64	size_limit;
	__aligned_u64	capacity;
	__aligned_u64	diskseq;
	char		label[RELOOP_LABEL_SIZE];
};

/**
 * struct reloop_detach - which device to detach, and how long to wait
 * @size: in: of this struct
 * @flags: in: 0
 * @number: in: N of the device
 * @timeout_ms: in: milliseconds to wait; 0 not to, less to wait without end
 * @diskseq: in: sequence number of the disk, see struct reloop_attach; also
 *	in /sys/block/loopN/diskseq
 */
struct reloop_detach {
	__u32		size;
	__u32		flags;
	__s32		number;
	__s32		timeout_ms;
	__aligned_u64	diskseq;
};

/*
 * The numbers have a direction, which those of <linux/loop.h> do not, so they
 * are none of these. The size in them is that of the member "size", since
 * that of the structs may grow.
 *
 * RELOOP_CTL_ATTACH: find or make a device and attach a file to it, in one.
 *	Where any device will do, it does not matter who else attaches at the
 *	same time. The device has its partitions when the call returns.
 * RELOOP_CTL_DETACH: detach a device, as LOOP_CLR_FD does: when nobody has it
 *	open any more. Waits until that has happened and the module has let go
 *	of the file. When the call ends without that (ETIMEDOUT, EINTR), the
 *	device is detached later all the same, unless LOOP_SET_STATUS64 takes
 *	LO_FLAGS_AUTOCLEAR from it until then.
 */
#define RELOOP_CTL_ATTACH	_IOWR('L', 0xa0, __u32)
#define RELOOP_CTL_DETACH	_IOW('L', 0xa1, __u32)

#endif /* _UAPI_RELOOP_H */
