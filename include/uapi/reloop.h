/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What reloop adds to <linux/loop.h>, for the module and for programs.
 *
 * The control ioctls, the device ioctls and their structs are those of
 * <linux/loop.h>, unchanged. Four ioctls of the control node are added. A
 * driver that does not have them answers ENOSYS.
 */
#ifndef _UAPI_RELOOP_H
#define _UAPI_RELOOP_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define RELOOP_VERSION		"0.1.0"

/*
 * Once the module is loaded, its parameter "names" reads as one of these.
 * Devices are /dev/<names>N, the control node is /dev/<names>-control.
 */
#define RELOOP_NAMES_LOOP	"loop"
#define RELOOP_NAMES_OWN	"reloop"
#define RELOOP_NAMES_CONTROL	"-control"

/*
 * The structs below begin with their size, which the caller sets to that of the
 * struct it was built with. They may grow at the end. A module that knows less
 * of them than the caller accepts what it does not know if that is zero, and
 * otherwise answers E2BIG. One that knows more takes the rest as zero. The
 * first versions are the smallest ones accepted; anything smaller is EINVAL.
 */
#define RELOOP_ATTACH_SIZE_VER0		120
#define RELOOP_ATTACH_SIZE_VER1		136
#define RELOOP_ATTACH_SIZE_VER2		144
#define RELOOP_DETACH_SIZE_VER0		24
#define RELOOP_FAULT_SIZE_VER0		72
#define RELOOP_POWERCUT_SIZE_VER0	56

/*
 * A label: up to 63 printable ASCII characters and a zero. It has no slash, is
 * neither "." nor "..", and does not end with "-part" and digits, as the links
 * to partitions do. Empty means none.
 */
#define RELOOP_LABEL_SIZE		64

/*
 * Flags of RELOOP_CTL_ATTACH. The first three are those of <linux/loop.h>.
 * LO_FLAGS_AUTOCLEAR is not one of them: nobody has the device open when the
 * call returns, so whoever looked at it first would detach it.
 *
 * OWNER: the device belongs to the open file that the ioctl was called on. When
 *	the last file descriptor of that is closed, by a program or because it
 *	ends, the device is detached as soon as nobody has it open, and removed
 *	if the call made it.
 * FLUSH_IGNORE: requests to make data durable are answered at once and do
 *	nothing. A crash of the machine may leave a file that is damaged beyond
 *	repair: for images that are then made anew.
 * ANY_BASE: the base of an overlay may differ from what the overlay has noted.
 * PRIVATE: the attribute "private" is 1, and udev's rules leave alone what is in
 *	the image.
 * UNSHARED: no other device of this driver may have the same bytes of the file
 *	attached, unless both are read-only; nor have the file as the base of an
 *	overlay, unless this device is read-only; nor write to the base of this
 *	one. Otherwise the call fails with EBUSY, a reason and a user.
 */
#define RELOOP_ATTACH_READ_ONLY		0x00000001	/* LO_FLAGS_READ_ONLY */
#define RELOOP_ATTACH_PARTSCAN		0x00000008	/* LO_FLAGS_PARTSCAN */
#define RELOOP_ATTACH_DIRECT_IO		0x00000010	/* LO_FLAGS_DIRECT_IO */
#define RELOOP_ATTACH_OWNER		0x00010000
#define RELOOP_ATTACH_FLUSH_IGNORE	0x00020000
#define RELOOP_ATTACH_ANY_BASE		0x00040000
#define RELOOP_ATTACH_UNSHARED		0x00080000
#define RELOOP_ATTACH_PRIVATE		0x00100000

/*
 * How to interpret the file; it is never guessed.
 *
 * RAW: it holds the data as is.
 * OVERLAY: a qcow2 image as described in include/reloop_qcow2.h, over a base
 *	that holds the data as is. No name in it is read.
 * VOLATILE: it holds the data as is, but what is written stays in a second file
 *	until it is flushed, as in the cache of a disk. The second file is for
 *	this device alone, at least as large as the image, and worth nothing
 *	afterwards. Not with READ_ONLY or FLUSH_IGNORE.
 */
#define RELOOP_FORMAT_RAW		0
#define RELOOP_FORMAT_OVERLAY		1
#define RELOOP_FORMAT_VOLATILE		2

