/* SPDX-License-Identifier: Apache-2.0
 *
 * root: opening of a host's files, where the host may be an image below a
 * folder. Paths are the host's own ("/var/log/..."): links, absolute ones
 * too, are resolved inside the root and can never lead out of it.
 */
#pragma once
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* Opens the folder that is the host's /, or the folder of an image that holds it as root/ beside a MANIFEST.tsv. The
 * descriptor is the caller's. */
int root_open_root(const char *directory, struct err *err);
/* Opens path (with or without leading /) inside the root; flags are O_RDONLY kind (O_CLOEXEC | O_NONBLOCK | O_NOCTTY are
 * added). Uses openat2(RESOLVE_IN_ROOT), else walks by hand. Returns a descriptor or an error code. */
int root_open(int root_fd, const char *path, int flags, struct err *err);
/* The walk by hand, for kernels without openat2 (before 5.6) and for tests. */
int root_open_by_hand(int root_fd, const char *path, int flags, struct err *err);
/* As root_open, but only regular files pass. */
int root_open_file(int root_fd, const char *path, struct err *err);
bool root_exists(int root_fd, const char *path);
/* The names in the folder at path in byte order, without . and ..; strings live in names' own memory. A missing folder
 * gives ERR_GONE. */
struct dir_names {
	VEC(char *) list;
};
int root_list(int root_fd, const char *path, struct dir_names *out, struct err *err);
void dir_names_done(struct dir_names *names);
