// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two or three threads at a time that meet in rounds. A round: `before` builds the stage, then the
 * sides run at once, then `after` says whether what they left can be. Sides wait a little, each
 * time differently, so that in time they meet in every place.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "torture.h"

#define MAX_SIDES	3
#define PATIENCE_SECONDS	30
/* What all pairs play with; another is at hand for those who need a chain. */
#define DEVICE		0
#define OTHER		1
#define THIRD		2
/* A number that no test has a device of. */
#define ABSENT		(FIRST_DEVICES + 4)

/* What the sides of a round found, for `after`. */
static struct {
	int fd[MAX_SIDES];
	int result[MAX_SIDES];
	unsigned int found;
} stage = { .fd = { -1, -1, -1 } };

struct pair {
	const char *name;
	void (*before)(struct worker *worker);
	void (*sides[MAX_SIDES])(struct worker *worker);
	void (*after)(struct worker *worker);
};

static const struct geometry plain;

/* Steps that must succeed, since nobody else is there; udev may be, for a moment. */

static bool is_patient(long since)
{
	return seconds_now() - since < PATIENCE_SECONDS;
}

static int must_open(struct worker *worker, unsigned int device, int flags)
{
	long begin = seconds_now();
	char path[PATH_BYTES];
	int fd;

	device_path(path, device);
	do
		fd = open(path, flags | O_CLOEXEC);
	while (fd < 0 && (errno == EBUSY || errno == ENXIO || errno == ENOENT) &&
	       is_patient(begin));
	if (fd < 0)
		complain(worker, "%s: %s", path, strerrorname_np(errno));
	return fd;
}

static int open_shared_file(struct worker *worker, unsigned int number, int flags)
{
	char path[PATH_BYTES];
	int fd;

	shared_path(path, number);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		complain(worker, "%s: %s", path, strerrorname_np(errno));
	return fd;
}

static int attach(int fd, int backing, uint32_t flags)
{
	const struct geometry geometry = { .flags = flags };
	long begin = seconds_now();
	int ret;

	/* A claim of udev's goes by. */
	do
		ret = loop_configure(fd, backing, &geometry);
	while (ret == -EBUSY && is_patient(begin));
	return ret;
}

/* An open device, attached to a shared file. */
static int must_attach(struct worker *worker, unsigned int device, unsigned int file,
		       uint32_t flags)
{
	int fd = must_open(worker, device, O_RDWR);
	int backing = open_shared_file(worker, file, O_RDWR);
	int ret = attach(fd, backing, flags);

	if (ret)
		complain(worker, "attach loop%u: %s", device, strerrorname_np(-ret));
	close(backing);
	return fd;
}

static bool is_inode_of(const struct loop_info64 *info, unsigned int file)
{
	char path[PATH_BYTES];
	struct stat stat_of_file;

	shared_path(path, file);
	return !stat(path, &stat_of_file) && stat_of_file.st_ino == info->lo_inode;
}

/* Detach is lazy, and udev looks at what has changed: it may take a moment. */
static void must_become_idle(struct worker *worker, unsigned int device)
{
	long begin = seconds_now();

	while (loop_is_attached(device) && is_patient(begin))
		usleep(1000);
	if (loop_is_attached(device))
		complain(worker, "loop%u stays attached", device);
}

static void send_detach(unsigned int device)
{
	char path[PATH_BYTES];
	int fd;

	device_path(path, device);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	loop_call(fd, LOOP_CLR_FD, 0);
	close(fd);
}

static void close_stage(void)
{
	unsigned int i;

	for (i = 0; i < MAX_SIDES; i++) {
		if (stage.fd[i] >= 0)
			close(stage.fd[i]);
		stage.fd[i] = -1;
	}
}

/* Detach all devices of the stage; which of them hold which others open, nobody knows. */
static void clear_stage(struct worker *worker)
{
	const unsigned int devices[] = { DEVICE, OTHER, THIRD, stage.found };
	const unsigned int count = sizeof(devices) / sizeof(*devices);
	unsigned int i, round;

	close_stage();
	for (round = 0; round < count; round++)
		for (i = 0; i < count; i++)
			if (loop_is_attached(devices[i]))
				send_detach(devices[i]);
	for (i = 0; i < count; i++)
		must_become_idle(worker, devices[i]);
}

/* configure against configure: one of them wins, and the device is his. */

static void two_configure_before(struct worker *worker)
{
	stage.fd[0] = must_open(worker, DEVICE, O_RDWR);
	stage.fd[1] = must_open(worker, DEVICE, O_RDWR);
}

