/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What reloop adds to <linux/loop.h>, for the module and for programs.
 *
 * The control ioctls, the device ioctls and their structs are those of
 * <linux/loop.h>, unchanged. What is added are four ioctls of the control
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
#define RELOOP_ATTACH_SIZE_VER2		144
#define RELOOP_DETACH_SIZE_VER0		24
#define RELOOP_FAULT_SIZE_VER0		72
#define RELOOP_POWERCUT_SIZE_VER0	56

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
 * UNSHARED: no other device of this driver may have the same bytes of the file
 *	attached, unless neither of the two is to be written to; nor have the file
 *	as the base of an overlay, unless it is only read here; nor write to the
 *	base. Else the call fails with EBUSY, a reason and a user.
 */
#define RELOOP_ATTACH_READ_ONLY		0x00000001	/* LO_FLAGS_READ_ONLY */
#define RELOOP_ATTACH_PARTSCAN		0x00000008	/* LO_FLAGS_PARTSCAN */
#define RELOOP_ATTACH_DIRECT_IO		0x00000010	/* LO_FLAGS_DIRECT_IO */
#define RELOOP_ATTACH_OWNER		0x00010000
#define RELOOP_ATTACH_FLUSH_IGNORE	0x00020000
#define RELOOP_ATTACH_ANY_BASE		0x00040000
#define RELOOP_ATTACH_UNSHARED		0x00080000

/*
 * What the file is to be taken for; it is never guessed.
 *
 * RAW: it holds the data as it is.
 * OVERLAY: a qcow2 image as include/reloop_qcow2.h has it, over a base that
 *	is taken as it is. No name in it is read.
 * VOLATILE: it holds the data as it is, but what is written stays in a second
 *	file until it is flushed, as in the cache of a disk. The second file is
 *	for the device alone, as large as the image at least, and worth nothing
 *	afterwards. Not with READ_ONLY or FLUSH_IGNORE.
 */
#define RELOOP_FORMAT_RAW		0
#define RELOOP_FORMAT_OVERLAY		1
#define RELOOP_FORMAT_VOLATILE		2

/* The largest device whose cache is volatile, in bytes. */
#define RELOOP_VOLATILE_MAX		(1ULL << 40)

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
 * @RELOOP_REASON_ATTACHED: EBUSY: with UNSHARED: another device has some of it
 * @RELOOP_REASON_IS_BASE: EBUSY: likewise: it is the base of what another one has
 * @RELOOP_REASON_BASE_ATTACHED: EBUSY: likewise: another device writes to the base
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
	RELOOP_REASON_ATTACHED,
	RELOOP_REASON_IS_BASE,
	RELOOP_REASON_BASE_ATTACHED,
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
 *	writing, if it is a regular file. Of RELOOP_FORMAT_VOLATILE: that of the
 *	second file, a regular one, open for reading and writing
 * @nospace: in: how many seconds a write waits for space where there is none;
 *	0 to fail at once
 * @reason: out: enum reloop_reason
 * @user: out: N of the device that keeps this one from its files, where the call
 *	fails for UNSHARED; of several that of the lowest number
 * @reserved2: in: 0
 *
 * What is "out" is not looked at, and only changed when the call succeeds; but
 * @reason also when it fails, where the struct has it, and @user only then. A module
 * that knows no UNSHARED answers E2BIG, rather than EINVAL, if @user is -1 before.
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
	__s32		user;
	__u32		reserved2;
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
 * Of struct reloop_fault: which requests a rule is for. A write with FUA is a
 * write.
 */
#define RELOOP_FAULT_READ		0x00000001
#define RELOOP_FAULT_WRITE		0x00000002
#define RELOOP_FAULT_FLUSH		0x00000004
#define RELOOP_FAULT_DISCARD		0x00000008
#define RELOOP_FAULT_ZEROES		0x00000010	/* write zeroes */

/**
 * enum reloop_fault_action - what becomes of a request that a rule hits
 * @RELOOP_FAULT_CLEAR: of no request: all rules of the device go. What hangs ends
 *	with the status of its rule, what is delayed is not delayed any longer
 * @RELOOP_FAULT_ERROR: it fails, and nothing of it is done
 * @RELOOP_FAULT_DELAY: it is done later
 * @RELOOP_FAULT_CORRUPT: of reads and writes: it is done, but for one bit, in what
 *	is read, or in what is stored; never in the memory of who writes
 * @RELOOP_FAULT_DROP: of all but reads: it succeeds, and nothing of it is done
 * @RELOOP_FAULT_TORN: of writes: it fails, and of its logical blocks only some of
 *	the first are written, perhaps none and never all
 * @RELOOP_FAULT_HANG: it does not end before the rules are cleared or somebody
 *	asks for the device to be detached; then it fails
 */
