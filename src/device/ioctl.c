// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of a loop device: user memory in and out, and permissions. */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/uaccess.h>

#include "device/attach.h"
#include "device/change.h"
#include "device/detach.h"
#include "device/info.h"
#include "device/ioctl.h"

typedef int ioctl_fn(struct reloop_device *dev, blk_mode_t mode,
		     unsigned long arg);

static int set_fd(struct reloop_device *dev, blk_mode_t mode, unsigned long arg)
{
	struct loop_config config = { .fd = arg };

	return reloop_device_attach(dev, mode, &config);
}

static int configure(struct reloop_device *dev, blk_mode_t mode,
		     unsigned long arg)
{
	struct loop_config config;

	if (copy_from_user(&config, (void __user *)arg, sizeof(config)))
		return -EFAULT;

	return reloop_device_attach(dev, mode, &config);
}

static int change_fd(struct reloop_device *dev, blk_mode_t mode,
		     unsigned long arg)
{
	return reloop_device_change_file(dev, arg);
}

static int clr_fd(struct reloop_device *dev, blk_mode_t mode, unsigned long arg)
{
	return reloop_device_detach(dev);
}

/* There is a status struct for each width of its members. */
typedef int info_reader(struct loop_info64 *info, const void __user *arg);
typedef int info_writer(const struct loop_info64 *info, void __user *arg);

static int info_set(struct reloop_device *dev, const void __user *arg,
		    info_reader *read)
{
	struct loop_info64 info;
	int ret = read(&info, arg);

	return ret ?: reloop_device_set_status(dev, &info);
}

static int info_get(struct reloop_device *dev, void __user *arg,
		    info_writer *write)
{
	struct loop_info64 info;
	int ret;

	/* The kernel's own driver returns -EINVAL for a missing buffer. */
	if (!arg)
		return -EINVAL;

	ret = reloop_device_get_status(dev, &info);
	return ret ?: write(&info, arg);
}

static int read_old(struct loop_info64 *info, const void __user *arg)
{
	struct loop_info old;

	if (copy_from_user(&old, arg, sizeof(old)))
		return -EFAULT;
	reloop_info_from_old(&old, info);

	return 0;
}

static int write_old(const struct loop_info64 *info, void __user *arg)
{
	struct loop_info old;
	int ret;

	ret = reloop_info_to_old(info, &old);
	if (!ret && copy_to_user(arg, &old, sizeof(old)))
		ret = -EFAULT;

	return ret;
}

static int read_64(struct loop_info64 *info, const void __user *arg)
{
	return copy_from_user(info, arg, sizeof(*info)) ? -EFAULT : 0;
}

static int write_64(const struct loop_info64 *info, void __user *arg)
{
	return copy_to_user(arg, info, sizeof(*info)) ? -EFAULT : 0;
}

static int set_status(struct reloop_device *dev, blk_mode_t mode,
		      unsigned long arg)
{
	return info_set(dev, (void __user *)arg, read_old);
}

static int get_status(struct reloop_device *dev, blk_mode_t mode,
		      unsigned long arg)
{
	return info_get(dev, (void __user *)arg, write_old);
}

static int set_status64(struct reloop_device *dev, blk_mode_t mode,
			unsigned long arg)
{
	return info_set(dev, (void __user *)arg, read_64);
}

static int get_status64(struct reloop_device *dev, blk_mode_t mode,
			unsigned long arg)
{
	return info_get(dev, (void __user *)arg, write_64);
}

static int set_capacity_from_file(struct reloop_device *dev, blk_mode_t mode,
				  unsigned long arg)
{
	return reloop_device_update_size(dev);
}

static int set_direct_io(struct reloop_device *dev, blk_mode_t mode,
			 unsigned long arg)
{
	return reloop_device_set_cache(dev, arg ? RELOOP_CACHE_DIRECT :
						  RELOOP_CACHE_BUFFERED);
}

static int set_block_size(struct reloop_device *dev, blk_mode_t mode,
			  unsigned long arg)
{
	return reloop_device_set_block_size(dev, mode, arg);
}

/**
 * struct ioctl_row - an ioctl
 * @cmd: its number
 * @restricted: the device must be open for writing, or the caller must have
 *              CAP_SYS_ADMIN
 * @call: what it does
 */
