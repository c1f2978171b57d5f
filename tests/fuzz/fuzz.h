/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program that draws system calls on loop devices from a grammar, most of them in order, some at
 * a border or beyond. Two processes of two threads each, which use each other's file descriptors:
 *
 *	fuzz.c		options; starts them
 *	watch.c		whose call does not end
 *	worker.c	one of them: draws an operation after the other
 *	grammar.c	the operations, and how often each is drawn
 *	draw.c		numbers, structs and memory: in order, at a border, beyond
 *	files.c		files of all sorts, and tables of those that are open
 *	overlays.c	images of overlays, and what is wrong with them
 *	ops_*.c		the operations
 *	clear.c		lets go of what waits; leaves nothing behind
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../lib/rng.h"

#define KIB		1024ULL
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define TIB		(1024 * GIB)

#define PATH_BYTES	256
#define TEXT_BYTES	200
#define MAX_DIRS	3
#define MAX_OPS		80

#define PROCESSES	2
#define THREADS		2
/* And who clears. */
#define WORKERS		(PROCESSES * THREADS + 1)
#define CLEARER		(WORKERS - 1)

#define NOBODY		65534

#define ARRAY_COUNT(array) (sizeof(array) / sizeof(*(array)))

/**
 * struct settings - what the command line says
 * @as_nobody: the calls are those of a user without privileges
 * @as_userns: the same, as root of a user namespace of its own
 * @given: with these: the devices and the control node are open, since somebody has given them away
 * @trace: each call is told in the kernel log before it is made
 */
struct settings {
	uint64_t seed;
	unsigned int seconds;
	unsigned int stall_seconds;
	const char *dirs[MAX_DIRS];
	unsigned int dir_count;
	const char *disk;
	bool as_nobody;
	bool as_userns;
	bool given;
	bool trace;
};

extern struct settings settings;

/**
 * struct worker - a thread that makes calls
 * @number: counts from 0
 * @serial: of the operation; with the seed and the number it says what was drawn
 * @rng: its random numbers
 * @tid: its thread in the kernel
 * @since: milliseconds, when its call began; 0 for none
 * @may_wait: the call may wait until a signal comes
 * @text: what the call is
 * @memory: for arguments, see draw_place()
 * @done: of each operation, how many have succeeded
 * @refused: and how many have not
 * @longest: milliseconds of the longest call
 */
struct worker {
	unsigned int number;
	uint64_t serial;
	struct rng rng;
	atomic_int tid;
	atomic_uint since;
	atomic_bool may_wait;
	char text[TEXT_BYTES];
	char *memory;
	unsigned int done[MAX_OPS];
	unsigned int refused[MAX_OPS];
	unsigned int longest;
	char longest_text[TEXT_BYTES];
};

/* What all processes share. */
struct shared {
	atomic_bool stopping;
	atomic_uint complaints;
	struct worker workers[WORKERS];
};

extern struct shared *shared;

unsigned int milliseconds_now(void);
void write_text(const char *path, const char *text);
/* What the next call is; its time begins. */
__attribute__((format(printf, 2, 3)))
void say(struct worker *worker, const char *format, ...);
void say_done(struct worker *worker);
/* Something is wrong; the run goes on and fails in the end. */
__attribute__((format(printf, 2, 3)))
void complain(struct worker *worker, const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2)))
void give_up(const char *format, ...);

/* worker.c */
void worker_process(unsigned int process);
void worker_begin(struct worker *worker);

/* grammar.c */

/* It would change something, so a user without privileges gets an error. */
#define OP_CHANGES	0x1
/* Whoever has the node open may. */
#define OP_IF_OPEN	0x2
/* Opens or closes nodes. */
#define OP_OPENS	0x4

struct op {
	const char *name;
	unsigned int weight;
	unsigned int flags;
	int (*run)(struct worker *worker);
};

extern const struct op ops[];
unsigned int op_count(void);

/* Random numbers of its own. */

static inline uint64_t draw(struct worker *worker)
{
	return rng_next(&worker->rng);
}

static inline unsigned int below(struct worker *worker, unsigned int limit)
{
	return rng_below(&worker->rng, limit);
}

static inline bool one_in(struct worker *worker, unsigned int count)
{
	return rng_one_in(&worker->rng, count);
}

/* draw.c */

#define PICK(worker, array) ((array)[below(worker, ARRAY_COUNT(array))])

/* A number at a border of something. */
uint64_t draw_border(struct worker *worker);
/* Of a device, a low one mostly. */
int draw_number(struct worker *worker);
/* In bytes: where something begins on a device, and how much it is; never gigabytes. */
uint64_t draw_start(struct worker *worker);
uint64_t draw_length(struct worker *worker);
uint64_t draw_offset(struct worker *worker);
uint32_t draw_block_size(struct worker *worker);
/* Changes a word of a struct or two, in some calls. */
void draw_mutation(struct worker *worker, void *data, size_t length);
/* An address to call with: a copy of the data mostly. */
void *draw_place(struct worker *worker, const void *data, size_t length);
void draw_memory(struct worker *worker);
void draw_shared_memory(void);
void draw_scribble(struct worker *worker);
/* Memory for 64 KiB of I/O, or something else. */
#define IO_BYTES	(64 * KIB)
void *draw_buffer(struct worker *worker);

/* files.c */
enum table { DEVICES, FILES, CONTROLS, TABLES };

int table_fd(struct worker *worker, enum table table);
void table_put(struct worker *worker, enum table table, int fd);
void table_close_one(struct worker *worker);
void table_begin(void);
int open_raw(struct worker *worker, int mode);
/* The second file of a volatile cache. */
int open_side(struct worker *worker);
int open_node(struct worker *worker, int mode);
const char *draw_dir(struct worker *worker);
void raw_path(char *path, const char *dir, unsigned int number);
void files_build(void);

/* overlays.c: the test has made an overlay and its base in the first directory. */
#define OVERLAYS	3
int open_overlay(struct worker *worker);
int open_base(struct worker *worker);
void overlays_build(void);

/* watch.c: somebody whose call takes too long; whoever may wait for ever is woken meanwhile. */
struct worker *watch_find(void);
void watch_report(struct worker *stuck);

/* clear.c */
void clear_check(struct worker *worker);
void clear_process(void);
void clear_all(struct worker *worker);
uint64_t diskseq_of(int number);
int call(int ret);

#endif /* FUZZ_H */
