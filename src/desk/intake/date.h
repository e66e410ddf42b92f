/* SPDX-License-Identifier: Apache-2.0
 *
 * date: points in time as mails and reports write them.
 *
 * RFC 5322 with what is seen in the field: no or a wrong weekday, two-digit
 * years, one-digit hours, zone names (RFC 822 and common ones), comments, a
 * missing zone; the order of asctime ("Fri Sep 15 18:55:37 UTC 2023"); and
 * ISO 8601.
 */
#pragma once
#include "base/clock.h"

/* What stands behind the time is ignored. Without a zone UTC is taken; out_has_zone (may be NULL) tells. False when
 * there is no complete date with a time at the start of s. */
bool date_parse(str s, usec *out, bool *out_has_zone);
