// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/fault_rule.h"
#include "lib/attributes.h"
#include "lib/bind.h"
#include "lib/find.h"
#include "words/explain.h"
#include "words/report.h"

static const struct option_row fault_options[] = { { 0 } };

/* The operands, parsed. */
struct request {
	const char *path;
	bool is_list;
	struct reloop_fault fault;
};

static const struct explanation fault_errors[] = {
	{ -ENXIO, "it is not attached any more; see: reloop list" },
	{ -ESTALE, "it is attached to something else by now; see: reloop list" },
	{ -ENOSPC, "it has 16 rules, which is all that it can have; clear them" },
	{ -EINVAL, "the loaded module knows no such rule; load the one that came with this "
		   "command: modprobe -r reloop; modprobe reloop" },
	{ -ENOSYS, "the loaded module is too old for this command; "
		   "load the one that came with it: modprobe -r reloop; modprobe reloop" },
	{ 0 }
};

static int report_fault(const struct request *request, int err)
{
	return report_error(err, "%s: %s: %s", request->path, request->is_list ? "not listed" :
			    request->fault.action ? "no rule added" : "not cleared",
			    explain(fault_errors, err));
}

/* Each line of the attribute becomes a line of output. */
static int list(const struct request *request, const struct dev *dev)
{
	char text[SYSFS_TEXT_MAX];
	int err = dev_read_own(dev, "faults", text);

	if (err)
		return report_fault(request, err == -ENOENT ? -ENOSYS : err);
	if (*text)
		puts(text);
	return STATUS_OK;
}

static int change(const struct request *request, const char *prefix, const struct dev *dev)
{
	int control = bind_open_control(prefix), err;

	if (control < 0)
		return report_error(control, "%s: /dev/%s" RELOOP_NAMES_CONTROL ": %s",
				    request->path, prefix, explain_control(control));
	err = bind_fault(control, dev, &request->fault);
	close(control);
	return err ? report_fault(request, err) : STATUS_OK;
}

static int parse(struct request *request, char **operands, int count)
{
	const char *verb = count > 1 ? operands[1] : "";

	if (count < 2)
		return report_usage("fault", count ? "nothing to do; say add, list or clear" :
				    "no device given; give one, or its image");
	request->path = operands[0];
	if (!strcmp(verb, "add"))
		return count > 2 ? fault_rule_parse(operands + 2, count - 2, &request->fault) :
		       report_usage("fault", "no rule given; give op=write status=eio, say");
	if (strcmp(verb, "list") && strcmp(verb, "clear"))
		return report_usage("fault", "'%s' is not what can be done; say add, list or clear",
				    verb);
	if (count > 2)
		return report_usage("fault", "'%s' is too much for %s", operands[2], verb);
	request->is_list = !strcmp(verb, "list");
	return STATUS_OK;
}

static int run_fault(char **operands, int count)
{
	struct request request = { .fault.action = RELOOP_FAULT_CLEAR };
	int err, status = parse(&request, operands, count);
	char prefix[DEV_PREFIX_MAX];
	struct dev dev;

	if (status != STATUS_OK)
		return status;
	err = dev_prefix(prefix);
	if (err)
		return report_error(err, "%s: %s", request.path, explain_module(err));
	err = dev_find_attached(prefix, request.path, &dev);
	if (err)
		return report_error(err, "%s: %s", request.path, explain_attached(err));
	return request.is_list ? list(&request, &dev) : change(&request, prefix, &dev);
}

const struct command fault_command = {
	.name = "fault",
	.operands = "DEVICE|IMAGE add|list|clear [RULE...]",
	.summary = "Make requests of a device fail, to test what stands on it.",
	.options = fault_options,
	.help = fault_rule_print_help,
	.run = run_fault,
};