static void configure_side(struct worker *worker, unsigned int side)
{
	int backing = open_shared_file(worker, side, O_RDWR);

	stage.result[side] = loop_configure(stage.fd[side], backing, &plain);
	close(backing);
}

static void configure_first(struct worker *worker)
{
	configure_side(worker, 0);
}

static void configure_second(struct worker *worker)
{
	configure_side(worker, 1);
}

static void two_configure_after(struct worker *worker)
{
	struct loop_info64 info;
	int winner = stage.result[0] ? 1 : 0;

	if (!stage.result[0] == !stage.result[1])
		complain(worker, "of two, one must win: %d and %d", stage.result[0],
			 stage.result[1]);
	else if (stage.result[!winner] != -EBUSY)
		complain(worker, "the loser got %s", strerrorname_np(-stage.result[!winner]));
	else if (loop_get_status(worker, stage.fd[0], DEVICE, &info))
		complain(worker, "one has won, but there is no status");
	else if (!is_inode_of(&info, winner))
		complain(worker, "the device is not the winner's");
	clear_stage(worker);
}

/* LOOP_CLR_FD against open, twice LOOP_CLR_FD: in the end it is detached. */

static void attached_before(struct worker *worker)
{
	stage.fd[0] = must_attach(worker, DEVICE, 1, LO_FLAGS_PARTSCAN);
}

static void clear_and_close(struct worker *worker)
{
	expect(worker, loop_call(stage.fd[0], LOOP_CLR_FD, 0), "LOOP_CLR_FD", ERRNOS(ENXIO));
	close(stage.fd[0]);
	stage.fd[0] = -1;
}

static void open_and_look(struct worker *worker)
{
	int fd = open_device(worker, DEVICE, O_RDWR);
	struct loop_info64 info;
	char text[4096];

	if (fd < 0)
		return;
	expect(worker, loop_get_status(worker, fd, DEVICE, &info), "LOOP_GET_STATUS64",
	       ERRNOS(ENXIO));
	if (read(fd, text, sizeof(text)) < 0)
		expect(worker, -errno, "read", ERRNOS(EIO));
	close(fd);
}

static void open_and_clear(struct worker *worker)
{
	int fd = open_device(worker, DEVICE, O_RDWR);

	if (fd < 0)
		return;
	expect(worker, loop_call(fd, LOOP_CLR_FD, 0), "LOOP_CLR_FD", ERRNOS(ENXIO));
	close(fd);
}

static void idle_after(struct worker *worker)
{
	close_stage();
	must_become_idle(worker, DEVICE);
}

/* LOOP_CTL_REMOVE against who has just been told that the device is free. */

static void remove_before(struct worker *worker)
{
	(void)worker;
	loop_control(LOOP_CTL_ADD, DEVICE);
	stage.found = DEVICE;
}

static void remove_device(struct worker *worker)
{
	stage.result[0] = loop_control(LOOP_CTL_REMOVE, DEVICE);
	expect(worker, stage.result[0], "LOOP_CTL_REMOVE", ERRNOS(EBUSY));
}

static void take_free_device(struct worker *worker)
{
	int ret = loop_control(LOOP_CTL_GET_FREE, 0), backing;

	stage.result[1] = -ENODEV;
	if (!expect(worker, ret, "LOOP_CTL_GET_FREE", ERRNOS(0)))
		return;
	stage.found = ret;
	stage.fd[1] = open_device(worker, ret, O_RDWR);
	if (stage.fd[1] < 0)
		return;
	backing = open_shared_file(worker, 0, O_RDWR);
	stage.result[1] = loop_configure(stage.fd[1], backing, &plain);
	expect(worker, stage.result[1], "LOOP_CONFIGURE", ERRNOS(EBUSY));
	close(backing);
}

static void remove_after(struct worker *worker)
{
	struct loop_info64 info;

	if (!stage.result[1]) {
		if (!loop_is_there(stage.found))
			complain(worker, "loop%u was removed while it was in use", stage.found);
		expect(worker, loop_get_status(worker, stage.fd[1], stage.found, &info),
		       "LOOP_GET_STATUS64", ERRNOS(0));
	}
	clear_stage(worker);
	if (stage.found >= FIRST_DEVICES)
		loop_control(LOOP_CTL_REMOVE, stage.found);
	loop_control(LOOP_CTL_ADD, DEVICE);
}

/* LOOP_CTL_REMOVE against opens of a node that outlives the device, and makes it again. */

