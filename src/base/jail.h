/* SPDX-License-Identifier: Apache-2.0
 *
 * jail: gives up rights before hostile bytes are parsed.
 *
 * After jail_enter() the process can read what it holds open and what lies
 * below the given folders, write to the given descriptors, allocate memory and
 * end; no sockets, no programs, no writing to files, no other processes.
 * Layers: no_new_privs, capabilities (at most CAP_DAC_READ_SEARCH stays),
 * Landlock where the kernel has it, a seccomp allow-list.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct jail {
	const int *readable;    /* folders whose contents may be opened read-only; none = no file at all */
	size_t readable_count;
	const int *writable;    /* descriptors for write(2): pipe to the parent, stderr */
	size_t writable_count;
	bool without_landlock;  /* as on kernels that lack it; for tests */
};

int jail_enter(const struct jail *jail, struct err *err);
