/* SPDX-License-Identifier: GPL-2.0-only */
/* The structs of include/uapi/reloop.h: from user memory and back. */
#ifndef RELOOP_MESSAGE_H
#define RELOOP_MESSAGE_H

#include <linux/compiler_types.h>
#include <uapi/reloop.h>

/**
 * reloop_message_read_attach() - what RELOOP_CTL_ATTACH asks for
 * @request: receives it, checked; the size is the caller's
 * @arg: where the caller has it
 *
 * May sleep.
 *
 * Return: 0; -EFAULT; -E2BIG when there is more to it than is known here;
 * -EINVAL when it is too small, or for unknown flags or an unknown format, a flag
 * that does not go with the format, a reserved field or one of another format that
 * is not zero, a number below -1, or a label that cannot be one.
 */
int reloop_message_read_attach(struct reloop_attach *request,
			       const void __user *arg);

/**
 * reloop_message_answer_reason() - what the caller of an attach that failed gets
 * @request: from reloop_message_read_attach(), with the reason in it, and the user
 * @arg: as there
 *
 * May sleep.
 */
void reloop_message_answer_reason(const struct reloop_attach *request,
				  void __user *arg);

/**
 * reloop_message_answer_attach() - what the caller gets back
 * @request: from reloop_message_read_attach(), with the answers in it
 * @arg: as there
 *
 * May sleep.
 *
 * Return: 0 or -EFAULT.
 */
int reloop_message_answer_attach(const struct reloop_attach *request,
				 void __user *arg);

/**
 * reloop_message_read_detach() - what RELOOP_CTL_DETACH asks for
 * @request: receives it, checked
 * @arg: where the caller has it
 *
 * May sleep.
 *
 * Return: 0; -EFAULT; -E2BIG as above; -EINVAL when it is too small, or for
 * unknown flags or a number below 0.
 */
int reloop_message_read_detach(struct reloop_detach *request,
			       const void __user *arg);

/**
 * reloop_message_read_fault() - what RELOOP_CTL_FAULT asks for
 * @request: receives it, checked by reloop_fault_ok()
 * @arg: where the caller has it
 *
 * May sleep.
 *
 * Return: 0; -EFAULT; -E2BIG as above; -EINVAL when it is too small, no rule that
 * there can be, or for a number below 0.
 */
int reloop_message_read_fault(struct reloop_fault *request,
			      const void __user *arg);

/**
 * reloop_message_read_powercut() - what RELOOP_CTL_POWERCUT asks for
 * @request: receives it, checked
 * @arg: where the caller has it
 *
 * May sleep.
 *
 * Return: 0; -EFAULT; -E2BIG as above; -EINVAL when it is too small, for a way of
 * keeping that is unknown or does not go with its argument, what is reserved and
 * not zero, or a number below 0.
 */
int reloop_message_read_powercut(struct reloop_powercut *request,
				 const void __user *arg);

/**
 * reloop_message_answer_powercut() - what the caller gets back
 * @request: from reloop_message_read_powercut(), with the answers in it
 * @arg: as there
 *
 * May sleep.
 *
 * Return: 0 or -EFAULT.
 */
int reloop_message_answer_powercut(const struct reloop_powercut *request,
				   void __user *arg);

#endif /* RELOOP_MESSAGE_H */
