// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU that counts how often each piece of straight code runs in the guest. At each
 * mark that the guest makes it writes a file with the counts since the mark before, a line for
 * each piece that ran:
 *
 *   ADDRESS TIMES INSTRUCTIONS
 *
 * Files are numbered from 0. Meant for one emulated processor: nothing here is locked.
 */

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "plugin_api.h"

struct piece {
	struct piece *next;
	uint64_t address;
	uint64_t instructions;
	uint64_t times;
};

__attribute__((visibility("default"))) int qemu_plugin_version = PLUGIN_API_VERSION;

static struct piece *pieces;
static const char *dir;
static unsigned int phase;

static FILE *phase_file(void)
{
	char name[PATH_MAX];
	FILE *file;

	snprintf(name, sizeof(name), "%s/%u", dir, phase);
	file = fopen(name, "w");
	if (!file) {
		perror(name);
		abort();
	}
	return file;
}

static void phase_ends(unsigned int cpu, void *data)
{
	FILE *file = phase_file();
	struct piece *piece;

	(void)cpu;
	(void)data;
	for (piece = pieces; piece; piece = piece->next) {
		if (piece->times)
			fprintf(file, "%016" PRIx64 " %" PRIu64 " %" PRIu64 "\n", piece->address,
				piece->times, piece->times * piece->instructions);
		piece->times = 0;
	}
	fclose(file);
	phase++;
}

static int is_mark(const struct qemu_plugin_insn *insn)
{
	static const unsigned char mark[] = MARK_BYTES;

	return qemu_plugin_insn_size(insn) == sizeof(mark) &&
	       !memcmp(qemu_plugin_insn_data(insn), mark, sizeof(mark));
}

/* Perhaps not for the first time; each translation is a piece of its own. */
static void piece_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct piece *piece = malloc(sizeof(*piece));
	struct qemu_plugin_insn *insn;
	size_t i;

	(void)id;
	if (!piece)
		abort();
	*piece = (struct piece) {
		.next = pieces,
		.address = qemu_plugin_tb_vaddr(tb),
		.instructions = qemu_plugin_tb_n_insns(tb),
	};
	pieces = piece;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &piece->times, 1);
	for (i = 0; i < piece->instructions; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (is_mark(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, phase_ends,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

/* The only argument: dir=DIRECTORY. */
__attribute__((visibility("default")))
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	static const char key[] = "dir=";

	(void)info;
	if (argc != 1 || strncmp(argv[0], key, strlen(key)))
		return -1;
	dir = strdup(argv[0] + strlen(key));
	if (!dir)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, piece_translated);
	return 0;
}
