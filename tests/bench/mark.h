/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mark that a program in the guest makes for the profiler around QEMU: a prefetch at an
 * address that nobody uses, which does nothing.
 */

#ifndef MARK_H
#define MARK_H

#define MARK_DISPLACEMENT 0x6b72616d
#define MARK_BYTES { 0x0f, 0x18, 0x80, 0x6d, 0x61, 0x72, 0x6b }

#endif
