// SPDX-License-Identifier: GPL-2.0-only
#include "lib/blkid.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#define LIBRARY "libblkid.so.1"

static struct blkid blkid;

#define FUNCTION(name) { "blkid_" #name, (void *)&blkid.name }

static const struct {
	const char *name;
	void *place;
} functions[] = {
	FUNCTION(new_probe),
	FUNCTION(free_probe),
	FUNCTION(probe_set_device),
	FUNCTION(probe_set_sectorsize),
	FUNCTION(probe_set_superblocks_flags),
	FUNCTION(probe_enable_superblocks),
	FUNCTION(probe_enable_partitions),
	FUNCTION(do_safeprobe),
	FUNCTION(probe_lookup_value),
	FUNCTION(probe_get_partitions),
	FUNCTION(partlist_get_table),
	FUNCTION(parttable_get_type),
	FUNCTION(partlist_numof_partitions),
	FUNCTION(partlist_get_partition),
	FUNCTION(partition_get_partno),
	FUNCTION(partition_get_start),
	FUNCTION(partition_get_size),
	FUNCTION(partition_get_type),
	FUNCTION(partition_get_type_string),
	FUNCTION(partition_get_name),
	FUNCTION(partition_get_uuid),
	FUNCTION(partition_is_extended),
};

const struct blkid *blkid_load(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW), *function;

	if (!library)
		return NULL;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		function = dlsym(library, functions[i].name);
		if (!function)
			return NULL;
		memcpy(functions[i].place, &function, sizeof(function));
	}
	return &blkid;
}
