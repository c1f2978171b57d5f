// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands/commands.h"
#include "lib/deadline.h"
#include "lib/find.h"
#include "lib/wait.h"
#include "words/explain.h"
#include "words/json.h"
#include "words/report.h"

#define INTERVAL_DEFAULT_MS 1000

static bool as_json;
static const char *interval, *rounds;

static const struct option_row stats_options[] = {
	{ "interval", "SECONDS", "the time that a line is about (default: 1)", 'i',
	  .text = &interval },
	{ "count", "NUMBER", "how many times (default: until it is ended)", 'c',
	  .text = &rounds },
	{ "json", NULL, "print an object a line", 'J', .flag = &as_json },
	{ 0 }
};

/* The relevant fields of /sys/block/NAME/stat, in their order. */
struct counters {
	uint64_t reads, reads_merged, sectors_read, read_ms;
	uint64_t writes, writes_merged, sectors_written, write_ms;
	uint64_t in_flight;
	bool is_known;
};

struct sample {
	uint64_t at_ms;
	struct dev *devs;
	struct counters *counters;
	size_t count;
};

/* What one device did between two samples; times in seconds, sizes in bytes. */
struct rates {
	double reads, writes, bytes_read, bytes_written, latency_ms;
	uint64_t in_flight;
};

/* They are unknown if they cannot be read, for example because the device is just going. */
static void read_counters(const struct dev *dev, struct counters *counters)
{
	char path[64], text[512] = "";
	int fields;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", dev->name);
	sysfs_read_text(path, text, sizeof(text));
	fields = sscanf(text, "%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64
			"%" SCNu64 "%" SCNu64 "%" SCNu64,
			&counters->reads, &counters->reads_merged, &counters->sectors_read,
			&counters->read_ms, &counters->writes, &counters->writes_merged,
			&counters->sectors_written, &counters->write_ms, &counters->in_flight);
	counters->is_known = fields == 9;
}

static int take_sample(const char *prefix, struct sample *sample)
{
	int err = dev_list(prefix, DEV_ALL, &sample->devs, &sample->count);

	if (err)
		return err;
	sample->counters = calloc(sample->count + 1, sizeof(*sample->counters));
	if (!sample->counters) {
		free(sample->devs);
		return -ENOMEM;
	}
	for (size_t i = 0; i < sample->count; i++)
		read_counters(&sample->devs[i], &sample->counters[i]);
	sample->at_ms = deadline_ms(0);
	return 0;
}

static void free_sample(struct sample *sample)
{
	free(sample->devs);
	free(sample->counters);
}

/* The counters of @dev in the last sample; NULL if something else was attached then. */
static const struct counters *find_before(const struct sample *before, const struct dev *dev)
{
	for (size_t i = 0; i < before->count; i++)
		if (before->devs[i].number == dev->number &&
		    before->devs[i].sequence == dev->sequence)
			return &before->counters[i];
	return NULL;
}

static void compute(const struct counters *before, const struct counters *now, double seconds,
		    struct rates *rates)
{
	uint64_t reads = now->reads - before->reads, writes = now->writes - before->writes;
	/* The kernel counts these two in 32 bits. */
	uint64_t busy_ms = (uint64_t)(uint32_t)(now->read_ms - before->read_ms) +
			   (uint32_t)(now->write_ms - before->write_ms);

	rates->reads = reads / seconds;
	rates->writes = writes / seconds;
	rates->bytes_read = (now->sectors_read - before->sectors_read) * 512 / seconds;
	rates->bytes_written = (now->sectors_written - before->sectors_written) * 512 / seconds;
	rates->latency_ms = reads + writes ? (double)busy_ms / (reads + writes) : 0;
	rates->in_flight = now->in_flight;
}

static void print_human(const struct dev *dev, const struct rates *rates)
{
	printf("%-14s %9.1f %9.1f %12.0f %12.0f %10.2f %9" PRIu64 "\n", dev->path,
	       rates->reads, rates->writes, rates->bytes_read / 1024,
	       rates->bytes_written / 1024, rates->latency_ms, rates->in_flight);
}

