/* SPDX-License-Identifier: Apache-2.0
 *
 * prove: asks the responsible host about a case.
 */
#pragma once
#include "desk/case/cases.h"
#include "desk/cmd/app.h"

/* Looks each unproven item up in the host's log, asks for the incident behind what was found, and appends both to the
 * case. One line for each question goes to out. */
int prove_case(struct app *app, const struct actor_at *at, str name, struct buf *out, struct err *err);
