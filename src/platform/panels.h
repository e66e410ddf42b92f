/* SPDX-License-Identifier: Apache-2.0
 *
 * panels: the acting side of the panels and mail servers: one table of recipes
 * each, in files named after them.
 *
 * Verbs: hold, hold_mailbox, lock (a mailbox's login), password (of a
 * mailbox), suspend, account_password, sessions. A panel that lacks a verb
 * falls back to the plain way (panel_plain, dovecot_control) where there is one.
 */
#pragma once
#include "platform/recipe.h"

extern const struct recipe panel_plain[], panel_cpanel[], panel_hestia[], panel_directadmin[];
extern const struct recipe dovecot_control[], exim_control[];
