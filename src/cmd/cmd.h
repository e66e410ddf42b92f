/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd: what the commands of quell share. Each command is one file with one
 * row in the table of main.c; help, man page and completion read the rows.
 */
#pragma once
#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/opt.h"
#include "platform/host.h"
#include "show/view.h"

/* Exit codes of the contract. */
enum exit_code { EXIT_CLEAN = 0, EXIT_FOUND = 1, EXIT_USAGE = 2, EXIT_BLIND = 3, EXIT_REFUSED = 4 };

struct app {
	const struct opts *global; /* options in front of the command */
	struct conf conf;
	bool has_conf;             /* conf was read: once, before the first command that needs it */
	const char *root;          /* directory that is the host's / */
	bool live;                 /* no --root: this very host */
	const char *state;         /* state directory; NULL = none is read or written */
	usec now;                  /* --now, or the clock on a live host; USEC_NEVER: the newest trusted event counts */
	enum output output;
	bool color, quiet;
};

struct cmd {
	const char *name;
	const char *operands;       /* for the usage line; "" when it takes none */
	const char *summary;        /* one line, no full stop */
	const struct opt *options;  /* NULL when it has none */
	bool takes_inputs;          /* --log, --spool, --dovecot, --access, --passwd */
	bool without_conf;          /* works whatever the configuration says */
	/* Returns an exit code, or a negative error code with *err filled (ERR_USAGE exits 2, ERR_REFUSED and ERR_SYSTEM 4). */
	int (*run)(struct app *app, const struct opts *opts, struct err *err);
};

extern const struct cmd cmd_why, cmd_scan;
extern const struct cmd cmd_stop, cmd_disable, cmd_enable, cmd_hold, cmd_release, cmd_suspend, cmd_unsuspend, cmd_passwd,
	cmd_rootpw, cmd_freeze, cmd_thaw, cmd_purge, cmd_restore, cmd_archive, cmd_block, cmd_unblock, cmd_apply, cmd_undo,
	cmd_verify, cmd_journal, cmd_recover, cmd_malware;
extern const struct cmd cmd_queue, cmd_top, cmd_trace, cmd_doctor, cmd_remote, cmd_config, cmd_state, cmd_version, cmd_help;

/* Runs the command that argv names (scan when there is none). Returns an exit code or an error. */
int cmd_dispatch(struct app *app, int argc, char *const *argv, struct err *err);

/* --now, else the clock: when something is done or found. */
usec app_now(const struct app *app);

/* Lists of paths for host_open() from --log, --spool, ...; false when none is named. Free with inputs_done(). */
struct named_inputs {
	struct host_inputs inputs;
	VEC(const char *) logs, dovecot, access;
	struct arena arena;
};
extern const struct opt input_options[];
bool inputs_from_opts(struct named_inputs *out, const struct app *app, const struct opts *opts);
void inputs_done(struct named_inputs *named);

/* All settings of quell.conf. */
extern const struct conf_row quell_conf_rows[];
