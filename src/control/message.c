// SPDX-License-Identifier: GPL-2.0-only
/* Copies the structs of include/uapi/reloop.h from and to user memory. */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/uaccess.h>

#include "control/label.h"
#include "control/message.h"
#include "io/fault_words.h"

/* No struct is as large as that. */
#define MESSAGE_SIZE_MAX	PAGE_SIZE

#define ATTACH_FLAGS	(RELOOP_ATTACH_READ_ONLY | RELOOP_ATTACH_PARTSCAN | \
			 RELOOP_ATTACH_DIRECT_IO | RELOOP_ATTACH_OWNER | \
			 RELOOP_ATTACH_FLUSH_IGNORE | RELOOP_ATTACH_ANY_BASE | \
			 RELOOP_ATTACH_UNSHARED | RELOOP_ATTACH_PRIVATE)

/* A write cache needs writes and flushes, and has no base. */
#define VOLATILE_NOT_FLAGS	(RELOOP_ATTACH_READ_ONLY | \
				 RELOOP_ATTACH_FLUSH_IGNORE | \
				 RELOOP_ATTACH_ANY_BASE)

/* Every struct begins with its size. */
static int message_read(void *request, size_t size, size_t smallest,
			const void __user *arg)
{
	u32 given;
	int ret;

	if (get_user(given, (const u32 __user *)arg))
		return -EFAULT;
	if (given < smallest)
		return -EINVAL;
	if (given > MESSAGE_SIZE_MAX)
		return -E2BIG;

	ret = copy_struct_from_user(request, size, arg, given);
	/* The size in user memory may have changed since it was read. */
	if (!ret)
		*(u32 *)request = given;

	return ret;
}

/* Writes as much as the caller knows of. */
static int message_answer(const void *request, size_t size, void __user *arg)
{
	u32 given = *(const u32 *)request;

	return copy_to_user(arg, request, min_t(size_t, given, size)) ?
	       -EFAULT : 0;
}

/* Whether nothing is set that would be ignored or makes no sense. */
static bool attach_format_ok(const struct reloop_attach *request)
{
	switch (request->format) {
	case RELOOP_FORMAT_RAW:
		return !request->base_fd &&
		       !(request->flags & RELOOP_ATTACH_ANY_BASE);
	case RELOOP_FORMAT_OVERLAY:
		return true;
	case RELOOP_FORMAT_VOLATILE:
		return !(request->flags & VOLATILE_NOT_FLAGS);
	default:
		return false;
	}
}

/* Whether nothing else is asked for besides direct I/O. */
static bool attach_cache_ok(const struct reloop_attach *request)
{
	switch (request->cache) {
	case RELOOP_CACHE_BUFFERED:
	case RELOOP_CACHE_DIRECT:
		return true;
	case RELOOP_CACHE_AUTO:
	case RELOOP_CACHE_DONTCACHE:
		return !(request->flags & RELOOP_ATTACH_DIRECT_IO);
	default:
		return false;
	}
}

int reloop_message_read_attach(struct reloop_attach *request,
			       const void __user *arg)
{
	int ret;

	/* No padding between the members, or kernel memory would leak. */
	BUILD_BUG_ON(sizeof(*request) != RELOOP_ATTACH_SIZE_VER2);

	ret = message_read(request, sizeof(*request), RELOOP_ATTACH_SIZE_VER0,
			   arg);
	if (ret)
		return ret;
	request->reason = RELOOP_REASON_NONE;
	if (request->flags & ~ATTACH_FLAGS || request->reserved ||
	    !attach_cache_ok(request) || request->number < -1 ||
	    !reloop_label_ok(request->label))
		return -EINVAL;

	return attach_format_ok(request) ? 0 : -EINVAL;
}

int reloop_message_answer_attach(const struct reloop_attach *request,
				 void __user *arg)
{
	return message_answer(request, sizeof(*request), arg);
}

void reloop_message_answer_reason(const struct reloop_attach *request,
				  void __user *arg)
{
	struct reloop_attach __user *answer = arg;

	/* If this fails, there is an errno already. */
	if (request->size >= RELOOP_ATTACH_SIZE_VER1 &&
	    put_user(request->reason, &answer->reason))
		return;
	/* If there is no user, this writes back the caller's own value. */
	if (request->size >= RELOOP_ATTACH_SIZE_VER2 &&
	    put_user(request->user, &answer->user))
		return;
}

int reloop_message_read_detach(struct reloop_detach *request,
			       const void __user *arg)
{
	int ret;

	BUILD_BUG_ON(sizeof(*request) != RELOOP_DETACH_SIZE_VER0);

	ret = message_read(request, sizeof(*request), RELOOP_DETACH_SIZE_VER0,
			   arg);
	if (ret)
		return ret;
	if (request->flags || request->number < 0)
		return -EINVAL;

	return 0;
}

int reloop_message_read_fault(struct reloop_fault *request,
			      const void __user *arg)
{
	int ret;

	BUILD_BUG_ON(sizeof(*request) != RELOOP_FAULT_SIZE_VER0);

	ret = message_read(request, sizeof(*request), RELOOP_FAULT_SIZE_VER0,
			   arg);
	if (ret)
		return ret;

	return request->number < 0 || !reloop_fault_ok(request) ? -EINVAL : 0;
}

/* Whether the way exists, and has an argument only if it uses one. */
static bool powercut_keep_ok(const struct reloop_powercut *request)
{
	switch (request->keep) {
	case RELOOP_KEEP_NONE:
	case RELOOP_KEEP_ALL:
		return !request->argument;
	case RELOOP_KEEP_RANDOM:
	case RELOOP_KEEP_PREFIX:
		return true;
	default:
		return false;
	}
}

int reloop_message_read_powercut(struct reloop_powercut *request,
				 const void __user *arg)
{
	int ret;

	BUILD_BUG_ON(sizeof(*request) != RELOOP_POWERCUT_SIZE_VER0);

	ret = message_read(request, sizeof(*request), RELOOP_POWERCUT_SIZE_VER0,
			   arg);
	if (ret)
		return ret;
	if (request->number < 0 || request->reserved || request->reserved2)
		return -EINVAL;

	return powercut_keep_ok(request) ? 0 : -EINVAL;
}

int reloop_message_answer_powercut(const struct reloop_powercut *request,
				   void __user *arg)
{
	return message_answer(request, sizeof(*request), arg);
}
