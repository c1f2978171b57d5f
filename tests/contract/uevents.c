// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's uevents, which it sends before the call that brings them returns. */
#define _GNU_SOURCE
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "contract.h"

#define KERNEL_GROUP	1
#define RECEIVE_BYTES	(1024 * 1024)

static int uevent_socket = -1;

void uevents_listen(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = KERNEL_GROUP,
	};
	int bytes = RECEIVE_BYTES;

	uevent_socket = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			       NETLINK_KOBJECT_UEVENT);
	if (uevent_socket < 0)
		die("netlink socket");
	setsockopt(uevent_socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (bind(uevent_socket, (struct sockaddr *)&address, sizeof(address)))
		die("bind netlink socket");
}

/* The next uevent, as strings that end with an empty one; false: there is none. */
static bool receive(char *event, size_t size)
{
	ssize_t length = recv(uevent_socket, event, size - 2, 0);

	if (length < 0)
		return false;
	event[length] = '\0';
	event[length + 1] = '\0';
	return true;
}

static const char *field(const char *event, const char *name)
{
	size_t length = strlen(name);

	for (; *event; event += strlen(event) + 1)
		if (!strncmp(event, name, length) && event[length] == '=')
			return event + length + 1;
	return NULL;
}

void uevents_forget(void)
{
	char event[8192];

	while (receive(event, sizeof(event)))
		;
}

int uevents_tell(char *text, size_t size)
{
	const char *action, *name, *subsystem;
	char event[8192];
	int count = 0;

	while (receive(event, sizeof(event))) {
		action = field(event, "ACTION");
		name = field(event, "DEVNAME");
		subsystem = field(event, "SUBSYSTEM");
		if (!action || !name || !subsystem || strcmp(subsystem, "block") ||
		    strncmp(name, DEVICE_NAME, strlen(DEVICE_NAME)))
			continue;
		append(text, size, count++ ? "+%s" : " uevent %s", action);
		if (field(event, "DISK_MEDIA_CHANGE"))
			append(text, size, "(media)");
		if (field(event, "RESIZE"))
			append(text, size, "(resize)");
		if (strcmp(name, DEVICE_NAME))
			append(text, size, "(%s)", name + strlen(DEVICE_NAME));
	}
	return count;
}
