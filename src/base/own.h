/* SPDX-License-Identifier: Apache-2.0
 *
 * own: cleanup attributes for things with one owner, and the way to hand them on.
 *
 *     OWN_FD int fd = open(...);      closed when the scope ends
 *     return own_take_fd(&fd);        handed to the caller instead
 */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void own_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void own_free(void *slot)
{
	free(*(void **)slot);
}

static inline void own_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline int own_take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

#define OWN_FD __attribute__((cleanup(own_close_fd)))
#define OWN_MEM __attribute__((cleanup(own_free)))
#define OWN_FILE __attribute__((cleanup(own_fclose)))
#define OWN(done) __attribute__((cleanup(done)))
