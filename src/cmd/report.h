/* SPDX-License-Identifier: Apache-2.0
 *
 * report: a verdict as quell.scan/1.
 */
#pragma once
#include "base/conf.h"
#include "cmd/read.h"
#include "judge/verdict.h"

struct report_input {
	struct host *host;
	struct world *world;
	const struct verdict *verdict;
	const struct read_state *state;
	usec now;
	bool all_ids;
};

/* The thresholds of [judge]; conf may be NULL for the defaults. */
struct thresholds report_thresholds(const struct conf *conf);
struct judge_input report_judge_input(const struct host *host, struct world *world, const struct leads *leads,
				      const struct lead_host *lead_host, const struct thresholds *thresholds,
				      const struct read_state *state, usec now);
/* Reads the lines of evidence once more from the inputs. */
void report_print(struct buf *out, const struct report_input *input);