/* The largest device with a volatile write cache, in bytes. */
#define RELOOP_VOLATILE_MAX		(1ULL << 40)

/**
 * enum reloop_reason - what is wrong with a file, if an errno says too little
 * @RELOOP_REASON_NONE: nothing, or the errno says it
 * @RELOOP_REASON_NOT_QCOW2: EINVAL: it does not begin like a qcow2 image
 * @RELOOP_REASON_VERSION: EINVAL: the version of the image is not 3
 * @RELOOP_REASON_HEADER: EINVAL: the header contradicts itself
 * @RELOOP_REASON_DIRTY: EINVAL: refcounts are out of date: a program ended
 *	while it was writing
 * @RELOOP_REASON_CORRUPT: EINVAL: a program has found the image damaged
 * @RELOOP_REASON_EXTERNAL_DATA: EINVAL: the data is in another file
 * @RELOOP_REASON_FEATURE: EINVAL: it has a feature that is not known here
 * @RELOOP_REASON_STANDARD_L2: EINVAL: it has no extended L2 entries
 * @RELOOP_REASON_CLUSTER: EINVAL: its cluster size is not 128 KiB
 * @RELOOP_REASON_ENCRYPTED: EINVAL: it is encrypted
 * @RELOOP_REASON_SNAPSHOTS: EINVAL: it has internal snapshots
 * @RELOOP_REASON_SIZE: EINVAL: its size is 0, not a multiple of 512, or too
 *	large
 * @RELOOP_REASON_REFCOUNTS: EINVAL: its refcounts do not have 16 bits
 * @RELOOP_REASON_TABLE: EINVAL: a table lies outside the file or on another
 *	one, or not at the beginning of a cluster
 * @RELOOP_REASON_CLUSTERS: EINVAL: a cluster lies outside the file, or two lie
 *	in one place
 * @RELOOP_REASON_COMPRESSED: EINVAL: a cluster is compressed
 * @RELOOP_REASON_PIECES: EINVAL: a piece is both there and zero
 * @RELOOP_REASON_SHORT: EINVAL: the file ends before the image does
 * @RELOOP_REASON_COMMITTING: EBUSY: a commit or a reset was interrupted and
 *	must be completed first
 * @RELOOP_REASON_BASE_CHANGED: ESTALE: the base is not as it was when the
 *	overlay was made
 * @RELOOP_REASON_BASE_BUSY: ETXTBSY: the base is open for writing
 * @RELOOP_REASON_BASE_KIND: EINVAL: the base is neither a regular file nor a
 *	block device, or is the overlay itself
 * @RELOOP_REASON_BASE_SIZE: EINVAL: the base is smaller than the overlay, and
 *	its size is not a multiple of 512
 * @RELOOP_REASON_NO_BASE: EINVAL: the overlay names no base, so it is complete
 * @RELOOP_REASON_BASE_FORMAT: EINVAL: the overlay takes its base for something
 *	other than a raw image
 * @RELOOP_REASON_NO_PLACE: no error: attached read-only, since not every
 *	cluster has a place of its own
 * @RELOOP_REASON_ATTACHED: EBUSY: with UNSHARED: another device has some of it
 * @RELOOP_REASON_IS_BASE: EBUSY: with UNSHARED: it is the base of an overlay
 *	that another device has
 * @RELOOP_REASON_BASE_ATTACHED: EBUSY: with UNSHARED: another device writes to
 *	the base
 * @RELOOP_REASON_CACHE: EINVAL: the file, the offset, the block size or the
 *	kernel does not allow what @cache of struct reloop_attach asks for
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
	RELOOP_REASON_CACHE,
};

/**
 * enum reloop_cache - how data uses the page cache of the backing file
 * @RELOOP_CACHE_BUFFERED: all requests go through the page cache
 * @RELOOP_CACHE_DIRECT: all requests bypass it
 * @RELOOP_CACHE_AUTO: each request that the file can take bypasses it, except
 *	reads of what it has
 * @RELOOP_CACHE_DONTCACHE: all requests go through it, and nothing stays there
 */
enum reloop_cache {
	RELOOP_CACHE_BUFFERED,
	RELOOP_CACHE_DIRECT,
	RELOOP_CACHE_AUTO,
	RELOOP_CACHE_DONTCACHE,
};

