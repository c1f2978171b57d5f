// SPDX-License-Identifier: GPL-2.0-only
/* Where the tracepoints' code is. */
#define CREATE_TRACE_POINTS
#include "device/trace.h"
