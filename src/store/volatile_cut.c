// SPDX-License-Identifier: GPL-2.0-only
/* Cuts the power of a device: what of a volatile write cache is kept. */
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "store/apart.h"
#include "store/sectors.h"
#include "store/volatile.h"

/* Nothing is written from here on. Returns whether it was cut already. */
static bool vol_mark_cut(struct reloop_volatile *vol)
{
	bool was_cut;

	reloop_gate_shut(&vol->gate);
	was_cut = vol->is_cut;
	WRITE_ONCE(vol->is_cut, true);
	reloop_gate_open(&vol->gate);

	return was_cut;
}

/* Every bit of the result depends on every bit of the argument. */
static u64 mix(u64 x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;

	return x ^ (x >> 33);
}

/* Whether a block survives the cut; @cut->kept blocks before it do. */
static bool cut_keeps(const struct reloop_powercut *cut, u64 block)
{
	switch (cut->keep) {
	case RELOOP_KEEP_ALL:
		return true;
	case RELOOP_KEEP_RANDOM:
		return mix(mix(cut->argument + 1) + block) & 1;
	case RELOOP_KEEP_PREFIX:
		return cut->kept < cut->argument;
	default:
		return false;
	}
}

/* What is not kept is no longer dirty. */
static void vol_choose(struct reloop_volatile *vol, struct reloop_powercut *cut)
{
	unsigned long per_block = cut->block_size >> SECTOR_SHIFT;
	unsigned long sector = 0, end;

	for (;;) {
		sector = find_next_bit(vol->dirty, vol->sectors, sector);
		if (sector >= vol->sectors)
			break;
		end = min_t(u64, vol->sectors,
			    round_down(sector, per_block) + per_block);
		if (cut_keeps(cut, sector / per_block)) {
			cut->kept++;
		} else {
			cut->dropped++;
			reloop_sectors_remove(vol->dirty, sector, end);
		}
		sector = end;
		cond_resched();
	}
}

/* A cut that is under way, on the stack of the task that waits for it. */
struct cutting {
	struct reloop_volatile *vol;
	struct reloop_powercut *cut;
};

static int vol_apply(void *data)
{
	const struct cutting *cutting = data;
	struct reloop_volatile *vol = cutting->vol;
	int ret;

	mutex_lock(&vol->flush_lock);
	vol_choose(vol, cutting->cut);
	ret = reloop_volatile_copy_all(vol, true);
	/* What could not be copied is now lost, too. */
	atomic_long_set(&vol->unflushed, 0);
	mutex_unlock(&vol->flush_lock);

	return ret;
}

int reloop_volatile_cut(struct reloop_volatile *vol,
			struct reloop_powercut *cut, unsigned int block_size)
{
	struct cutting cutting = { .vol = vol, .cut = cut };
	int ret;

	cut->kept = 0;
	cut->dropped = 0;
	cut->block_size = block_size;

	mutex_lock(&vol->end_lock);
	if (vol->is_closed)
		ret = -ENXIO;
	else if (vol_mark_cut(vol))
		ret = -EALREADY;
	else
		ret = reloop_run_apart(vol_apply, &cutting);
	mutex_unlock(&vol->end_lock);

	return ret;
}
