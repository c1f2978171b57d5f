/* SPDX-License-Identifier: GPL-2.0-only */
/* What src/store/overlay_header.c takes from the kernel, so that it runs here. */
#ifndef PARSE_ALIGN_H
#define PARSE_ALIGN_H

#include <asm/byteorder.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint32_t u32;
typedef uint64_t u64;

#define be32_to_cpu __be32_to_cpu
#define be64_to_cpu __be64_to_cpu

#define ALIGN(x, a) (((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a) (!((x) & ((__typeof__(x))(a) - 1)))

#endif
