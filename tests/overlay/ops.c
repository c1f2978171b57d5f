// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does what a table of cases says, and the same to a model of the disk.
 *
 *	ops TABLE PHASE DEVICE MODEL AREA	to the device, which is compared with the model
 *	ops TABLE PHASE - MODEL AREA		prints what qemu-io is to do
 *
 * A line of TABLE is a name, tabs, and operations; "|" begins the next phase. The
 * case n has the AREA bytes from n * AREA on for itself; AREA 0: each has the disk.
 *
 *	wPOS+LEN	write: as much at once as it can be
 *	bPOS+LEN	write through the page cache; any number of bytes
 *	sPOS+LEN	write, and it is durable
 *	zPOS+LEN	write zeroes
 *	uPOS+LEN	write zeroes, which may give the space back
 *	dPOS+LEN	discard
 *	cPOS+LEN	write compressed, which only qemu-io does
 *	rPOS+LEN	read
 *	f		flush
 *
 * Numbers may end in k, M or G, and be sums: 4G-512. A POS that is negative is counted
 * from the area's end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK		(1024 << 10)
#define CLUSTER		(128 << 10)
#define LINE		4096
/* A larger disk is looked at only where something was done. */
#define SMALL		(256LL << 20)

static const char *device;
static int direct, cached, durable, model;
static int64_t size, area;
static unsigned char *got, *wanted;
static unsigned int count;

/* The case and the operation that are being done. */
static char name[LINE], what[64];

static void die(const char *problem)
{
	fprintf(stderr, "%s: %s: %s: %s\n", name, what, problem, strerror(errno));
	exit(1);
}

static bool by_qemu(void)
{
	return !strcmp(device, "-");
}

static void compare(int64_t from, int64_t to)
{
	int64_t pos, i;
	ssize_t n;

	for (pos = from; pos < to; pos += n) {
		n = to - pos < BLOCK ? to - pos : BLOCK;
		if (pread(direct, got, n, pos) != n || pread(model, wanted, n, pos) != n)
			die("read");
		if (!memcmp(got, wanted, n))
			continue;
		for (i = 0; got[i] == wanted[i]; i++)
			;
		pos += i;
		fprintf(stderr, "%s: after %s: byte %lld (%lld of the area) is %02x, not %02x\n",
			name, what, (long long)pos, (long long)(area ? pos % area : pos), got[i],
			wanted[i]);
		exit(1);
	}
}

/* What the operation has touched, and what is around. */
static void compare_around(int64_t pos, int64_t len)
{
	int64_t from = pos / CLUSTER * CLUSTER - CLUSTER;
	int64_t to = (pos + len + CLUSTER - 1) / CLUSTER * CLUSTER + CLUSTER;

	from = from > 0 ? from : 0;
	to = to < size ? to : size;
	if (to - from <= SMALL) {
		compare(from, to);
		return;
	}
	compare(from, from + SMALL / 32);
	compare(to - SMALL / 32, to);
}

static void compare_all(const char *when)
{
	snprintf(name, sizeof(name), "all of it");
	snprintf(what, sizeof(what), "%s", when);
	if (!by_qemu() && size <= SMALL)
		compare(0, size);
}

/* Tells each place and each operation from every other; by qemu-io it is one byte. */
static void fill(unsigned char *data, int64_t pos, int64_t len)
{
	unsigned char byte = 1 + count % 255;
	int64_t i;

	memset(data, byte, len);
	if (by_qemu())
		return;
	for (i = 0; i < len; i++, pos++)
		data[i] += pos / 512 * 37 + pos % 512 * 3;
}

static void print_for_qemu(char op, int64_t pos, int64_t len)
{
	long long at = pos, n = len;

	switch (op) {
	case 'w':
		printf("write -P %u %lld %lld\n", 1 + count % 255, at, n);
		break;
	case 'c':
		printf("write -c -P %u %lld %lld\n", 1 + count % 255, at, n);
		break;
	case 's':
		printf("write -f -P %u %lld %lld\n", 1 + count % 255, at, n);
		break;
	case 'z':
		printf("write -z %lld %lld\n", at, n);
		break;
	case 'u':
		printf("write -z -u %lld %lld\n", at, n);
		break;
	case 'd':
		printf("discard %lld %lld\n", at, n);
		break;
	case 'r':
		printf("read %lld %lld\n", at, n);
		break;
	case 'f':
		puts("flush");
		break;
	default:
		errno = EINVAL;
		die("not for qemu-io");
	}
}

static void write_device(int fd, const unsigned char *data, int64_t pos, int64_t len)
{
	if (pwrite(fd, data, len, pos) != len)
		die("write");
}