/* Value of @nospace: keep trying until there is space. */
#define RELOOP_NOSPACE_WAIT		0xffffffff

/**
 * struct reloop_attach - a file to attach, and the device that it got
 * @size: in: of this struct
 * @flags: in: RELOOP_ATTACH_*; out: those in force, with READ_ONLY if the file
 *	cannot be written, and with DIRECT_IO only if that is possible
 * @fd: in: file descriptor of the backing file
 * @number: in: N of the device, which is made if it does not exist; -1 for any
 *	that is free, or else a new one; out: N of the device
 * @block_size: in: logical block size in bytes, 0 for the default; out: the one
 *	in force
 * @reserved: in: 0
 * @offset: in: where in the file the device begins, in bytes
 * @size_limit: in: upper limit of the device's size in bytes, 0 for none
 * @capacity: out: the device's size in bytes
 * @diskseq: out: sequence number of the disk, which no other medium of any disk
 *	has had or will get; for RELOOP_CTL_DETACH
 * @label: in: a name that no other attached device has; also lo_file_name of
 *	LOOP_GET_STATUS64
 * @format: in: RELOOP_FORMAT_*
 * @base_fd: in: for RELOOP_FORMAT_OVERLAY: file descriptor of the base, open
 *	for reading; while the device is attached nobody can open the base for
 *	writing, if it is a regular file. For RELOOP_FORMAT_VOLATILE: that of
 *	the second file, a regular one, open for reading and writing
 * @nospace: in: how many seconds a write waits for space if there is none; 0 to
 *	fail at once
 * @reason: out: enum reloop_reason
 * @user: out: N of the device that keeps this one from its files, where the call
 *	fails for UNSHARED; of several that of the lowest number
 * @cache: in: enum reloop_cache; RELOOP_CACHE_BUFFERED also if the flag
 *	DIRECT_IO asks for direct I/O, which is then not used where it is
 *	impossible
 *
 * Members that are "out" are not read, and change only if the call succeeds.
 * But @reason also changes if the call fails, provided that the struct has it;
 * and @user changes only then. A caller that sets @user to -1 gets E2BIG, not
 * EINVAL, from a module that does not know UNSHARED.
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
	__u32		cache;
};

/**
 * struct reloop_detach - which device to detach, and how long to wait
 * @size: in: of this struct
 * @flags: in: 0
 * @number: in: N of the device
 * @timeout_ms: in: milliseconds to wait; 0 for not at all, negative for ever
 * @diskseq: in: sequence number of the disk, see struct reloop_attach; also in
 *	/sys/block/loopN/diskseq
 */
struct reloop_detach {
	__u32		size;
	__u32		flags;
	__s32		number;
	__s32		timeout_ms;
	__aligned_u64	diskseq;
};

/*
 * @ops of struct reloop_fault: which requests a rule is for. A write with FUA
 * is a write.
 */
#define RELOOP_FAULT_READ		0x00000001
#define RELOOP_FAULT_WRITE		0x00000002
#define RELOOP_FAULT_FLUSH		0x00000004
#define RELOOP_FAULT_DISCARD		0x00000008
#define RELOOP_FAULT_ZEROES		0x00000010	/* write zeroes */

/**
 * enum reloop_fault_action - what becomes of a request that a rule hits
 * @RELOOP_FAULT_CLEAR: not for requests: all rules of the device are removed.
 *	What hangs ends with the status of its rule, what is delayed is delayed
 *	no longer
 * @RELOOP_FAULT_ERROR: it fails, and nothing of it is done
 * @RELOOP_FAULT_DELAY: it is done later
 * @RELOOP_FAULT_CORRUPT: for reads and writes: it is done, except for one bit
 *	of what is read or stored; never in the memory of the writer
 * @RELOOP_FAULT_DROP: for all but reads: it succeeds, and nothing of it is done
 * @RELOOP_FAULT_TORN: for writes: it fails, and only some of its first logical
 *	blocks are written, perhaps none, never all
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

/* How many rules a device can have at once. */
#define RELOOP_FAULTS_MAX		16

/* The longest delay, a day. */
#define RELOOP_FAULT_DELAY_MAX_MS	86400000

