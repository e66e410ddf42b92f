/* SPDX-License-Identifier: Apache-2.0
 *
 * window: reading of --since and --until.
 */
#include "cmd/window.h"

#define FILE_BYTES_MAX (64ull << 30)

static int time_option(const struct app *app, const struct opts *opts, const char *name, usec *out, struct err *err)
{
	const char *value = opts_get(opts, name);
	*out = USEC_NEVER;
	if (value && !clock_parse(str_from(value), app->now, out))
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is neither a time (2026-11-05, 2026-11-05T14:30:00Z) nor an age (2h, 3d)", name,
			       value);
	return 0;
}

int window_from_opts(struct read_limits *out, const struct app *app, const struct opts *opts, struct err *err)
{
	struct read_limits limits = { .now = app->now, .file_bytes = FILE_BYTES_MAX };
	int rc = time_option(app, opts, "since", &limits.since, err);
	if (!rc)
		rc = time_option(app, opts, "until", &limits.until, err);
	if (!rc)
		*out = limits;
	return rc;
}