enum reloop_fault_action {
	RELOOP_FAULT_CLEAR,
	RELOOP_FAULT_ERROR,
	RELOOP_FAULT_DELAY,
	RELOOP_FAULT_CORRUPT,
	RELOOP_FAULT_DROP,
	RELOOP_FAULT_TORN,
	RELOOP_FAULT_HANG,
};

/* Rules that a device can have at once. */
#define RELOOP_FAULTS_MAX		16

/* The longest delay, a day. */
#define RELOOP_FAULT_DELAY_MAX_MS	86400000

/**
 * struct reloop_fault - a rule for the requests of a device
 * @size: in: of this struct
 * @action: in: enum reloop_fault_action; with %RELOOP_FAULT_CLEAR all that stands
 *	below @diskseq is 0
 * @number: in: N of the device
 * @error: in: errno, greater than 0, that a request fails with where the action
 *	has it fail; 0 elsewhere, and for EIO. One of EIO, ENOSPC, ETIMEDOUT,
 *	ENODATA (medium), EREMOTEIO (target), ENOLINK (transport), EILSEQ
 *	(protection), EBADE (reservation), ENODEV (offline), EOPNOTSUPP
 *	(notsupp), ENOMEM (resource)
 * @diskseq: in: sequence number of the disk, see struct reloop_attach
 * @start: in: where on the device the bytes begin that the rule is for
 * @length: in: how many there are, 0 for all from @start on. A request is hit that
 *	has one of them. Flushes have no place: both are 0 for these
 * @seed: in: what chances, bits and numbers of blocks are drawn from. The same
 *	rules see the same requests the same way
 * @ops: in: RELOOP_FAULT_READ and so on, at least one, each one the action is of
 * @delay_ms: in: milliseconds that it is held up before that, rounded up to the
 *	kernel's ticks; not with %RELOOP_FAULT_HANG
 * @after: in: how many requests it would be for are let pass first
 * @count: in: how often the rule hits, 0 for any number of times
 * @chance: in: one of so many is hit, 0 or 1 for each
 * @reserved: in: 0
 *
 * The first rule that hits a request decides; those behind it do not see it.
 */
struct reloop_fault {
	__u32		size;
	__u32		action;
	__s32		number;
	__u32		error;
	__aligned_u64	diskseq;
	__aligned_u64	start;
	__aligned_u64	length;
	__aligned_u64	seed;
	__u32		ops;
	__u32		delay_ms;
	__u32		after;
	__u32		count;
	__u32		chance;
	__u32		reserved;
};

/**
 * enum reloop_keep - what of the data that is not flushed outlives a power cut
 * @RELOOP_KEEP_NONE: nothing
 * @RELOOP_KEEP_ALL: all of it
 * @RELOOP_KEEP_RANDOM: about half of the logical blocks. The seed and the place of
 *	a block decide of it
 * @RELOOP_KEEP_PREFIX: the first logical blocks, in the order of their places
 */
enum reloop_keep {
	RELOOP_KEEP_NONE,
	RELOOP_KEEP_ALL,
	RELOOP_KEEP_RANDOM,
	RELOOP_KEEP_PREFIX,
};

/**
 * struct reloop_powercut - a device of RELOOP_FORMAT_VOLATILE whose power is cut
 * @size: in: of this struct
 * @keep: in: enum reloop_keep
 * @number: in: N of the device
 * @reserved: in: 0
 * @diskseq: in: sequence number of the disk, see struct reloop_attach
 * @argument: in: the seed of %RELOOP_KEEP_RANDOM, the number of blocks of
 *	%RELOOP_KEEP_PREFIX; else 0
 * @kept: out: logical blocks that had been written and not flushed, and are in the
 *	image now
 * @dropped: out: those that are lost
 * @block_size: out: bytes of each
 * @reserved2: in: 0
 */
struct reloop_powercut {
	__u32		size;
	__u32		keep;
	__s32		number;
	__u32		reserved;
	__aligned_u64	diskseq;
	__aligned_u64	argument;
	__aligned_u64	kept;
	__aligned_u64	dropped;
	__u32		block_size;
	__u32		reserved2;
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
 * RELOOP_CTL_FAULT: add a rule by which requests of a device fail, or clear all
 *	rules. They go with the attachment. For CAP_SYS_ADMIN only.
 * RELOOP_CTL_POWERCUT: all I/O of the device fails from now on, until it is
 *	detached. Of what was not flushed a part is in the image when the call
 *	returns, and durable; the rest is lost. Its rules are cleared. For
 *	CAP_SYS_ADMIN only.
 */
#define RELOOP_CTL_ATTACH	_IOWR('L', 0xa0, __u32)
#define RELOOP_CTL_DETACH	_IOW('L', 0xa1, __u32)
#define RELOOP_CTL_FAULT	_IOW('L', 0xa2, __u32)
#define RELOOP_CTL_POWERCUT	_IOWR('L', 0xa3, __u32)

#endif /* _UAPI_RELOOP_H */
