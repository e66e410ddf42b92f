/* SPDX-License-Identifier: Apache-2.0
 *
 * json_of: what readers return, as JSON, so that tests compare text. Members
 * that are empty or false are left out.
 */
#pragma once
#include "base/jsonw.h"
#include "model/event.h"
#include "model/spool.h"

void json_of_spool(struct jsonw *w, const struct spool_message *message);
void json_of_event(struct jsonw *w, const struct event *event);
