// SPDX-License-Identifier: Apache-2.0
// Preloaded library that moves the wall clock of a test host.
// Every process of the host maps CLOCK_FILE at its start: two offsets (nanoseconds, int64), of the wall clock and of the
// monotonic clock; the rig raises them to let two days pass in a minute. Exim takes the time of a message id from the
// monotonic clock, so both have to move. Named in /etc/ld.so.preload this also serves set-uid programs and survives a
// purged environment. A C library that stamps by itself (syslog) is not reached: the log daemon stamps instead.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000, YEAR_2001 = 1000000000 };

struct offsets { volatile int64_t wall, monotonic; };

static const struct offsets *offsets;

__attribute__((constructor)) static void clock_open(void)
{
	int fd = open(CLOCK_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	void *page = mmap(NULL, sizeof *offsets, PROT_READ, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED)
		offsets = page;
	close(fd);
}

static struct timespec shifted(struct timespec t, int64_t by)
{
	int64_t ns = t.tv_nsec + by;
	int64_t seconds = ns >= 0 ? ns / SECOND : -((-ns + SECOND - 1) / SECOND);
	return (struct timespec){ .tv_sec = t.tv_sec + seconds, .tv_nsec = ns - seconds * SECOND };
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	if (syscall(SYS_clock_gettime, id, t))
		return -1;
	if (!offsets)
		return 0;
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		*t = shifted(*t, offsets->wall);
	else if (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_BOOTTIME)
		*t = shifted(*t, offsets->monotonic);
	return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	(void)zone;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	*t = (struct timeval){ .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000 };
	return 0;
}

time_t time(time_t *t)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (t)
		*t = now.tv_sec;
	return now.tv_sec;
}

// A deadline was computed from a moved clock: move it back. One on the monotonic clock counts from boot and is small.
int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
	int (*wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *) =
		(int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *))(uintptr_t)
		dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
	int64_t ahead = !offsets ? 0 : until->tv_sec > YEAR_2001 ? offsets->wall : offsets->monotonic;
	struct timespec real = shifted(*until, -ahead);
	return wait ? wait(cond, mutex, &real) : ENOSYS;
}
