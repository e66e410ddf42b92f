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
};

/* What the configuration says to the judge. Views live as long as conf. */
struct judge_settings {
	struct thresholds thresholds;
	VEC(struct known) known;
};
void report_settings(struct judge_settings *out, const struct conf *conf);
void report_settings_done(struct judge_settings *settings);
struct judge_input report_judge_input(const struct host *host, struct world *world, const struct leads *leads,
				      const struct lead_host *lead_host, const struct judge_settings *settings,
				      const struct read_state *state, usec now);
/* Reads the lines of evidence once more from the inputs. */
void report_print(struct buf *out, const struct report_input *input);
