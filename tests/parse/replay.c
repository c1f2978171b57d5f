// SPDX-License-Identifier: GPL-2.0-only
/* replay FILE...: gives each file to the target, without libFuzzer. */
#include "parse.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The bytes end where the file ends, so that the sanitizers see whoever reads on. */
static void replay(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *bytes;

	EXPECT(fd >= 0 && !fstat(fd, &st));
	bytes = malloc(st.st_size);
	EXPECT(read(fd, bytes, st.st_size) == st.st_size);
	close(fd);
	LLVMFuzzerTestOneInput(bytes, st.st_size);
	free(bytes);
}

int main(int argc, char **argv)
{
	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		/* Whatever ends this, the last line says what it was. */
		printf("# %s\n", argv[i]);
		fflush(stdout);
		replay(argv[i]);
	}
	printf("ok - %s: %d seeds\n", getenv("TARGET"), argc - 1);
	return 0;
}
