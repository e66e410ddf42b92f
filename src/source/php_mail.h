/* SPDX-License-Identifier: Apache-2.0
 *
 * php_mail: what PHP writes about calls of mail() (php.ini mail.log).
 *
 *     [04-Nov-2026 09:45:26 UTC] mail() on [/home/u/public_html/contact.php:7]: To: a@b.example -- Headers: From: ...
 *
 * The file is written as the account, so the account may write anything into
 * it; but what a visitor sends (recipient, headers) stands behind the script,
 * and newlines in it became blanks. PHP 8 writes " -- Subject: ..." behind the
 * headers; it is left there. Zones are names: UTC is known, any other
 * is taken as the host's (PHP's date.timezone should be).
 */
#pragma once
#include "model/event.h"

enum read_result php_mail_parse(str line, const struct stamp_base *base, struct event *out);
/* The message behind a syslog frame (mail.log = syslog). */
enum read_result php_mail_parse_message(str message, usec at, struct event *out);