static void open_dead_node(struct worker *worker)
{
	char path[PATH_BYTES];
	uint64_t identity;
	int fd;

	own_node_path(path, ABSENT);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		expect(worker, -errno, "open", ERRNOS(ENXIO, ENODEV, EBUSY));
		return;
	}
	identity = loop_identity(ABSENT);
	usleep(1000);
	if (!identity || loop_identity(ABSENT) != identity)
		complain(worker, "loop%u was removed while it was open", ABSENT);
	close(fd);
}

static void remove_absent(struct worker *worker)
{
	expect(worker, loop_control(LOOP_CTL_REMOVE, ABSENT), "LOOP_CTL_REMOVE",
	       ERRNOS(EBUSY, ENODEV));
}

static void add_absent(struct worker *worker)
{
	expect(worker, loop_control(LOOP_CTL_ADD, ABSENT), "LOOP_CTL_ADD", ERRNOS(EEXIST));
}

/* LOOP_CHANGE_FD of a device against who attaches another to it, and walks the chain. */

static void change_before(struct worker *worker)
{
	stage.fd[0] = must_attach(worker, DEVICE, 2, LO_FLAGS_READ_ONLY);
	stage.fd[1] = must_open(worker, OTHER, O_RDONLY);
}

static void change_file(struct worker *worker)
{
	unsigned int i;
	int backing;

	for (i = 0; i < 8; i++) {
		backing = open_shared_file(worker, i % 2 ? 2 : 4, O_RDONLY);
		expect(worker, loop_call(stage.fd[0], LOOP_CHANGE_FD, backing), "LOOP_CHANGE_FD",
		       ERRNOS(0));
		close(backing);
	}
}

static void attach_on_top(struct worker *worker)
{
	int backing = open_device(worker, DEVICE, O_RDONLY), ret;
	unsigned int i;

	for (i = 0; backing >= 0 && i < 4; i++) {
		ret = loop_configure(stage.fd[1], backing, &plain);
		expect(worker, ret, "LOOP_CONFIGURE", ERRNOS(EBUSY));
		loop_call(stage.fd[1], LOOP_CLR_FD, 0);
		/* Where detach is lazy it comes with the last close. */
		close(stage.fd[1]);
		stage.fd[1] = must_open(worker, OTHER, O_RDONLY);
	}
	if (backing >= 0)
		close(backing);
}

static void read_attributes(struct worker *worker)
{
	char path[PATH_BYTES], text[4096];
	unsigned int i;
	int fd;

	snprintf(path, sizeof(path), "/sys/block/loop%u/loop/backing_file", DEVICE);
	for (i = 0; i < 16; i++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, text, sizeof(text)) < 0)
			expect(worker, -errno, "backing_file", ERRNOS(ENXIO, ENODEV, ENOENT));
		close(fd);
	}
}

/* A circle of three: each attaches to the next. At most two can. */

static void circle_before(struct worker *worker)
{
	stage.fd[0] = must_open(worker, DEVICE, O_RDWR);
	stage.fd[1] = must_open(worker, OTHER, O_RDWR);
	stage.fd[2] = must_open(worker, THIRD, O_RDWR);
}

static void attach_side_to(struct worker *worker, unsigned int side, unsigned int next)
{
	int backing = open_device(worker, next, O_RDWR);

	stage.result[side] = -ENXIO;
	if (backing < 0)
		return;
	stage.result[side] = loop_configure(stage.fd[side], backing, &plain);
	/* The one below need not be attached yet. */
	expect(worker, stage.result[side], "LOOP_CONFIGURE", ERRNOS(EBUSY, EBADF, EINVAL));
	close(backing);
}

static void attach_first_to_second(struct worker *worker)
{
	attach_side_to(worker, 0, OTHER);
}

static void attach_second_to_third(struct worker *worker)
{
	attach_side_to(worker, 1, THIRD);
}

static void attach_third_to_first(struct worker *worker)
{
	attach_side_to(worker, 2, DEVICE);
}

static void circle_after(struct worker *worker)
{
	if (!stage.result[0] && !stage.result[1] && !stage.result[2])
		complain(worker, "three devices are attached to each other in a circle");
	clear_stage(worker);
}

/* LOOP_SET_STATUS64 against I/O, while the file system below is frozen and thawed. */

static void status_before(struct worker *worker)
{
	stage.fd[0] = must_attach(worker, DEVICE, 0, 0);
	stage.fd[1] = must_open(worker, DEVICE, O_RDWR);
}

