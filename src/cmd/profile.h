/* SPDX-License-Identifier: Apache-2.0
 *
 * profile: an incident over time beside the other mail of the same sender,
 * and where its mail went; for the plot of a report.
 */
#pragma once
#include "base/jsonw.h"
#include "judge/verdict.h"

/* "timeline": recipients for each bar of whole hours over what was seen; "domains": the ten that got most. */
void profile_print(struct jsonw *w, const struct world *world, const struct incident *incident);
