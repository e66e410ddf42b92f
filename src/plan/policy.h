/* SPDX-License-Identifier: Apache-2.0
 *
 * policy: what may be done without a person. By default nothing.
 *
 *     [policy]
 *     allow = purge        may be given several times
 */
#pragma once
#include "base/conf.h"

/* The evidence would permit it: grade A, or B confirmed by a second independent source; and the action can be undone and is
 * not one of those that always need a person. */
bool policy_permits(char grade, bool confirmed, const char *verb, bool reversible);
/* The policy file lists it. */
bool policy_allows(const struct conf *conf, const char *verb);
