/* SPDX-License-Identifier: GPL-2.0-only */
/* Chooses the device that takes what is to be attached. */
#ifndef RELOOP_PLACE_H
#define RELOOP_PLACE_H

#include <linux/types.h>
#include <uapi/reloop.h>

struct reloop_device;
struct reloop_owner;

/**
 * reloop_place_attach() - RELOOP_CTL_ATTACH
 * @request: checked; receives the answers
 * @writable: whether the caller may write to the device
 * @owner: the owner of the open file that the ioctl was called on
 * @made: receives whether the device was made for this
 *
 * May sleep.
 *
 * Return: the device, with a reference, or ERR_PTR: -EBADF for a bad file
 * descriptor; the errors of reloop_attachment_init(), reloop_index_create() and
 * reloop_device_attach_prepared(), but -EBUSY only if a number is asked for or
 * with a reason; -ERESTARTSYS if a signal, or work of an io_uring, comes first.
 */
struct reloop_device *reloop_place_attach(struct reloop_attach *request,
					  bool writable,
					  struct reloop_owner *owner,
					  bool *made);

#endif /* RELOOP_PLACE_H */