static void do_on_device(char op, const unsigned char *data, int64_t pos, int64_t len)
{
	uint64_t range[2] = { pos, len };
	int ret = 0;

	switch (op) {
	case 'w':
		write_device(direct, data, pos, len);
		break;
	case 'b':
		write_device(cached, data, pos, len);
		break;
	case 's':
		write_device(durable, data, pos, len);
		break;
	case 'z':
		ret = ioctl(direct, BLKZEROOUT, range);
		break;
	case 'u':
		ret = fallocate(direct, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, pos, len);
		break;
	case 'd':
		ret = ioctl(direct, BLKDISCARD, range);
		break;
	case 'r':
		compare(pos, pos + len);
		break;
	case 'f':
		ret = fsync(direct);
		break;
	default:
		errno = EINVAL;
		ret = -1;
	}
	if (ret)
		die("it failed");
}

static void change_model(char op, const unsigned char *data, int64_t pos, int64_t len)
{
	int ret = 0;

	if (strchr("zud", op))
		ret = fallocate(model, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, pos, len);
	else if (strchr("wbsc", op))
		ret = pwrite(model, data, len, pos) == len ? 0 : -1;
	if (ret)
		die("model");
}

static void operate(char op, int64_t pos, int64_t len)
{
	unsigned char *data = NULL;

	count++;
	if (strchr("wbsc", op)) {
		data = aligned_alloc(4096, (len + 4095) / 4096 * 4096);
		if (!data)
			die("memory");
		fill(data, pos, len);
	}
	if (by_qemu())
		print_for_qemu(op, pos, len);
	else
		do_on_device(op, data, pos, len);
	change_model(op, data, pos, len);
	free(data);
	if (!by_qemu() && len)
		compare_around(pos, len);
}

static int64_t term(char **text)
{
	int64_t value = strtoll(*text, text, 10);

	if (**text == 'k')
		value <<= 10;
	else if (**text == 'M')
		value <<= 20;
	else if (**text == 'G')
		value <<= 30;
	else
		return value;
	(*text)++;

	return value;
}

/* Up to @end; strtoll() takes the signs between terms. */
static int64_t number(char *text, const char *end)
{
	int64_t value = 0;
	char *begin;

	while (text < end) {
		begin = text;
		value += term(&text);
		if (text == begin)
			return -1;
	}
	return text == end ? value : -1;
}

static void do_word(char *word, int64_t begin, int64_t length)
{
	char op = *word++;
	int64_t pos = 0, len = 0;
	char *plus;

	snprintf(what, sizeof(what), "%c%s", op, word);
	if (*word) {
		plus = strrchr(word, '+');
		if (!plus)
			goto wrong;
		pos = number(word, plus);
		len = number(plus + 1, plus + strlen(plus));
	}
	if (pos < 0)
		pos += length;
	if (pos < 0 || len < 0 || pos + len > length)
		goto wrong;
	operate(op, begin + pos, len);
	return;
wrong:
	errno = EINVAL;
	die("not understood");
}

static void do_line(char *line, int wanted_phase, int64_t begin, int64_t length)
{
	char *tab = strchr(line, '\t'), *word;
	int phase = 0;

	errno = EINVAL;
	if (!tab || begin + length > size)
		die(line);
	*tab++ = '\0';
	snprintf(name, sizeof(name), "%s", line);
	for (word = strtok(tab, " \t\n"); word; word = strtok(NULL, " \t\n"))
		if (!strcmp(word, "|"))
			phase++;
		else if (phase == wanted_phase)
			do_word(word, begin, length);
}

static void open_all(const char *model_name)
{
	struct stat stat;

	model = open(model_name, O_RDWR | O_CLOEXEC);
	if (model < 0 || fstat(model, &stat))
		die(model_name);
	size = stat.st_size;
	if (by_qemu())
		return;
	direct = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
	/* A device that is read-only is looked at. */
	if (direct < 0 && (errno == EACCES || errno == EROFS))
		direct = open(device, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (direct < 0)
		die(device);
	cached = open(device, O_RDWR | O_CLOEXEC);
	durable = open(device, O_RDWR | O_DIRECT | O_DSYNC | O_CLOEXEC);
	if (lseek(direct, 0, SEEK_END) != size) {
		fprintf(stderr, "%s is not as large as %s\n", device, model_name);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static char line[LINE];
	int64_t begin = 0;
	int phase;
	FILE *table;

	if (argc != 6) {
		fputs("usage: ops TABLE PHASE DEVICE|- MODEL AREA\n", stderr);
		return 2;
	}
	phase = atoi(argv[2]);
	device = argv[3];
	area = atoll(argv[5]);
	/* Each phase writes something else. */
	count = phase * 100;
	got = aligned_alloc(4096, BLOCK);
	wanted = aligned_alloc(4096, BLOCK);
	table = fopen(argv[1], "r");
	if (!got || !wanted || !table)
		die(argv[1]);
	open_all(argv[4]);
	compare_all("it was attached");
	while (fgets(line, sizeof(line), table)) {
		do_line(line, phase, begin, area ? area : size);
		begin += area;
	}
	if (!by_qemu() && durable >= 0 && fsync(direct))
		die("the last flush");
	compare_all("everything");
	return 0;
}