/**
 * struct reloop_fault - a rule for the requests of a device
 * @size: in: of this struct
 * @action: in: enum reloop_fault_action; with %RELOOP_FAULT_CLEAR everything
 *	below @diskseq is 0
 * @number: in: N of the device
 * @error: in: errno, greater than 0, that a request fails with if the action
 *	makes it fail; 0 otherwise, and for EIO. One of EIO, ENOSPC, ETIMEDOUT,
 *	ENODATA (medium), EREMOTEIO (target), ENOLINK (transport), EILSEQ
 *	(protection), EBADE (reservation), ENODEV (offline), EOPNOTSUPP
 *	(notsupp), ENOMEM (resource)
 * @diskseq: in: sequence number of the disk, see struct reloop_attach
 * @start: in: where on the device the bytes begin that the rule is for
 * @length: in: how many there are, 0 for all from @start on. A request is hit
 *	if it has one of them. Flushes have no position: both are 0 for these
 * @seed: in: seed for chances, bits and numbers of blocks. The same rules treat
 *	the same requests in the same way
 * @ops: in: RELOOP_FAULT_READ and so on, at least one, all of them allowed for
 *	the action
 * @delay_ms: in: milliseconds that the request is held up before that, rounded
 *	up to the kernel's ticks; not with %RELOOP_FAULT_HANG
 * @after: in: how many matching requests are let pass first
 * @count: in: how often the rule hits, 0 for any number of times
 * @chance: in: one of this many requests is hit, 0 or 1 for each
 * @reserved: in: 0
 *
 * The first rule that hits a request decides; those after it do not see the
 * request.
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
 * enum reloop_keep - what of the unflushed data survives a power cut
 * @RELOOP_KEEP_NONE: nothing
 * @RELOOP_KEEP_ALL: all of it
 * @RELOOP_KEEP_RANDOM: about half of the logical blocks, chosen by the seed and
 *	the position of a block
 * @RELOOP_KEEP_PREFIX: the first logical blocks, in the order of their
 *	positions
 */
enum reloop_keep {
	RELOOP_KEEP_NONE,
	RELOOP_KEEP_ALL,
	RELOOP_KEEP_RANDOM,
	RELOOP_KEEP_PREFIX,
};

/**
 * struct reloop_powercut - a power cut of a device of RELOOP_FORMAT_VOLATILE
 * @size: in: of this struct
 * @keep: in: enum reloop_keep
 * @number: in: N of the device
 * @reserved: in: 0
 * @diskseq: in: sequence number of the disk, see struct reloop_attach
 * @argument: in: the seed of %RELOOP_KEEP_RANDOM, the number of blocks of
 *	%RELOOP_KEEP_PREFIX; else 0
 * @kept: out: logical blocks that were written but not flushed, and are now in
 *	the image
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
 * The numbers have a direction, unlike those of <linux/loop.h>, so they differ
 * from all of these. The size in them is that of the member "size", since the
 * structs may grow.
 *
 * RELOOP_CTL_ATTACH: find or make a device and attach a file to it, in one
 *	call. If any device will do, it does not matter who else attaches at the
 *	same time. The device has its partitions when the call returns.
 * RELOOP_CTL_DETACH: detach a device as LOOP_CLR_FD does: when nobody has it
 *	open any more. Waits until that has happened and the module has let go
 *	of the file. If the call ends earlier (ETIMEDOUT, EINTR), the device is
 *	still detached later, unless LOOP_SET_STATUS64 clears its
 *	LO_FLAGS_AUTOCLEAR before that.
 * RELOOP_CTL_FAULT: add a rule by which requests of a device fail, or clear all
 *	rules. They end with the attachment. For CAP_SYS_ADMIN only.
 * RELOOP_CTL_POWERCUT: all I/O of the device fails from now on, until it is
 *	detached. When the call returns, part of what was not flushed is in the
 *	image, and durable; the rest is lost. The device's rules are cleared.
 *	For CAP_SYS_ADMIN only.
 */
#define RELOOP_CTL_ATTACH	_IOWR('L', 0xa0, __u32)
#define RELOOP_CTL_DETACH	_IOW('L', 0xa1, __u32)
#define RELOOP_CTL_FAULT	_IOW('L', 0xa2, __u32)
#define RELOOP_CTL_POWERCUT	_IOWR('L', 0xa3, __u32)

#endif /* _UAPI_RELOOP_H */
