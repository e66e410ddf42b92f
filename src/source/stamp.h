/* SPDX-License-Identifier: Apache-2.0
 *
 * stamp: points in time as logs write them, turned into UTC.
 *
 * Each function cuts one stamp off the start of *rest, without the blank
 * behind it. On false *rest and *out are left alone.
 */
#pragma once
#include "model/event.h"

/* "Nov  6 01:09:40" or "Nov 06 01:09:40", local time without a year: the latest year that brings it to no more than a
 * day behind base->latest. */
bool stamp_cut_syslog(str *rest, const struct stamp_base *base, usec *out);
/* "2026-11-06T01:09:40.123456+01:00": T or a blank, the fraction (at most nine digits) and the zone ("Z", "+01:00",
 * "+0100", without a blank before it) may be missing; local time without a zone. */
bool stamp_cut_iso(str *rest, const struct stamp_base *base, usec *out);
/* Access logs: "06/Nov/2026:01:09:40 +0100", or "11/06/2026:01:09:40 -0000" of cPanel's own servers. */
bool stamp_cut_access(str *rest, usec *out);
/* PHP: "06-Nov-2026 01:09:40 UTC"; any other zone name is taken as the host's zone. */
bool stamp_cut_php(str *rest, const struct stamp_base *base, usec *out);