static void change_status(struct worker *worker)
{
	struct geometry geometry = { 0 };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		geometry.offset = rng_below(&worker->rng, 4) * MIB;
		geometry.limit = rng_below(&worker->rng, 2) * 8 * MIB;
		expect(worker, loop_set_status(stage.fd[0], &geometry, false),
		       "LOOP_SET_STATUS64", ERRNOS(0));
		expect(worker, loop_call(stage.fd[0], LOOP_SET_DIRECT_IO, i % 2),
		       "LOOP_SET_DIRECT_IO", ERRNOS(EINVAL));
	}
}

static void write_and_sync(struct worker *worker)
{
	char text[4096];
	unsigned int i;

	memset(text, (int)worker->round, sizeof(text));
	for (i = 0; i < 16; i++) {
		if (pwrite(stage.fd[1], text, sizeof(text), i * MIB / 2) < 0)
			expect(worker, -errno, "write", ERRNOS(EIO, ENOSPC));
		if (i % 4 == 3 && fsync(stage.fd[1]))
			expect(worker, -errno, "fsync", ERRNOS(EIO));
	}
}

static void freeze_below(struct worker *worker)
{
	int fd = open(settings.dirs[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = loop_call(fd, FIFREEZE, 0);

	/* A file system in memory cannot be frozen. */
	if (expect(worker, ret, "FIFREEZE", ERRNOS(EOPNOTSUPP)) && !ret) {
		usleep(rng_below(&worker->rng, 20000));
		expect(worker, loop_call(fd, FITHAW, 0), "FITHAW", ERRNOS(0));
	}
	close(fd);
}

/* The close that detaches against an open. */

static void autoclear_before(struct worker *worker)
{
	stage.fd[0] = must_attach(worker, DEVICE, 1, LO_FLAGS_AUTOCLEAR);
}

static void close_first(struct worker *worker)
{
	(void)worker;
	close(stage.fd[0]);
	stage.fd[0] = -1;
}

/* udev's probe, with the rescan it may do, against mkfs and the detach right after it. */

static void probe(struct worker *worker)
{
	char path[PATH_BYTES];
	unsigned int i;
	int fd;

	snprintf(path, sizeof(path), "/sys/block/loop%u/uevent", DEVICE);
	for (i = 0; i < 4; i++) {
		expect(worker, write_text(path, "change"), "uevent", ERRNOS(0));
		fd = open_device(worker, DEVICE, O_RDONLY);
		if (fd < 0)
			continue;
		expect(worker, loop_call(fd, BLKRRPART, 0), "BLKRRPART", ERRNOS(EBUSY, EINVAL));
		close(fd);
		usleep(rng_below(&worker->rng, 50000));
	}
}

static void make_and_clear(struct worker *worker)
{
	char path[PATH_BYTES];
	int ret;

	device_path(path, DEVICE);
	ret = make_file_system(path);
	if (ret)
		complain(worker, "mkfs.ext4: %s", strerrorname_np(-ret));
	expect(worker, loop_call(stage.fd[0], LOOP_CLR_FD, 0), "LOOP_CLR_FD", ERRNOS(0));
	close(stage.fd[0]);
	stage.fd[0] = -1;
}

static void mkfs_before(struct worker *worker)
{
	stage.fd[0] = must_attach(worker, DEVICE, 0, 0);
}

/* umount -l, with a file open, against detach. */

static void mount_before(struct worker *worker)
{
	char image[PATH_BYTES], node[PATH_BYTES], dir[PATH_BYTES], file[PATH_BYTES + 16];
	int backing;

	image_path(image, 0);
	device_path(node, DEVICE);
	mount_path(dir, 0);
	snprintf(file, sizeof(file), "%s/file", dir);

	stage.fd[0] = must_open(worker, DEVICE, O_RDWR);
	backing = open(image, O_RDWR | O_CLOEXEC);
	expect(worker, attach(stage.fd[0], backing, 0), "attach", ERRNOS(0));
	close(backing);
	if (mount(node, dir, "ext4", 0, ""))
		complain(worker, "mount: %s", strerrorname_np(errno));
	stage.fd[1] = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (stage.fd[1] < 0)
		complain(worker, "%s: %s", file, strerrorname_np(errno));
}

static void unmount_lazily(struct worker *worker)
{
	char dir[PATH_BYTES], text[4096] = "";

	mount_path(dir, 0);
	if (umount2(dir, MNT_DETACH))
		complain(worker, "umount: %s", strerrorname_np(errno));
	if (write(stage.fd[1], text, sizeof(text)) != sizeof(text))
		complain(worker, "write: %s", strerrorname_np(errno));
	if (fsync(stage.fd[1]))
		complain(worker, "fsync: %s", strerrorname_np(errno));
	close(stage.fd[1]);
	stage.fd[1] = -1;
}

/* Anything else than 0 would mean that the mount did not keep it attached. */
static void clear_mounted(struct worker *worker)
{
	expect(worker, loop_call(stage.fd[0], LOOP_CLR_FD, 0), "LOOP_CLR_FD", ERRNOS(0));
	close(stage.fd[0]);
	stage.fd[0] = -1;
}

static const struct pair pairs[] = {
	{ "configure-configure", two_configure_before,
	  { configure_first, configure_second }, two_configure_after },
	{ "clr-fd-open", attached_before,
	  { clear_and_close, open_and_look, read_attributes }, idle_after },
	{ "clr-fd-clr-fd", attached_before,
	  { clear_and_close, open_and_clear }, idle_after },
	{ "remove-get-free", remove_before,
	  { remove_device, take_free_device }, remove_after },
	{ "remove-open", NULL,
	  { remove_absent, open_dead_node, add_absent }, NULL },
	{ "change-fd-chain", change_before,
	  { change_file, attach_on_top, read_attributes }, clear_stage },
	{ "circle", circle_before,
	  { attach_first_to_second, attach_second_to_third, attach_third_to_first },
	  circle_after },
	{ "set-status-io-freeze", status_before,
	  { change_status, write_and_sync, freeze_below }, clear_stage },
	{ "autoclear-open", autoclear_before,
	  { close_first, open_and_look }, idle_after },
	{ "probe-mkfs", mkfs_before,
	  { make_and_clear, probe }, idle_after },
	{ "umount-lazy-detach", mount_before,
	  { unmount_lazily, clear_mounted }, idle_after },
	{ 0 }
};

/* The engine. */

#define PAIR_COUNT (sizeof(pairs) / sizeof(*pairs) - 1)

static struct worker side_workers[MAX_SIDES];
static pthread_barrier_t at_start, at_end;
static const struct pair *current;
static bool pair_is_over;

static void *play_side(void *argument)
{
	struct worker *worker = argument;
	unsigned int side = worker - side_workers;

	worker->tid = gettid();
	for (;;) {
		pthread_barrier_wait(&at_start);
		if (pair_is_over)
			return NULL;
		worker_begin(worker, current->name);
		usleep(rng_below(&worker->rng, 300));
		current->sides[side](worker);
		worker_end(worker);
		pthread_barrier_wait(&at_end);
	}
}

static unsigned int side_count(const struct pair *pair)
{
	unsigned int count = 0;

	while (count < MAX_SIDES && pair->sides[count])
		count++;
	return count;
}

static void play_round(struct worker *worker, const struct pair *pair)
{
	if (pair->before) {
		worker_begin(worker, pair->name);
		pair->before(worker);
		worker->doing = NULL;
	}
	pthread_barrier_wait(&at_start);
	pthread_barrier_wait(&at_end);
	if (pair->after) {
		worker_begin(worker, pair->name);
		pair->after(worker);
		worker->doing = NULL;
	}
	worker->round++;
}

static void play_pair(struct worker *worker, const struct pair *pair, unsigned int seconds)
{
	unsigned int i, count = side_count(pair);
	uint64_t first_round = worker->round;

	set_deadline(seconds);
	current = pair;
	pair_is_over = false;
	pthread_barrier_init(&at_start, NULL, count + 1);
	pthread_barrier_init(&at_end, NULL, count + 1);
	for (i = 0; i < count; i++)
		if (pthread_create(&side_workers[i].thread, NULL, play_side, &side_workers[i]))
			give_up("no thread");
	while (!is_time_up())
		play_round(worker, pair);
	pair_is_over = true;
	pthread_barrier_wait(&at_start);
	for (i = 0; i < count; i++)
		pthread_join(side_workers[i].thread, NULL);
	pthread_barrier_destroy(&at_start);
	pthread_barrier_destroy(&at_end);
	printf("%-20s %10llu rounds\n", pair->name,
	       (unsigned long long)(worker->round - first_round));
}

void pairs_run(struct worker *main_worker)
{
	unsigned int i, wanted = 0;

	for (i = 0; i < MAX_SIDES; i++)
		worker_register(&side_workers[i], i);
	for (i = 0; i < PAIR_COUNT; i++)
		wanted += is_wanted(pairs[i].name);
	if (!wanted)
		give_up("--only leaves no pair");
	for (i = 0; i < PAIR_COUNT; i++) {
		if (!is_wanted(pairs[i].name))
			continue;
		play_pair(main_worker, &pairs[i], (settings.seconds + wanted - 1) / wanted);
		/* Not the next one's business. */
		world_clear(main_worker);
	}
}
