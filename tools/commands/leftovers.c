// SPDX-License-Identifier: GPL-2.0-only
#include "commands/leftovers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bind.h"
#include "lib/nodes.h"
#include "words/explain.h"
#include "words/report.h"

void leftovers_remove(int control, const struct dev *dev, bool whole)
{
	int err = nodes_remove_stale(control, dev, whole);

	if (err)
		report_warning("%s: it is detached, but nodes of it are left in /dev: %s",
			       dev->path, explain_control(err));
}

void leftovers_report_nodes(const struct dev *dev)
{
	char *names = NULL, node[DEV_NODE_MAX];
	struct partitions partitions;
	size_t size;
	FILE *out = open_memstream(&names, &size);

	if (!out)
		return;
	dev_partitions(dev, &partitions);
	for (size_t i = 0; i < partitions.count; i++) {
		dev_node(dev, partitions.numbers[i], node);
		fprintf(out, " %s", node);
	}
	free(partitions.numbers);
	if (!fclose(out))
		report_warning("%s: its nodes are left in /dev; remove them when it is detached: "
			       "rm %s%s", dev->path, dev->path, names);
	free(names);
}

int leftovers_report_flush(const char *path, int err)
{
	return report_error(err, "%s: what was written since its last flush is lost: %s", path,
			    strerror(-err));
}

int leftovers_report_lost(const char *path, int err)
{
	if (err == BIND_UNTOLD)
		return report_error(err, "%s: detached, but whether what was written since its "
				    "last flush is lost, nobody has told; if it is, the kernel "
				    "says so in: dmesg", path);
	return report_error(err, "%s: detached, but what was written since its last flush is lost: "
			    "%s", path, strerror(-err));
}
