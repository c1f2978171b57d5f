/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What reloop adds to <linux/loop.h>, for the module and for programs.
 *
 * The control ioctls, the device ioctls and their structs are those of
 * <linux/loop.h>, unchanged.
 */
#ifndef _UAPI_RELOOP_H
#define _UAPI_RELOOP_H

#define RELOOP_VERSION		"0.1.0"

/* The module's parameter "names" reads as one of these once it is loaded. */
#define RELOOP_NAMES_LOOP	"loop"
#define RELOOP_NAMES_OWN	"reloop"

/* The control node in /dev under either set of names. */
#define RELOOP_CONTROL_LOOP	"loop-control"
#define RELOOP_CONTROL_OWN	"reloop-control"

#endif /* _UAPI_RELOOP_H */
