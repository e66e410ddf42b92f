/* SPDX-License-Identifier: Apache-2.0
 *
 * formats: one reader per complaint format; the order of asking is in reader.c.
 */
#pragma once
#include "desk/intake/reading.h"

extern const struct intake intake_arf;
extern const struct intake intake_attached;
extern const struct intake intake_blocklist;
extern const struct intake intake_bounce;
extern const struct intake intake_feed;
extern const struct intake intake_forwarded;
extern const struct intake intake_jmrp;
extern const struct intake intake_other_abuse;
extern const struct intake intake_own_notice;
extern const struct intake intake_pasted;
extern const struct intake intake_auto_reply;
extern const struct intake intake_prose;
extern const struct intake intake_spamcop;
extern const struct intake intake_spamcop_summary;
extern const struct intake intake_xarf_json;
extern const struct intake intake_xarf_mail;
