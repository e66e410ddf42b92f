/* SPDX-License-Identifier: Apache-2.0
 *
 * version: which quell this is, and the licences of all that is in it.
 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/licences.h"

static const struct opt options[] = {
	{ "licenses", 0, NULL, false, "print the licence of quell and of each library in it" },
	OPT_END,
};

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	(void)app, (void)err;
	bool texts = opts_get(opts, "licenses") != NULL;
	printf("quell %s\n", QUELL_VERSION);
	for (const struct licence *licence = licences; texts && licence->name; licence++)
		printf("\n==== %s ====\n\n%s", licence->name, licence->text);
	return EXIT_CLEAN;
}

const struct cmd cmd_version = {
	.name = "version", .operands = "", .summary = "print the version", .options = options, .without_conf = true,
	.run = run,
};
