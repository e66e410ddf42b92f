/* SPDX-License-Identifier: Apache-2.0
 *
 * program: which may be run, and how.
 */
#include "act/program.h"

#include <sys/stat.h>
#include <time.h>

enum { ARGS_MAX = 40, SLOW_DEADLINE_MS = 120000 };

/* Only these are ever run, and only when root alone can change them. */
static const char *const folders[] = {
	"/usr/sbin/",	     "/usr/bin/",	    "/sbin/", "/bin/", "/usr/local/sbin/", "/usr/local/bin/",
	"/usr/local/cpanel/bin/", "/usr/local/hestia/bin/", "/usr/local/vesta/bin/", "/usr/local/directadmin/",
};
static const char *const programs[] = { "whmapi1", "uapi",	 "v-",	     "csf",	     "apf",
					"nft",	   "iptables",	 "ip6tables", "fail2ban-client", "firewall-cmd",
					"ufw",	   "doveadm",	 "exim",     "exim4",	     "update-exim4.conf",
					"service",   "curl",	"directadmin" };

static bool is_allowed(str path)
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		str name = path;
		if (!str_skip(&name, str_from(folders[i])) || str_find(name, '/') != STR_NONE)
			continue;
		for (size_t j = 0; j < sizeof(programs) / sizeof(programs[0]); j++) {
			str program = str_from(programs[j]);
			if (str_ends(program, STR("-")) ? str_starts(name, program) : str_eq(name, program))
				return true;
		}
	}
	return false;
}

static int check_program(str path, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct stat status;
	int rc = 0;
	if (!is_allowed(path))
		rc = err_set(err, ERR_REFUSED, "%.*s is no program that may be run", STR_ARG(path));
	else if (stat(arena_cstring(&arena, path), &status) < 0)
		rc = err_errno(err, "%.*s", STR_ARG(path));
	else if (status.st_uid != 0 || (status.st_mode & 022))
		rc = err_set(err, ERR_REFUSED, "%.*s can be changed by others than root", STR_ARG(path));
	arena_done(&arena);
	return rc;
}

int program_run(const struct deed *deed, const struct fact *argv, str input, struct run_result *result, struct err *err)
{
	const char *words[ARGS_MAX + 1] = { NULL };
	*result = RUN_RESULT_INIT;
	if (!argv || !argv->count || argv->count > ARGS_MAX)
		return err_set(err, ERR_INPUT, "no command, or more than %d words", ARGS_MAX);
	int rc = check_program(argv->values[0], err);
	for (size_t i = 0; !rc && i < argv->count; i++) {
		if (memchr(argv->values[i].at, 0, argv->values[i].len))
			rc = err_set(err, ERR_INPUT, "an argument holds NUL");
		words[i] = arena_cstring(deed->arena, argv->values[i]);
	}
	return rc ? rc : run_program(&(struct run){ words, input, SLOW_DEADLINE_MS, 0 }, result, err);
}

bool program_says(str text, str wanted)
{
	for (size_t at = 0; at < text.len;) {
		size_t start = at;
		while (at < text.len && !strchr(" \t\n\r,'\"[]|()", text.at[at]))
			at++;
		if (wanted.len && str_eq((str){ text.at + start, at - start }, wanted))
			return true;
		at++;
	}
	return false;
}

/* A daemon that reads its configuration anew starts itself anew: told again before it catches the signal, it would end; and
 * whoever comes at that moment is cut off. */
static const struct timespec settling = { .tv_sec = 1 };

int program_then(const struct deed *deed, struct err *err)
{
	const struct fact *then = facts_find(&deed->facts, "then");
	int rc = 0;
	for (size_t at = 0, end; !rc && then && at < then->count; at = end + 1) {
		struct run_result result;
		for (end = at; end < then->count && !str_eq(then->values[end], STR(";"));)
			end++;
		rc = program_run(deed, &(struct fact){ then->key, then->values + at, end - at, true }, STR(""), &result, err);
		if (!rc && result.exit_code)
			rc = err_set(err, ERR_REFUSED, "%.*s ended with %d: %.*s", STR_ARG(then->values[at]), result.exit_code,
				     STR_ARG(str_head(str_trim(buf_str(&result.err)), 200)));
		run_result_done(&result);
	}
	if (!rc && then)
		nanosleep(&settling, NULL);
	return rc;
}

int program_confirm(const struct deed *deed, struct err *err)
{
	const struct fact *read = facts_find(&deed->facts, "read");
	struct run_result result;
	if (!read)
		return 0;
	int rc = program_run(deed, read, STR(""), &result, err);
	if (!rc && !program_says(buf_str(&result.out), facts_get(&deed->facts, "on")))
		rc = err_set(err, ERR_REFUSED, "%.*s does not show the change: another setting overrides it",
			     STR_ARG(read->values[0]));
	run_result_done(&result);
	return rc;
}
