/* SPDX-License-Identifier: Apache-2.0
 *
 * pager: text that is longer than the terminal goes through less.
 */
#pragma once
#include "base/buf.h"

/* Writes text to fd; when that is a terminal with fewer rows, through /usr/bin/less (in its secure mode, so that nobody
 * starts a shell from it), unless the environment says PAGER=cat or PAGER=. Leaving the pager early is no error. */
int pager_write(const struct buf *text, int fd, struct err *err);
