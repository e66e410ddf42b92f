/* SPDX-License-Identifier: Apache-2.0
 *
 * clock: points in time as microseconds since 1970 UTC, and their text forms.
 *
 * Nothing here asks what time it is: "now" is an argument everywhere. Local
 * time is converted with a zone read from a TZif file (RFC 8536), so that the
 * static program needs neither libc's zone data nor its locale.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

typedef int64_t usec; /* microseconds since 1970-01-01T00:00:00Z */
#define USEC_PER_SEC ((usec)1000000)
#define USEC_NEVER INT64_MIN

struct civil {
	int year, month, day, hour, minute, second; /* month and day from 1 */
};

/* Days since 1970-01-01 of a proleptic Gregorian date. */
int64_t clock_days(int year, int month, int day);
/* As if the civil time were UTC; false when a field is out of range (second 60 is taken for leap seconds). */
bool clock_from_civil(const struct civil *civil, usec *out);
struct civil clock_to_civil(usec at);
/* 1..12 for "Jan".."Dec", 0 otherwise. */
int clock_month(str name);

/* A time zone: transitions of a TZif file, or UTC when it has none. */
struct zone {
	const int64_t *from; /* seconds UTC, ascending */
	const int32_t *offset; /* seconds east of UTC from that moment on */
	size_t count;
	int32_t first_offset; /* before the first transition */
	str footer;           /* POSIX TZ rule for times behind the last transition; may be empty */
};
#define ZONE_UTC ((struct zone){ 0 })
/* data: the whole TZif file; the zone lives in the arena. */
int zone_parse(struct arena *arena, str data, struct zone *out, struct err *err);
/* Local civil time (taken as if UTC) -> UTC. In the hour that occurs twice the earlier is taken. */
usec zone_to_utc(const struct zone *zone, usec local);
int32_t zone_offset(const struct zone *zone, int64_t utc_seconds);

/* "2026-11-06T01:09:40Z"; fractions are dropped. */
void clock_print(struct buf *buf, usec at);
/* What people give to --now, --since, --until: ISO 8601 ("2026-11-06", "2026-11-06T01:09:40Z", "+02:00"), "@epoch",
 * "now", or an age before now ("2h"). */
bool clock_parse(str s, usec now, usec *out);

/* An age or size as Exim and people write it: 45m 2h 3d 1w 30s; ISO 8601 PT45M, P3D. Bare numbers are seconds. */
bool clock_parse_age(str s, usec *out);
/* As exim -bp: "45m" up to 90 minutes, "2h" up to 72 hours, then "3d". */
void clock_print_age(struct buf *buf, usec age);
/* Bytes: "892", "1.5K", "2M", binary multiples as Exim; and back. */
bool size_parse(str s, uint64_t *out);
/* In five columns, as exim -bp: "  892", " 1.7K", "  20M"; five blanks for 0. */
void size_print(struct buf *buf, uint64_t size);
/* Since some moment in the past; for measuring. */
usec clock_monotonic(void);
