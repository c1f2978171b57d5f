// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests: sends bios as drivers in the kernel do, SCSI targets for example,
 * from memory that is aligned to 4 bytes only.
 *
 * The first write to an open file of /dev/reloop-test is the number of a file
 * descriptor of a block device. What is read and written by that file from
 * then on, whole sectors, goes there, at the file's position.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#define MISALIGNMENT	4
/* What one bio takes, since the memory begins and ends amid a page. */
#define MAX_BYTES	((BIO_MAX_VECS - 1) * PAGE_SIZE)

/* The pages of such memory lie anywhere, so each is a segment of its own. */
static void add_pages_of(struct bio *bio, char *buf, size_t len)
{
	size_t part;

	for (; len; buf += part, len -= part) {
		part = min_t(size_t, len, PAGE_SIZE - offset_in_page(buf));
		__bio_add_page(bio, vmalloc_to_page(buf), part,
			       offset_in_page(buf));
	}
}

static int send_bio(struct file *target, blk_opf_t opf, char *buf, size_t len,
		    loff_t pos)
{
	unsigned int pages = DIV_ROUND_UP(len + MISALIGNMENT, PAGE_SIZE);
	struct block_device *bdev = I_BDEV(target->f_mapping->host);
	struct bio *bio = bio_alloc(bdev, pages, opf, GFP_KERNEL);
	int ret;

	bio->bi_iter.bi_sector = pos >> SECTOR_SHIFT;
	add_pages_of(bio, buf, len);
	ret = submit_bio_wait(bio);
	bio_put(bio);

	return ret;
}

static int check(struct file *target, fmode_t mode, size_t len, loff_t pos)
{
	if (!target)
		return -ENOTCONN;
	if (!(target->f_mode & mode))
		return -EBADF;
	if (!len || !IS_ALIGNED(len | pos, SECTOR_SIZE))
		return -EINVAL;

	return 0;
}

static ssize_t transfer(struct kiocb *iocb, struct iov_iter *iter, fmode_t mode)
{
	size_t len = min_t(size_t, iov_iter_count(iter), MAX_BYTES);
	struct file *target = READ_ONCE(iocb->ki_filp->private_data);
	ssize_t ret = check(target, mode, len, iocb->ki_pos);
	bool is_read = mode == FMODE_READ;
	char *memory, *buf;

	if (ret)
		return ret;
	memory = vzalloc(len + MISALIGNMENT);
	if (!memory)
		return -ENOMEM;

	buf = memory + MISALIGNMENT;
	if (!is_read && !copy_from_iter_full(buf, len, iter))
		ret = -EFAULT;
	else
		ret = send_bio(target, is_read ? REQ_OP_READ : REQ_OP_WRITE,
			       buf, len, iocb->ki_pos);
	if (!ret && is_read && copy_to_iter(buf, len, iter) != len)
		ret = -EFAULT;
	vfree(memory);
	if (ret)
		return ret;

	iocb->ki_pos += len;
	return len;
}

static int set_target(struct file *file, unsigned int fd)
{
	struct file *target = fget(fd);
	int ret = -ENOTBLK;

	if (!target)
		return -EBADF;
	if (S_ISBLK(file_inode(target)->i_mode))
		ret = cmpxchg(&file->private_data, NULL, target) ? -EBUSY : 0;
	if (ret)
		fput(target);

	return ret;
}

static ssize_t test_read(struct kiocb *iocb, struct iov_iter *to)
{
	return transfer(iocb, to, FMODE_READ);
}

static ssize_t test_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	char number[16] = "";
	unsigned int fd;
	int ret;

	if (iocb->ki_filp->private_data)
		return transfer(iocb, from, FMODE_WRITE);

	if (!copy_from_iter(number, min(len, sizeof(number) - 1), from))
		return -EFAULT;
	ret = kstrtouint(number, 10, &fd) ?: set_target(iocb->ki_filp, fd);
	return ret ?: len;
}

/* The core has left the misc device there. */
static int test_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;
	return 0;
}

static int test_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		fput(file->private_data);
	return 0;
}

static const struct file_operations test_fops = {
	.owner = THIS_MODULE,
	.open = test_open,
	.release = test_release,
	.read_iter = test_read,
	.write_iter = test_write,
	.llseek = default_llseek,
};

static struct miscdevice test_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "reloop-test",
	.mode = 0600,
	.fops = &test_fops,
};
module_misc_device(test_device);

MODULE_DESCRIPTION("Sends misaligned memory to block devices, for the tests of reloop");
MODULE_LICENSE("GPL");
