/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies the structs of include/uapi/reloop.h from and to user memory. */
#ifndef RELOOP_MESSAGE_H
#define RELOOP_MESSAGE_H

#include <linux/compiler_types.h>
#include <uapi/reloop.h>

/**
 * reloop_message_read_attach() - read and check a struct reloop_attach
 * @request: receives it; its size is the caller's
 * @arg: where the caller has it
 *
 * May sleep.
 *
 * Return: 0; -EFAULT; -E2BIG if it has more than is known here; -EINVAL if it
 * is too small, or for unknown flags or an unknown format, a flag that does not
 * go with the format, a nonzero field that is reserved or belongs to another
 * format, a number below -1, or an invalid label.
 */
int reloop_message_read_attach(struct reloop_attach *request,
			       const void __user *arg);

/**
 * reloop_message_answer_reason() - tell the caller why an attach failed
 * @request: from reloop_message_read_attach(), with the reason and the user set
 * @arg: as in reloop_message_read_attach()
 *
 * May sleep.
 */
void reloop_message_answer_reason(const struct reloop_attach *request,
				  void __user *arg);

/**
 * reloop_message_answer_attach() - give the caller the answers to an attach
 * @request: from reloop_message_read_attach(), with the answers set
 * @arg: as in reloop_message_read_attach()
 *
 * May sleep.
 *
 * Return: 0 or -EFAULT.
 */
int reloop_message_answer_attach(const struct reloop_attach *request,
				 void __user *arg);

/**
 * reloop_message_read_detach() - read and check a struct reloop_detach
 * @request: receives it
 * @arg: where the caller has it
 *
 * May sleep.
 *
 * Return: 0; -EFAULT; -E2BIG as above; -EINVAL if it is too small, or for
 * unknown flags or a negative number.
 */
int reloop_message_read_detach(struct reloop_detach *request,
			       const void __user *arg);

/**
 * reloop_message_read_fault() - read and check a struct reloop_fault
 * @request: receives it, checked by reloop_fault_ok()
 * @arg: where the caller has it
 *
 * May sleep.
 *
 * Return: 0; -EFAULT; -E2BIG as above; -EINVAL if it is too small, or for an
 * invalid rule or a negative number.
 */
int reloop_message_read_fault(struct reloop_fault *request,
			      const void __user *arg);

/**
 * reloop_message_read_powercut() - read and check a struct reloop_powercut
 * @request: receives it
 * @arg: where the caller has it
 *
 * May sleep.
 *
 * Return: 0; -EFAULT; -E2BIG as above; -EINVAL if it is too small, or for a way
 * of keeping that is unknown or does not go with its argument, a reserved field
 * that is not zero, or a negative number.
 */
int reloop_message_read_powercut(struct reloop_powercut *request,
				 const void __user *arg);

/**
 * reloop_message_answer_powercut() - give the caller the answers to a power cut
 * @request: from reloop_message_read_powercut(), with the answers set
 * @arg: as in reloop_message_read_powercut()
 *
 * May sleep.
 *
 * Return: 0 or -EFAULT.
 */
int reloop_message_answer_powercut(const struct reloop_powercut *request,
				   void __user *arg);

#endif /* RELOOP_MESSAGE_H */
