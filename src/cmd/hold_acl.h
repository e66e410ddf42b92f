/* SPDX-License-Identifier: Apache-2.0
 *
 * hold_acl: the ACLs by which Exim accepts and freezes new mail of those on
 * quell's lists: into Exim's configuration and out of it again.
 */
#pragma once
#include "cmd/cmd.h"

/* A file of etc/, put in by the build; a row of NULL ends the array. */
struct hold_acl_file {
	const char *name, *text; /* without .acl */
};
extern const struct hold_acl_file hold_acl_files[];

/* --install-hold, --remove-hold and what goes with them. */
extern const struct opt hold_acl_options[];
enum hold_means { HOLD_BY_PANEL, HOLD_INSTALLED, HOLD_MISSING };
enum hold_means hold_acl_means(struct host *host);
/* doctor --install-hold: plans, and with --apply installs. The exit code, or an error. */
int hold_acl_install(struct app *app, const struct opts *opts, struct err *err);
/* doctor --remove-hold: takes it back; ERR_REFUSED while somebody is held. */
int hold_acl_remove(struct app *app, const struct opts *opts, struct err *err);
