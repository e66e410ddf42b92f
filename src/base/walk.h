/* SPDX-License-Identifier: Apache-2.0
 *
 * walk: opening a path that somebody else may be changing at this moment.
 *
 * The path is walked from a base directory one component at a time; no link is
 * followed, "." and ".." are refused, and each step may be held to an owner and
 * to one file system. The result pins the object (O_PATH): nothing was read,
 * no fifo blocked, no device touched. What is then done goes through that
 * descriptor, so that swapping path components can no longer redirect it.
 *
 * Each step is an openat2 (BENEATH, NO_SYMLINKS, NO_MAGICLINKS) where the
 * kernel has it (5.6), else an openat with O_NOFOLLOW and a look at what came.
 */
#pragma once
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

#define WALK_ANY ((uid_t)-1)

struct walk_rule {
	uid_t owner;     /* each component belongs to this user or, folders only, to root; WALK_ANY = not checked */
	bool one_device; /* no component may lie on another file system than base */
};
#define WALK_FREE (&(struct walk_rule){ .owner = WALK_ANY })

/* Pins path beneath base; leading slashes are dropped, so an absolute path is taken as beneath base; an empty path pins
 * base itself. Returns the descriptor (the caller's to close). ERR_GONE when a component is missing, ERR_REFUSED when a
 * rule is broken. */
int walk_open(int base, str path, const struct walk_rule *rule, struct err *err);

/* A usable descriptor of a pinned regular file or directory (flags as for open; O_CLOEXEC and O_NOCTTY are added);
 * ERR_REFUSED for any other kind of object. Needs /proc. */
int walk_reopen(int pin, int flags, struct err *err);

/* Both in one: the object as open, with its status. */
int walk_file(int base, str path, const struct walk_rule *rule, int flags, struct stat *out_status, struct err *err);

/* Cuts path at its last slash: folder ("" when there is none) and name. */
void walk_split(str path, str *out_folder, str *out_name);