struct ioctl_row {
	unsigned int cmd;
	bool restricted;
	ioctl_fn *call;
};

static const struct ioctl_row ioctls[] = {
	{ LOOP_SET_FD,		false,	set_fd },
	{ LOOP_CONFIGURE,	false,	configure },
	{ LOOP_CHANGE_FD,	false,	change_fd },
	{ LOOP_CLR_FD,		false,	clr_fd },
	{ LOOP_SET_STATUS,	true,	set_status },
	{ LOOP_GET_STATUS,	false,	get_status },
	{ LOOP_SET_STATUS64,	true,	set_status64 },
	{ LOOP_GET_STATUS64,	false,	get_status64 },
	{ LOOP_SET_CAPACITY,	true,	set_capacity_from_file },
	{ LOOP_SET_DIRECT_IO,	true,	set_direct_io },
	{ LOOP_SET_BLOCK_SIZE,	true,	set_block_size },
	{ }
};

static int ioctl_call(const struct ioctl_row *row, struct block_device *bdev,
		      blk_mode_t mode, unsigned int cmd, unsigned long arg)
{
	for (; row->call; row++) {
		if (row->cmd != cmd)
			continue;
		if (row->restricted && !(mode & BLK_OPEN_WRITE) &&
		    !capable(CAP_SYS_ADMIN))
			return -EPERM;
		return row->call(bdev->bd_disk->private_data, mode, arg);
	}
	return -ENOIOCTLCMD;
}

int reloop_ioctl(struct block_device *bdev, blk_mode_t mode, unsigned int cmd,
		 unsigned long arg)
{
	int ret = ioctl_call(ioctls, bdev, mode, cmd, arg);

	return ret == -ENOIOCTLCMD ? -EINVAL : ret;
}

#ifdef CONFIG_COMPAT
/* struct loop_info as a 32-bit program lays it out. */
struct compat_loop_info {
	compat_int_t	lo_number;
	compat_dev_t	lo_device;
	compat_ulong_t	lo_inode;
	compat_dev_t	lo_rdevice;
	compat_int_t	lo_offset;
	compat_int_t	lo_encrypt_type;
	compat_int_t	lo_encrypt_key_size;
	compat_int_t	lo_flags;
	char		lo_name[LO_NAME_SIZE];
	unsigned char	lo_encrypt_key[LO_KEY_SIZE];
	compat_ulong_t	lo_init[2];
	char		reserved[4];
};

static int read_old32(struct loop_info64 *info, const void __user *arg)
{
	struct compat_loop_info old;

	if (copy_from_user(&old, arg, sizeof(old)))
		return -EFAULT;
	reloop_info_from_old(&old, info);

	return 0;
}

static int write_old32(const struct loop_info64 *info, void __user *arg)
{
	struct compat_loop_info old;
	int ret;

	ret = reloop_info_to_old(info, &old);
	if (!ret && copy_to_user(arg, &old, sizeof(old)))
		ret = -EFAULT;

	return ret;
}

static int set_status32(struct reloop_device *dev, blk_mode_t mode,
			unsigned long arg)
{
	return info_set(dev, compat_ptr(arg), read_old32);
}

static int get_status32(struct reloop_device *dev, blk_mode_t mode,
			unsigned long arg)
{
	return info_get(dev, compat_ptr(arg), write_old32);
}

/* Only the old status struct differs from that of a 64-bit program. */
static const struct ioctl_row compat_ioctls[] = {
	{ LOOP_SET_STATUS,	true,	set_status32 },
	{ LOOP_GET_STATUS,	false,	get_status32 },
	{ }
};

static bool arg_is_number(unsigned int cmd)
{
	return cmd == LOOP_SET_FD || cmd == LOOP_CHANGE_FD ||
	       cmd == LOOP_SET_DIRECT_IO || cmd == LOOP_SET_BLOCK_SIZE;
}

int reloop_compat_ioctl(struct block_device *bdev, blk_mode_t mode,
			unsigned int cmd, unsigned long arg)
{
	int ret;

	ret = ioctl_call(compat_ioctls, bdev, mode, cmd, arg);
	if (ret != -ENOIOCTLCMD)
		return ret;
	if (!arg_is_number(cmd))
		arg = (unsigned long)compat_ptr(arg);

	return ioctl_call(ioctls, bdev, mode, cmd, arg);
}
#endif
