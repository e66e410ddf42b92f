/* SPDX-License-Identifier: Apache-2.0
 *
 * schema: numbered migrations, made from schema/NNN_*.sql by the build.
 */
#pragma once

/* schema_versions[N - 1] leads from version N - 1 to N: statements ended by NULL. Ended by NULL itself. */
extern const char *const *const schema_versions[];
