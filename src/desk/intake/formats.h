/* SPDX-License-Identifier: Apache-2.0
 *
 * formats: one reader per complaint format; the order of asking is in reader.c.
 */
#pragma once
#include "desk/intake/reading.h"

/* Reads an enclosed mail by the formats that may stand there; is_report: something besides its form says that it is a
 * report. False when none fits, and nothing was changed. (In reader.c, where the order of formats is.) */
bool reader_read_enclosed(struct reading *reading, const struct mime *mail, bool is_report);

extern const struct intake intake_arf;
extern const struct intake intake_attached;
extern const struct intake intake_blocklist;
extern const struct intake intake_bounce;
extern const struct intake intake_feed;
extern const struct intake intake_forwarded;
extern const struct intake intake_jmrp;
extern const struct intake intake_other_abuse;
extern const struct intake intake_newsletter;
extern const struct intake intake_own_notice;
extern const struct intake intake_packed;
extern const struct intake intake_pasted;
extern const struct intake intake_auto_reply;
extern const struct intake intake_prose;
extern const struct intake intake_spamcop;
extern const struct intake intake_spamcop_summary;
extern const struct intake intake_xarf_json;
extern const struct intake intake_xarf_mail;
