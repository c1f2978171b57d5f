// SPDX-License-Identifier: GPL-2.0-only
#include "commands/leftovers.h"

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
