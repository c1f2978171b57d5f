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

/*
 * The module's parameter "names" reads as one of these once it is loaded.
 * Devices are /dev/<names>N, the control node is /dev/<names>-control.
 */
#define RELOOP_NAMES_LOOP	"loop"
#define RELOOP_NAMES_OWN	"reloop"
#define RELOOP_NAMES_CONTROL	"-control"

#endif /* _UAPI_RELOOP_H */
