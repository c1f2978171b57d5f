/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program that treats loop devices badly, in two ways:
 *
 *	torture.c	options; starts either, watches that all make progress
 *	random.c	many threads, each picks operations from one weighted table
 *	pairs.c		two or three threads at a time, known to have bitten each other
 *
 * and what both are made of:
 *
 *	report.c	who is doing what, what went wrong
 *	world.c		the files and devices that it all happens to
 *	loopdev.c	the ioctls of loop devices
 *	misaligned.c	requests as drivers send them
 *	ops_*.c		the operations of the table
 */
#ifndef TORTURE_H
#define TORTURE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

#include "../lib/rng.h"

#define KIB		1024ULL
#define MIB		(1024 * KIB)

#define PATH_BYTES	256
#define MAX_THREADS	64
#define MAX_DIRS	2

/* Lists of errnos end in 0. */
#define ERRNOS(...)	((const int[]){ __VA_ARGS__, 0 })

/* What an operation answers that found nothing to do: neither success nor refusal. */
#define SKIPPED		1

struct settings {
	uint64_t seed;
	unsigned int seconds;
	unsigned int devices;
	unsigned int threads;
	unsigned int stall_seconds;
	const char *dirs[MAX_DIRS];
	unsigned int dir_count;
	const char *module;
	const char *only;
	bool pairs;
};

extern struct settings settings;

#define RNG_PICK(rng, array) \
	((array)[rng_below(rng, sizeof(array) / sizeof(*(array)))])

/* report.c */

/**
 * struct worker - a thread that must make progress
 * @number: counts from 0
 * @tid: its kernel thread, for the stack in /proc
 * @rng: of the round it is in
 * @round: counts from 0; with seed and number it says what happened
 * @doing: name of what it does, NULL while it waits for others
 * @since: when it began, in seconds
 */
struct worker {
	pthread_t thread;
	unsigned int number;
	pid_t tid;
	struct rng rng;
	uint64_t round;
	const char *_Atomic doing;
	atomic_long since;
};

extern atomic_bool stopping;

void worker_register(struct worker *worker, unsigned int number);
void worker_begin(struct worker *worker, const char *what);
void worker_end(struct worker *worker);
long seconds_now(void);
uint64_t milliseconds_now(void);
bool is_time_up(void);
void set_deadline(unsigned int seconds);

/* Something went wrong; the run goes on and fails in the end. */
__attribute__((format(printf, 2, 3)))
void complain(struct worker *worker, const char *format, ...);
unsigned int complaint_count(void);
/* The program cannot go on. */
__attribute__((noreturn, format(printf, 1, 2)))
void give_up(const char *format, ...);

bool errno_is_in(int error, const int *list);
/* Whether @ret, 0 or -errno, is success or allowed; complains where it is not. */
bool expect(struct worker *worker, int ret, const char *what, const int *allowed);

/* Ends the program when a worker makes no progress; @on_stall is told first. */
void watchdog_start(void (*on_stall)(void));

/* world.c */

/* Every device a test touches has a number below this. */
#define DEVICE_NUMBERS	24
/* What the module makes when it is loaded. */
#define FIRST_DEVICES	8

#define SHARED_FILES	6
#define SHARED_BYTES	(48 * MIB)

/*
 * The content of private files, one for each thread, is known. Nobody writes below this
 * offset of any device, and an offset or a device between only adds to it.
 */
#define PRIVATE_BYTES	(8 * MIB)

/*
 * Overlays, which the test has made before, each over the base of its number modulo that of bases;
 * behind those that are shared there is one for each thread. Nobody writes to a base.
 */
#define OVERLAY_BASES	2
#define SHARED_OVERLAYS	4

unsigned int private_overlay(unsigned int thread);

void world_build(struct worker *worker);
void world_clear(struct worker *worker);
void world_restore_shared(unsigned int number);

/* Paths; @path has PATH_BYTES. */
void shared_path(char *path, unsigned int number);
void private_path(char *path, unsigned int thread);
void image_path(char *path, unsigned int thread);
void overlay_path(char *path, unsigned int number);
void base_path(char *path, unsigned int number);
void mount_path(char *path, unsigned int thread);
void device_path(char *path, unsigned int device);
void own_node_path(char *path, unsigned int device);

/*
 * Held exclusively by whoever must find again what he has written to the device, and shared by
 * who would move it: geometry may change under all others.
 */
bool content_trylock(unsigned int device);
bool content_trylock_shared(unsigned int device);
void content_unlock(unsigned int device);

int write_text(const char *path, const char *text);
/* 0, or -errno of the first that failed. */
int make_file_system(const char *path);

/* loopdev.c */

/**
 * struct geometry - how a device is attached
 *
 * The name tells the kernel's answer: it goes with one offset and one limit only.
 */
struct geometry {
	uint64_t offset;
	uint64_t limit;
	uint32_t flags;
	uint32_t block_size;
};

struct loop_info64;

int loop_control(unsigned int cmd, long argument);
/* All of these answer 0 or more, or -errno. */
int loop_call(int fd, unsigned long cmd, unsigned long argument);
int loop_configure(int fd, int backing, const struct geometry *geometry);
int loop_set_status(int fd, const struct geometry *geometry, bool old);
int loop_get_status(struct worker *worker, int fd, unsigned int device, struct loop_info64 *info);
void loop_fill_info(struct loop_info64 *info, const struct geometry *geometry);
/* Tells a device from another that had or will have its number; 0 when there is none. */
uint64_t loop_identity(unsigned int device);
bool loop_is_there(unsigned int device);
bool loop_is_attached(unsigned int device);
/* Opens a device, by one of its nodes; -1 where the races of a run may refuse it. */
int open_device(struct worker *worker, unsigned int device, int flags);

/* random.c and pairs.c: what torture.c calls. */
void random_run(struct worker *main_worker);
void pairs_run(struct worker *main_worker);
bool is_wanted(const char *name);

/* Processes that are killed in the middle of a call; made before there are threads. */
void victims_start(void);
bool victims_kill_one(unsigned int device, unsigned int file, unsigned int delay_us);

#endif /* TORTURE_H */
