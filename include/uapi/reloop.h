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
#define RELOOP_ATTACH_SIZE_VER1		136
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
 * ANY_BASE: the base of an overlay need not be as the overlay has noted it.
 */
#define RELOOP_ATTACH_READ_ONLY		0x00000001	/* LO_FLAGS_READ_ONLY */
#define RELOOP_ATTACH_PARTSCAN		0x00000008	/* LO_FLAGS_PARTSCAN */
#define RELOOP_ATTACH_DIRECT_IO		0x00000010	/* LO_FLAGS_DIRECT_IO */
#define RELOOP_ATTACH_OWNER		0x00010000
#define RELOOP_ATTACH_FLUSH_IGNORE	0x00020000
#define RELOOP_ATTACH_ANY_BASE		0x00040000

/*
 * What the file is to be taken for; it is never guessed.
 *
 * RAW: it holds the data as it is.
 * OVERLAY: a qcow2 image as include/reloop_qcow2.h has it, over a base that
 *	is taken as it is. No name in it is read.
 */
#define RELOOP_FORMAT_RAW		0
#define RELOOP_FORMAT_OVERLAY		1

/**
 * enum reloop_reason - what is the matter with a file, where an errno says too little
 * @RELOOP_REASON_NONE: nothing, or the errno says it
 * @RELOOP_REASON_NOT_QCOW2: EINVAL: it does not begin as a qcow2 image
 * @RELOOP_REASON_VERSION: EINVAL: the image is of another version than 3
 * @RELOOP_REASON_HEADER: EINVAL: the header contradicts itself
 * @RELOOP_REASON_DIRTY: EINVAL: refcounts are old: a program ended while it wrote
 * @RELOOP_REASON_CORRUPT: EINVAL: a program has found the image damaged
 * @RELOOP_REASON_EXTERNAL_DATA: EINVAL: the data is in another file
 * @RELOOP_REASON_FEATURE: EINVAL: it has a feature that is not known here
 * @RELOOP_REASON_STANDARD_L2: EINVAL: it has no extended L2 entries
 * @RELOOP_REASON_CLUSTER: EINVAL: its clusters are not of 128 KiB
 * @RELOOP_REASON_ENCRYPTED: EINVAL: it is encrypted
 * @RELOOP_REASON_SNAPSHOTS: EINVAL: it has internal snapshots
 * @RELOOP_REASON_SIZE: EINVAL: its size is 0, no multiple of 512 or too large
 * @RELOOP_REASON_REFCOUNTS: EINVAL: its refcounts are not of 16 bits
 * @RELOOP_REASON_TABLE: EINVAL: a table lies outside of the file or on
 *	another one, or not at the beginning of a cluster
 * @RELOOP_REASON_CLUSTERS: EINVAL: a cluster lies outside of the file, or two
 *	in one place
 * @RELOOP_REASON_COMPRESSED: EINVAL: a cluster is compressed
 * @RELOOP_REASON_PIECES: EINVAL: a piece is there and zero at once
 * @RELOOP_REASON_SHORT: EINVAL: the file ends before the image does
 * @RELOOP_REASON_COMMITTING: EBUSY: a commit or a reset was interrupted and is to
 *	be ended first
 * @RELOOP_REASON_BASE_CHANGED: ESTALE: the base is not as it was when the
 *	overlay was made
 * @RELOOP_REASON_BASE_BUSY: ETXTBSY: the base is open for writing
 * @RELOOP_REASON_BASE_KIND: EINVAL: the base is neither a regular file nor a
 *	block device, or the overlay itself
 * @RELOOP_REASON_BASE_SIZE: EINVAL: the base is smaller than the overlay and its
 *	size no multiple of 512
 * @RELOOP_REASON_NO_BASE: EINVAL: the overlay names no base, so it is complete
 * @RELOOP_REASON_BASE_FORMAT: EINVAL: the overlay takes its base for something
 *	else than a raw image
 * @RELOOP_REASON_NO_PLACE: no error: attached read-only, since not each cluster
 *	has a place of its own
 */
enum reloop_reason {
	RELOOP_REASON_NONE,
	RELOOP_REASON_NOT_QCOW2,
	RELOOP_REASON_VERSION,
	RELOOP_REASON_HEADER,
	RELOOP_REASON_DIRTY,
	RELOOP_REASON_CORRUPT,
	RELOOP_REASON_EXTERNAL_DATA,
	RELOOP_REASON_FEATURE,
	RELOOP_REASON_STANDARD_L2,
	RELOOP_REASON_CLUSTER,
	RELOOP_REASON_ENCRYPTED,
	RELOOP_REASON_SNAPSHOTS,
	RELOOP_REASON_SIZE,
	RELOOP_REASON_REFCOUNTS,
	RELOOP_REASON_TABLE,
	RELOOP_REASON_CLUSTERS,
	RELOOP_REASON_COMPRESSED,
	RELOOP_REASON_PIECES,
	RELOOP_REASON_SHORT,
	RELOOP_REASON_COMMITTING,
	RELOOP_REASON_BASE_CHANGED,
	RELOOP_REASON_BASE_BUSY,
	RELOOP_REASON_BASE_KIND,
	RELOOP_REASON_BASE_SIZE,
	RELOOP_REASON_NO_BASE,
	RELOOP_REASON_BASE_FORMAT,
	RELOOP_REASON_NO_PLACE,
};

/* Of @nospace: write again until there is space. */
#define RELOOP_NOSPACE_WAIT		0xffffffff

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
 * @format: in: RELOOP_FORMAT_*
 * @base_fd: in: of RELOOP_FORMAT_OVERLAY: file descriptor of the base, open for
 *	reading; as long as the device is attached nobody can open it for
 *	writing, if it is a regular file
 * @nospace: in: how many seconds a write waits for space where there is none;
 *	0 to fail at once
 * @reason: out: enum reloop_reason
 *
 * What is "out" is not looked at, and only changed when the call succeeds; but
 * @reason also when it fails, where the struct has it.
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
	__u32		format;
	__s32		base_fd;
	__u32		nospace;
	__u32		reason;
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
