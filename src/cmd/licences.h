/* SPDX-License-Identifier: Apache-2.0
 *
 * licences: the texts of LICENSE and LICENSES/, put in by the build.
 */
#pragma once

struct licence {
	const char *name, *text;
};

/* Our own first, then those of what is linked statically; a row of NULL ends it. */
extern const struct licence licences[];
