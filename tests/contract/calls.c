// SPDX-License-Identifier: GPL-2.0-only
/* The calls that rows make: each is one ioctl, with the arguments of the row. */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "contract.h"

/* An address where nothing is. */
#define NOWHERE		((void *)8)

static void *pointer(const struct row *row, void *valid)
{
	switch (row->pointer) {
	case POINTER_NULL:
		return NULL;
	case POINTER_NOWHERE:
		return NOWHERE;
	default:
		return valid;
	}
}

int configure(struct world *world, const struct row *row)
{
	struct loop_config config = {
		.fd = world->file,
		.block_size = row->block_size,
		.info = row->info,
	};

	if (row->reserved)
		memset(config.__reserved, 0xff, sizeof(config.__reserved));
	return ioctl(world->fd, LOOP_CONFIGURE, pointer(row, &config));
}

int set_fd(struct world *world, const struct row *row)
{
	return ioctl(world->fd, LOOP_SET_FD, row->arg | (unsigned int)world->file);
}

int change_fd(struct world *world, const struct row *row)
{
	return ioctl(world->fd, LOOP_CHANGE_FD, row->arg | (unsigned int)world->file);
}

int clr_fd(struct world *world, const struct row *row)
{
	return ioctl(world->fd, LOOP_CLR_FD, row->arg);
}

int set_status64(struct world *world, const struct row *row)
{
	struct loop_info64 info = row->info;

	return ioctl(world->fd, LOOP_SET_STATUS64, pointer(row, &info));
}

/* The old struct lacks the size limit. */
int set_status(struct world *world, const struct row *row)
{
	struct loop_info info = {
		.lo_number = row->info.lo_number,
		.lo_offset = row->info.lo_offset,
		.lo_encrypt_type = row->info.lo_encrypt_type,
		.lo_encrypt_key_size = row->info.lo_encrypt_key_size,
		.lo_flags = row->info.lo_flags,
	};

	memcpy(info.lo_name, row->info.lo_file_name, LO_NAME_SIZE);
	return ioctl(world->fd, LOOP_SET_STATUS, pointer(row, &info));
}

/* What a status says: nothing of encryption, and of which file it speaks. */
static void check_status(struct world *world, const struct row *row, bool encrypted,
			 unsigned long long device, unsigned long long inode)
{
	struct stat file;

	if (stat(file_path(row->before_file), &file))
		die("stat");
	if (encrypted)
		append(world->note, sizeof(world->note), ", encrypted");
	if (device != file.st_dev || inode != file.st_ino)
		append(world->note, sizeof(world->note), ", of another file");
}

int get_status64(struct world *world, const struct row *row)
{
	struct loop_info64 info;

	memset(&info, 0xff, sizeof(info));
	if (ioctl(world->fd, LOOP_GET_STATUS64, pointer(row, &info)))
		return -1;
	append(world->note, sizeof(world->note), "number %u, offset %llu, sizelimit %llu, flags %u, name '%s'",
	       info.lo_number, (unsigned long long)info.lo_offset,
	       (unsigned long long)info.lo_sizelimit, info.lo_flags, info.lo_file_name);
	check_status(world, row, info.lo_encrypt_type || info.lo_encrypt_key_size ||
		     info.lo_init[0] || info.lo_init[1], info.lo_device, info.lo_inode);
	return 0;
}

int get_status(struct world *world, const struct row *row)
{
	struct loop_info info;

	memset(&info, 0xff, sizeof(info));
	if (ioctl(world->fd, LOOP_GET_STATUS, pointer(row, &info)))
		return -1;
	append(world->note, sizeof(world->note), "number %d, offset %d, flags %d, name '%s'",
	       info.lo_number, info.lo_offset, info.lo_flags, info.lo_name);
	check_status(world, row, info.lo_encrypt_type || info.lo_encrypt_key_size ||
		     info.lo_init[0] || info.lo_init[1], info.lo_device, info.lo_inode);
	return 0;
}

int set_capacity(struct world *world, const struct row *row)
{
	return ioctl(world->fd, LOOP_SET_CAPACITY, row->arg);
}

int set_direct_io(struct world *world, const struct row *row)
{
	return ioctl(world->fd, LOOP_SET_DIRECT_IO, row->arg);
}

int set_block_size(struct world *world, const struct row *row)
{
	return ioctl(world->fd, LOOP_SET_BLOCK_SIZE, row->arg);
}
