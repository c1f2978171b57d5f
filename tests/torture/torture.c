// SPDX-License-Identifier: GPL-2.0-only
/*
 *	torture [--pairs] [OPTION...] DIRECTORY [DIRECTORY]
 *
 * The directories are for backing files; the first may be on a file system that can be frozen.
 * Exit status: 0, 1 when something was wrong, 2 when it could not begin, 3 when a thread is stuck.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "torture.h"

struct settings settings = {
	.seed = 1,
	.seconds = 20,
	.devices = 4,
	.threads = 8,
	.stall_seconds = 60,
	.module = "reloop",
};

static const struct option options[] = {
	{ "seed",	required_argument, NULL, 's' },
	{ "seconds",	required_argument, NULL, 't' },
	{ "devices",	required_argument, NULL, 'd' },
	{ "threads",	required_argument, NULL, 'n' },
	{ "stall",	required_argument, NULL, 'w' },
	{ "module",	required_argument, NULL, 'm' },
	{ "only",	required_argument, NULL, 'o' },
	{ "pairs",	no_argument,	   NULL, 'p' },
	{ 0 }
};

static void print_usage(void)
{
	fputs("usage: torture [OPTION...] DIRECTORY [DIRECTORY]\n"
	      "  --seed N       the run to make (1)\n"
	      "  --seconds N    how long (20)\n"
	      "  --devices N    loop0 and following, at most 8 (4)\n"
	      "  --threads N    (8)\n"
	      "  --stall N      a thread that makes no progress for so many seconds is stuck (60)\n"
	      "  --module NAME  the driver that is loaded (reloop)\n"
	      "  --only A,B     no other operations or pairs than these\n"
	      "  --pairs        the known pairs instead of random operations\n", stderr);
	exit(2);
}

static unsigned long long parse_number(const char *text, unsigned long long least,
				       unsigned long long most)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || value < least || value > most)
		give_up("%s: not a number from %llu to %llu", text, least, most);
	return value;
}

static void parse_options(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 's':
			settings.seed = parse_number(optarg, 0, ~0ULL);
			break;
		case 't':
			settings.seconds = parse_number(optarg, 1, 1000000);
			break;
		case 'd':
			settings.devices = parse_number(optarg, 2, FIRST_DEVICES);
			break;
		case 'n':
			settings.threads = parse_number(optarg, 1, MAX_THREADS);
			break;
		case 'w':
			settings.stall_seconds = parse_number(optarg, 1, 1000000);
			break;
		case 'm':
			settings.module = optarg;
			break;
		case 'o':
			settings.only = optarg;
			break;
		case 'p':
			settings.pairs = true;
			break;
		default:
			print_usage();
		}
	}
	if (optind == argc || argc - optind > MAX_DIRS)
		print_usage();
	while (optind < argc)
		settings.dirs[settings.dir_count++] = argv[optind++];
}

/* Whether --only lets this name through. */
bool is_wanted(const char *name)
{
	const char *word = settings.only;
	size_t length = strlen(name);

	if (!word)
		return true;
	for (; word; word = strchr(word, ',')) {
		word += *word == ',';
		if (!strncmp(word, name, length) && (!word[length] || word[length] == ','))
			return true;
	}
	return false;
}

/*
 * A process with a thread that is stuck in the kernel cannot end. So the work is done by a child,
 * which tells its parent what the status is; nobody has to wait for the child itself.
 */
static int status_pipe[2];

static void send_status(unsigned char status)
{
	if (write(status_pipe[1], &status, 1) != 1)
		exit(2);
}

static void send_stalled(void)
{
	send_status(3);
}

static int run(void)
{
	static struct worker main_worker;

	victims_start();
	worker_register(&main_worker, settings.threads);
	watchdog_start(send_stalled);
	world_build(&main_worker);
	set_deadline(settings.seconds);
	if (settings.pairs)
		pairs_run(&main_worker);
	else
		random_run(&main_worker);
	world_clear(&main_worker);
	printf("%u failures\n", complaint_count());
	return complaint_count() ? 1 : 0;
}

static int receive_status(void)
{
	unsigned char status;

	close(status_pipe[1]);
	return read(status_pipe[0], &status, 1) == 1 ? status : 2;
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (pipe(status_pipe))
		give_up("pipe: %s", strerror(errno));
	switch (fork()) {
	case -1:
		give_up("fork: %s", strerror(errno));
	case 0:
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		send_status(run());
		return 0;
	default:
		return receive_status();
	}
}
