// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, structs and memory: in order, at a border, beyond. */
#define _GNU_SOURCE
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* Numbers. */

uint64_t draw_border(struct worker *worker)
{
	static const uint64_t borders[] = {
		0, 1, 2, 511, 512, 513, 4095, 4096, 4097, 64 * KIB, 128 * KIB, MIB, 16 * MIB,
		INT_MAX, 1ULL << 31, UINT_MAX, 1ULL << 32, 64 * GIB, TIB, 1ULL << 54, 1ULL << 62,
		INT64_MAX, 1ULL << 63, -4096ULL, -513ULL, -512ULL, -511ULL, -1ULL,
	};

	if (one_in(worker, 4))
		return (1ULL << below(worker, 64)) + below(worker, 3) - 1;
	if (one_in(worker, 16))
		return draw(worker);
	return PICK(worker, borders);
}

int draw_number(struct worker *worker)
{
	static const int numbers[] = {
		-1, -1, 6, 7, 8, 9, 10, 11, 23, 255, 256, 1048575, 1048576, -2, INT_MAX, INT_MIN,
	};

	return one_in(worker, 12) ? PICK(worker, numbers) : (int)below(worker, 6);
}

uint64_t draw_start(struct worker *worker)
{
	if (one_in(worker, 8))
		return draw_border(worker);
	if (one_in(worker, 16))
		return 64 * GIB - below(worker, 32) * 512ULL;
	return below(worker, 4096) * (one_in(worker, 2) ? 4096ULL : 512ULL);
}

/* What is as large as a terabyte fits no device of these, and is refused. */
uint64_t draw_length(struct worker *worker)
{
	uint64_t length;

	if (!one_in(worker, 8))
		return (1 + below(worker, 128)) * (one_in(worker, 2) ? 4096ULL : 512ULL);
	length = draw_border(worker);
	return length > 4 * MIB && length < 1ULL << 54 ? 4 * MIB : length;
}

uint64_t draw_offset(struct worker *worker)
{
	static const uint64_t offsets[] = { 0, 0, 0, 0, 512, 4096, MIB, 1234 };

	return one_in(worker, 10) ? draw_border(worker) : PICK(worker, offsets);
}

uint32_t draw_block_size(struct worker *worker)
{
	static const uint32_t sizes[] = { 0, 0, 512, 512, 1024, 2048, 4096, 4096 };
	static const uint32_t bad[] = { 1, 3, 256, 511, 513, 6144, 8192, 65536, 131072, MIB };

	if (one_in(worker, 20))
		return draw_border(worker);
	return one_in(worker, 10) ? PICK(worker, bad) : PICK(worker, sizes);
}

/* Structs. */

static void mutate(struct worker *worker, char *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	switch (below(worker, 3)) {
	case 0:
		word ^= 1U << below(worker, 32);
		break;
	case 1:
		word += one_in(worker, 2) ? 1 : -1;
		break;
	default:
		word = draw_border(worker);
	}
	memcpy(at, &word, sizeof(word));
}

void draw_mutation(struct worker *worker, void *data, size_t length)
{
	unsigned int words = length / sizeof(uint32_t);

	while (one_in(worker, 5))
		mutate(worker, (char *)data + below(worker, words) * sizeof(uint32_t));
}

/* Memory. */

#define PAGE		((unsigned int)sysconf(_SC_PAGESIZE))
/* Two pages for arguments, one that is not there, one that is only read. */
#define ARGUMENTS	(2 * PAGE)
#define READ_ONLY	(3 * PAGE)
#define MEMORY		(4 * PAGE)

static char *scribbled;

void draw_memory(struct worker *worker)
{
	worker->memory = mmap(NULL, MEMORY + IO_BYTES + PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (worker->memory == MAP_FAILED)
		give_up("no memory");
	if (mprotect(worker->memory + ARGUMENTS, PAGE, PROT_NONE) ||
	    mprotect(worker->memory + READ_ONLY, PAGE, PROT_READ))
		give_up("mprotect");
}

/* For all threads of a process. */
void draw_shared_memory(void)
{
	scribbled = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (scribbled == MAP_FAILED)
		give_up("no memory");
}

/* Under whoever is just calling with what is there. */
void draw_scribble(struct worker *worker)
{
	unsigned int i;

	for (i = 0; i < 200; i++)
		*(volatile uint32_t *)(scribbled + below(worker, 64) * 4) = draw_border(worker);
}

void *draw_place(struct worker *worker, const void *data, size_t length)
{
	char *place = worker->memory + ARGUMENTS - length;

	switch (below(worker, 32)) {
	case 0:
		return NULL;
	case 1:
		return (void *)(uintptr_t)draw_border(worker);
	case 2:
		return worker->memory + READ_ONLY;
	case 3:
		place += below(worker, length);
		memcpy(place, data, worker->memory + ARGUMENTS - place);
		return place;
	case 4:
	case 5:
		place = scribbled;
	}
	memcpy(place, data, length);
	return place;
}

/* Most is aligned as direct I/O wants it. */
void *draw_buffer(struct worker *worker)
{
	char *buffer = worker->memory + MEMORY;

	if (one_in(worker, 40))
		return worker->memory + below(worker, MEMORY);
	if (one_in(worker, 12))
		return buffer + below(worker, PAGE);
	return buffer;
}
