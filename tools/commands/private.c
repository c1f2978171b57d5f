// SPDX-License-Identifier: GPL-2.0-only
#include "commands/private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/signals.h"
#include "lib/spawn.h"
#include "words/report.h"

/* Faults of this process, the signals by which terminals stop and continue groups, and SIGPIPE. */
static const int not_forwarded[] = {
	SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS,
	SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGPIPE,
};

#define NO_WITNESS -1

static sigset_t watched, mask_before;

static void watch_signals(void)
{
	sigfillset(&watched);
	for (size_t i = 0; i < sizeof(not_forwarded) / sizeof(not_forwarded[0]); i++)
		sigdelset(&watched, not_forwarded[i]);
	sigprocmask(SIG_BLOCK, &watched, &mask_before);
	signals_hand_over(&mask_before);
}

/* The init also gets the orphans of its namespace as children. */
static bool reap(pid_t child, int *status)
{
	int end;
	pid_t pid;

	while ((pid = waitpid(-1, &end, WNOHANG)) > 0) {
		if (pid != child)
			continue;
		*status = spawn_status(end);
		return true;
	}
	return false;
}

/*
 * The witness is in the process group of the supervisor and of the command. All it does is keep the
 * signals that it gets until it is asked for them. A signal to the whole group, from a terminal or
 * from kill(2), which serves the youngest process first, has reached the witness by the time it has
 * reached the supervisor.
 */
static void be_witness(void)
{
	const struct timespec now = { 0 };
	sigset_t wanted;
	bool came;
	int number;

	sigfillset(&wanted);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	while (recv(STDIN_FILENO, &number, sizeof(number), 0) == sizeof(number)) {
		sigemptyset(&wanted);
		sigaddset(&wanted, number);
		came = sigtimedwait(&wanted, NULL, &now) == number;
		send(STDIN_FILENO, &came, sizeof(came), MSG_NOSIGNAL);
	}
}

/* Getting a signal twice is better than not getting it: so no answer means no. */
static bool has_witnessed(int witness, int number)
{
	bool came;

	return send(witness, &number, sizeof(number), MSG_NOSIGNAL) == sizeof(number) &&
	       recv(witness, &came, sizeof(came), 0) == sizeof(came) && came;
}

/*
 * What came before there was a @child has not reached it, though it has reached the witness: who
 * forgets it now. What comes meanwhile may reach the child twice.
 */
static void forward_earlier(pid_t child, int witness)
{
	const struct timespec now = { 0 };
	sigset_t earlier = watched;
	int number;

	sigdelset(&earlier, SIGCHLD);
	while ((number = sigtimedwait(&earlier, NULL, &now)) > 0) {
		has_witnessed(witness, number);
		kill(child, number);
	}
}

/* @witness: has the signals that reach @child anyway; NO_WITNESS if there are no such signals. */
static int supervise(pid_t child, int witness)
{
	siginfo_t info;
	int status;

	for (;;) {
		if (sigwaitinfo(&watched, &info) < 0)
			continue;
		if (info.si_signo == SIGCHLD && reap(child, &status))
			return status;
		if (info.si_signo != SIGCHLD &&
		    (witness == NO_WITNESS || !has_witnessed(witness, info.si_signo)))
			kill(child, info.si_signo);
	}
}

static int report_not_run(const char *what, int error)
{
	report_failure("%s: %s; %s", what, strerror(error), error == EPERM ?
		       "needs root, and a container that may mount: use sudo" :
		       error == ENOSPC ? "raise the limits in /proc/sys/user" :
		       "it may be that the kernel does not have it");
	return STATUS_RUN_FAILED;
}

static int make_mounts_slave(void)
{
	return mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL);
}

/*
 * The same, starting from the root of the namespace, to which setns(2) leads: this process's root
 * directory need not be a mount point.
 */
static int make_all_mounts_slave(void)
{
	int root = open("/", O_PATH | O_CLOEXEC), here = open(".", O_PATH | O_CLOEXEC);
	int self = syscall(SYS_pidfd_open, getpid(), 0);

	return setns(self, CLONE_NEWNS) || make_mounts_slave() || fchdir(root) || chroot(".") ||
	       fchdir(here);
}

/* Mounts made outside still come in, and those unmounted there go; mounts made here stay here. */
static int enter_namespace(void)
{
	if (unshare(CLONE_NEWNS) ||
	    (make_mounts_slave() && (errno != EINVAL || make_all_mounts_slave())))
		return report_not_run("no mount namespace", errno);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return report_not_run("no /proc for a PID namespace", errno);
	return STATUS_OK;
}

static void start_command(char **argv)
{
	int error;

	/* Restores what the caller of reloop had. */
	signals_restore();
	spawn_execute((const char *const *)argv, &mask_before);
	error = errno;
	report_failure("%s: not run: %s; check the name and its permissions", argv[0],
		       strerror(error));
	_exit(error == ENOENT ? STATUS_NO_COMMAND : STATUS_NOT_RUN);
}

static int prepare_and_run(char **argv, int (*prepare)(void *data),
			   int (*finish)(void *data, int status), void *data)
{
	int status = enter_namespace();
	int left[2];
	pid_t child;
	char none;

	/* Signals that come while this takes long are still there for the command to get. */
	signals_take_back();
	if (status == STATUS_OK)
		status = prepare(data);
	if (status != STATUS_OK)
		return status;
	signals_hand_over(&mask_before);
	if (pipe2(left, O_CLOEXEC))
		return report_not_run("no pipe", errno);
	child = fork();
	if (child < 0)
		return report_not_run("no process for the command", errno);
	if (!child) {
		close(left[1]);
		if (!read(left[0], &none, 1))
			start_command(argv);
		_exit(STATUS_RUN_FAILED);
	}
	/* Leaves the group before the command runs: from then on, signals here are for it alone. */
	setsid();
	close(left[1]);
	close(left[0]);
	return finish(data, supervise(child, NO_WITNESS));
}

/*
 * The death signal is sent only for a death that comes later: a supervisor that died earlier has
 * closed its end of the pipe.
 */
static bool is_orphan(int lifeline)
{
	struct pollfd end = { .fd = lifeline };

	return prctl(PR_SET_PDEATHSIG, SIGKILL) || poll(&end, 1, 0);
}

int private_run(char **argv, int owned_fd, int (*prepare)(void *data),
		int (*finish)(void *data, int status), void *data)
{
	int lifeline[2], witness, status;
	pid_t witness_pid, init;

	watch_signals();
	witness = spawn_server(be_witness, &witness_pid);
	if (witness < 0)
		return report_not_run("no process to watch signals", -witness);
	if (pipe2(lifeline, O_CLOEXEC))
		return report_not_run("no pipe", errno);
	if (unshare(CLONE_NEWPID))
		return report_not_run("no PID namespace", errno);
	init = fork();
	if (init < 0)
		return report_not_run("no process for the command", errno);
	if (!init) {
		close(lifeline[1]);
		close(owned_fd);
		if (is_orphan(lifeline[0]))
			_exit(STATUS_RUN_FAILED);
		_exit(prepare_and_run(argv, prepare, finish, data));
	}
	close(lifeline[0]);
	forward_earlier(init, witness);
	status = supervise(init, witness);
	close(lifeline[1]);
	return status;
}
