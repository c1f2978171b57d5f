// SPDX-License-Identifier: GPL-2.0-only
/* Runs in the guest: tells the profiler that a phase ends here. */

#include "mark.h"

int main(void)
{
	__asm__ volatile("prefetchnta %c0(%%rax)" : : "i" (MARK_DISPLACEMENT));
	return 0;
}