static void print_json(const struct dev *dev, const struct rates *rates)
{
	struct json json;

	json_begin(&json, stdout);
	json_number(&json, "time", time(NULL));
	json_text(&json, "device", dev->path);
	json_decimal(&json, "reads_per_second", rates->reads, 1);
	json_decimal(&json, "writes_per_second", rates->writes, 1);
	json_decimal(&json, "bytes_read_per_second", rates->bytes_read, 0);
	json_decimal(&json, "bytes_written_per_second", rates->bytes_written, 0);
	json_decimal(&json, "latency_ms", rates->latency_ms, 2);
	json_number(&json, "in_flight", rates->in_flight);
	json_end(&json);
}

static void print_sample(const struct sample *before, const struct sample *now,
			 const struct dev *only)
{
	double seconds = (now->at_ms - before->at_ms) / 1000.0;
	const struct counters *counters;
	struct rates rates;

	for (size_t i = 0; i < now->count; i++) {
		counters = find_before(before, &now->devs[i]);
		if (!counters || !counters->is_known || !now->counters[i].is_known)
			continue;
		if (seconds <= 0 || (only && only->number != now->devs[i].number))
			continue;
		compute(counters, &now->counters[i], seconds, &rates);
		(as_json ? print_json : print_human)(&now->devs[i], &rates);
	}
}

/* Fails if there is nothing left to report about the device, now or later. */
static int check_only(const struct sample *now, const struct dev *only)
{
	for (size_t i = 0; i < now->count; i++)
		if (now->devs[i].number == only->number)
			return now->devs[i].sequence == only->sequence ? STATUS_OK :
			       report_error(-ENXIO, "%s: not watched any more: it is attached to "
					    "something else by now", only->path);
	return report_error(-ENXIO, "%s: not watched any more: it has been detached", only->path);
}

static void print_headings(void)
{
	if (!as_json)
		printf("%-14s %9s %9s %12s %12s %10s %9s\n", "DEVICE", "READS/S", "WRITES/S",
		       "READ KiB/S", "WRITE KiB/S", "LATENCY-MS", "IN-FLIGHT");
}

static int watch(const char *prefix, const struct dev *only, unsigned int pause_ms, long count)
{
	const struct timespec pause = { pause_ms / 1000, pause_ms % 1000 * 1000000L };
	struct sample before, now;
	int status = STATUS_OK, err = take_sample(prefix, &before);

	print_headings();
	for (long round = 0; !err && status == STATUS_OK && round != count; round++) {
		nanosleep(&pause, NULL);
		err = take_sample(prefix, &now);
		if (!err)
			print_sample(&before, &now, only);
		free_sample(&before);
		before = now;
		if (fflush(stdout))
			break;
		if (!err && only)
			status = check_only(&now, only);
	}
	if (err)
		return report_error(err, "devices: not watched: %s", explain_module(err));
	free_sample(&before);
	return status;
}

static int parse(unsigned int *pause_ms, long *count)
{
	char *end = "";

	*pause_ms = INTERVAL_DEFAULT_MS;
	*count = -1;
	if (interval && (!wait_parse_seconds(interval, pause_ms) || !*pause_ms))
		return report_usage("stats", "--interval: '%s' is not a time; "
				    "give seconds, such as 10 or 0.5", interval);
	if (rounds)
		*count = strtol(rounds, &end, 10);
	if (rounds && (end == rounds || *end || *count < 1 || *count == LONG_MAX))
		return report_usage("stats", "--count: '%s' is not a number of times; give 1 or more",
				    rounds);
	return STATUS_OK;
}

static int run_stats(char **operands, int count)
{
	unsigned int pause_ms;
	char prefix[DEV_PREFIX_MAX];
	struct dev only;
	long times;
	int err, status = parse(&pause_ms, &times);

	if (status != STATUS_OK)
		return status;
	if (count > 1)
		return report_usage("stats", "'%s' is too much; give one device or image, or none for all",
				    operands[1]);
	err = dev_prefix(prefix);
	if (err)
		return report_error(err, "devices: not watched: %s", explain_module(err));
	if (count)
		err = dev_find_attached(prefix, operands[0], &only);
	if (err)
		return report_error(err, "%s: not watched: %s", operands[0], explain_attached(err));
	return watch(prefix, count ? &only : NULL, pause_ms, times);
}

const struct command stats_command = {
	.name = "stats",
	.operands = "[DEVICE|IMAGE]",
	.summary = "Tell again and again how much devices read and write, and how fast.",
	.options = stats_options,
	.run = run_stats,
};
