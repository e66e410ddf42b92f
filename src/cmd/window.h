/* SPDX-License-Identifier: Apache-2.0
 *
 * window: --since and --until, for every command that reads logs.
 */
#pragma once
#include "cmd/cmd.h"
#include "cmd/read.h"

#define WINDOW_OPTIONS                                                                                 \
	{ "since", 0, "T", false, "leave out what is older: a time, or an age such as 2h" },           \
		{ "until", 0, "T", false, "leave out what is newer" }

/* The limits of reading, with now, since and until set. ERR_USAGE names the option. */
int window_from_opts(struct read_limits *out, const struct app *app, const struct opts *opts, struct err *err);
