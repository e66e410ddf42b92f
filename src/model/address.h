/* SPDX-License-Identifier: Apache-2.0
 *
 * address: RFC 5321 paths as they stand in logs and spool files.
 */
#pragma once
#include "base/str.h"

/* Cuts one address off *rest: everything up to the first blank outside a quoted local part (backslash escapes inside
 * quotes); skips the blanks behind it. Returns the empty str at the end. An unbalanced quote takes the rest. */
str address_cut(str *rest);
/* Behind the last @ that is outside quotes; "" when there is none. */
str address_domain(str address);
/* Before that @; the whole when there is none. */
str address_local_part(str address);
