// SPDX-License-Identifier: GPL-2.0-only
/* The files and devices that it all happens to. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "torture.h"

/* How long udev and the like may keep a device open. */
#define CLEAR_SECONDS	50

static pthread_rwlock_t content_locks[DEVICE_NUMBERS];

/* Paths. */

static void dir_path(char *path, unsigned int dir, const char *name, unsigned int number)
{
	snprintf(path, PATH_BYTES, "%s/%s-%u", settings.dirs[dir % settings.dir_count], name,
		 number);
}

void shared_path(char *path, unsigned int number)
{
	dir_path(path, number, "shared", number);
}

void private_path(char *path, unsigned int thread)
{
	dir_path(path, thread, "private", thread);
}

void image_path(char *path, unsigned int thread)
{
	dir_path(path, thread, "image", thread);
}

void overlay_path(char *path, unsigned int number)
{
	dir_path(path, number / 2, "overlay", number);
}

void base_path(char *path, unsigned int number)
{
	dir_path(path, number, "base", number);
}

unsigned int private_overlay(unsigned int thread)
{
	return SHARED_OVERLAYS + thread;
}

void mount_path(char *path, unsigned int thread)
{
	dir_path(path, 0, "mount", thread);
}

/* Not where it may be frozen: writing to a mapped device changes the time of its node. */
void own_node_path(char *path, unsigned int device)
{
	dir_path(path, 1, "node", device);
}

void device_path(char *path, unsigned int device)
{
	snprintf(path, PATH_BYTES, "/dev/loop%u", device);
}

/* Who may move what others have written. */

bool content_trylock(unsigned int device)
{
	return !pthread_rwlock_trywrlock(&content_locks[device]);
}

bool content_trylock_shared(unsigned int device)
{
	return !pthread_rwlock_tryrdlock(&content_locks[device]);
}

void content_unlock(unsigned int device)
{
	pthread_rwlock_unlock(&content_locks[device]);
}

/* Small things. */

int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int make_file_system(const char *path)
{
	char *const words[] = { "mkfs.ext4", "-q", "-F", "-b", "4096", (char *)path, NULL };
	char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	pid_t child;
	int status;

	if (posix_spawnp(&child, *words, NULL, NULL, words, environment))
		return -errno;
	if (waitpid(child, &status, 0) < 0)
		return -errno;
	return status ? -EIO : 0;
}

/* Build. */

static void make_file(const char *path, uint64_t bytes)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, bytes))
		give_up("%s: %s", path, strerror(errno));
	close(fd);
}

/* A partition table of the old kind, with two partitions of 4 MiB. */
static void write_partition_table(int fd)
{
	static const unsigned int starts[] = { 2048, 10240 };
	unsigned char sector[512] = { [510] = 0x55, [511] = 0xaa };
	const uint32_t sectors = 8192;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		unsigned char *entry = sector + 446 + 16 * i;

		entry[4] = 0x83;
		memcpy(entry + 8, &starts[i], sizeof(starts[i]));
		memcpy(entry + 12, &sectors, sizeof(sectors));
	}
	if (pwrite(fd, sector, sizeof(sector), 0) != sizeof(sector))
		give_up("partition table: %s", strerror(errno));
}

/* Operations cut shared files short; this gives one its size and its partitions back. */
void world_restore_shared(unsigned int number)
{
	char path[PATH_BYTES];
	int fd;

	shared_path(path, number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || ftruncate(fd, SHARED_BYTES))
		give_up("%s: %s", path, strerror(errno));
	if (number % 2)
		write_partition_table(fd);
	close(fd);
}

static void make_shared_files(void)
{
	char path[PATH_BYTES];
	unsigned int i;

	for (i = 0; i < SHARED_FILES; i++) {
		shared_path(path, i);
		make_file(path, SHARED_BYTES);
		world_restore_shared(i);
	}
}

static void make_private_files(void)
{
	char path[PATH_BYTES];
	unsigned int i;

	for (i = 0; i < settings.threads; i++) {
		private_path(path, i);
		make_file(path, PRIVATE_BYTES);
		image_path(path, i);
		make_file(path, PRIVATE_BYTES);
		if (make_file_system(path))
			give_up("mkfs.ext4 %s failed", path);
		mount_path(path, i);
		if (mkdir(path, 0700) && errno != EEXIST)
			give_up("%s: %s", path, strerror(errno));
	}
}

/* Nodes that stay when the device goes: opening such a one makes the device. */
static void make_nodes(void)
{
	char path[PATH_BYTES];
	unsigned int i;

	for (i = 0; i < DEVICE_NUMBERS; i++) {
		own_node_path(path, i);
		if (mknod(path, S_IFBLK | 0600, makedev(LOOP_MAJOR, i)) && errno != EEXIST)
			give_up("%s: %s", path, strerror(errno));
	}
}

void world_build(struct worker *worker)
{
	unsigned int i;

	worker_begin(worker, "world_build");
	for (i = 0; i < DEVICE_NUMBERS; i++) {
		pthread_rwlock_init(&content_locks[i], NULL);
		if (loop_is_attached(i))
			give_up("loop%u is in use", i);
	}
	make_shared_files();
	make_private_files();
	make_nodes();
	for (i = 0; i < settings.devices; i++)
		loop_control(LOOP_CTL_ADD, i);
	worker_end(worker);
}

/* Clear. */

/* each_device(CALL): how many of the devices there are answer true. */
static unsigned int each_device(bool (*call)(unsigned int device))
{
	DIR *dir = opendir("/sys/block");
	unsigned int count = 0, device;
	struct dirent *entry;

	if (!dir)
		give_up("/sys/block: %s", strerror(errno));
	while ((entry = readdir(dir)))
		if (sscanf(entry->d_name, "loop%u", &device) == 1 && call(device))
			count++;
	closedir(dir);
	return count;
}

/* Both of these answer whether there is still something to do. */
static bool clear_device(unsigned int device)
{
	char path[PATH_BYTES];
	int fd;

	if (!loop_is_attached(device))
		return false;
	device_path(path, device);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		loop_call(fd, LOOP_CLR_FD, 0);
		close(fd);
	}
	return loop_is_attached(device);
}

static bool remove_device(unsigned int device)
{
	if (device < FIRST_DEVICES)
		return false;
	return loop_control(LOOP_CTL_REMOVE, device) == -EBUSY;
}

static void until_none(struct worker *worker, const char *what, bool (*call)(unsigned int device))
{
	long end = seconds_now() + CLEAR_SECONDS;
	unsigned int left;

	worker_begin(worker, what);
	while ((left = each_device(call)) && seconds_now() < end)
		usleep(20000);
	if (left)
		complain(worker, "%u devices refuse", left);
	worker_end(worker);
}

static void unmount_all(void)
{
	char path[PATH_BYTES];
	unsigned int i;

	for (i = 0; i < settings.threads; i++) {
		mount_path(path, i);
		while (!umount2(path, MNT_DETACH))
			;
	}
}

/* Leaves the devices as the module made them when it was loaded, or complains. */
void world_clear(struct worker *worker)
{
	unsigned int i;
	int ret;

	unmount_all();
	until_none(worker, "detach all", clear_device);
	until_none(worker, "remove all", remove_device);
	worker_begin(worker, "add the first");
	for (i = 0; i < FIRST_DEVICES; i++) {
		ret = loop_control(LOOP_CTL_ADD, i);
		if (ret < 0)
			expect(worker, ret, "LOOP_CTL_ADD", ERRNOS(EEXIST));
	}
	worker_end(worker);
}
