/* SPDX-License-Identifier: Apache-2.0
 *
 * inputs: the options that name inputs and turn discovery off.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"

const struct opt input_options[] = {
	{ "log", 0, "FILE", true, "read this Exim main log (may be repeated); naming any input turns discovery off" },
	{ "spool", 0, "DIR", false, "read the queue in this spool" },
	{ "dovecot", 0, "FILE", true, "read this Dovecot log" },
	{ "access", 0, "FILE", true, "read this web access log; its name tells the domain" },
	{ "passwd", 0, "FILE", false, "accounts and homes" },
	OPT_END,
};

/* Without --root paths count from the current folder, with it from the image's top. */
static const char *host_path(struct named_inputs *named, const struct app *app, const char *path)
{
	char here[4096];
	if (path[0] == '/' || !app->live || !getcwd(here, sizeof(here)))
		return path;
	return arena_printf(&named->arena, "%s/%s", here, path).at;
}

bool inputs_from_opts(struct named_inputs *out, const struct app *app, const struct opts *opts)
{
	*out = (struct named_inputs){ 0 };
	for (size_t i = 0; i < opts->hits.count; i++) {
		const struct opt_hit *hit = &opts->hits.at[i];
		if (hit->opt == &input_options[0])
			*VEC_PUSH(&out->logs) = host_path(out, app, hit->value);
		else if (hit->opt == &input_options[1])
			out->inputs.spool = host_path(out, app, hit->value);
		else if (hit->opt == &input_options[2])
			*VEC_PUSH(&out->dovecot) = host_path(out, app, hit->value);
		else if (hit->opt == &input_options[3])
			*VEC_PUSH(&out->access) = host_path(out, app, hit->value);
		else if (hit->opt == &input_options[4])
			out->inputs.passwd = host_path(out, app, hit->value);
	}
	bool any = out->logs.count || out->dovecot.count || out->access.count || out->inputs.spool || out->inputs.passwd;
	*VEC_PUSH(&out->logs) = NULL;
	*VEC_PUSH(&out->dovecot) = NULL;
	*VEC_PUSH(&out->access) = NULL;
	out->inputs.logs = out->logs.at;
	out->inputs.dovecot = out->dovecot.at;
	out->inputs.access = out->access.at;
	return any;
}

void inputs_done(struct named_inputs *named)
{
	free(named->logs.at);
	free(named->dovecot.at);
	free(named->access.at);
	arena_done(&named->arena);
}

usec app_now(const struct app *app)
{
	struct timespec clock;
	if (app->now != USEC_NEVER)
		return app->now;
	clock_gettime(CLOCK_REALTIME, &clock);
	return (usec)clock.tv_sec * USEC_PER_SEC;
}
