/* SPDX-License-Identifier: Apache-2.0
 *
 * incident: the incidents of the last scan, as the state folder keeps them.
 */
#pragma once
#include <jansson.h>

#include "cmd/acting.h"

/* The incident with that number or id in last-scan.json; *out_scan owns it. ERR_USAGE when there is none. */
int incident_find(struct acting *acting, const char *which, json_t **out_scan, const json_t **out, struct err *err);
/* Its own message ids and those of the bounces it caused, in the plan's arena. */
void incident_message_ids(struct acting *acting, const json_t *incident, const str **out, size_t *out_count);
/* Both in one. */
int incident_ids(struct acting *acting, const char *which, const str **out, size_t *out_count, struct err *err);
