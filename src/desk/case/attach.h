/* SPDX-License-Identifier: Apache-2.0
 *
 * attach: which case an item belongs to, by the merge key.
 *
 * The key is class and responsible address (the host behind our relay where
 * the chain shows it); without an address, class and reporter; what nobody could
 * read lies on one key of its own, to be looked at together. An open case on
 * the key takes the item; one resolved lately is opened again, unless the mail
 * is older than the fix; else a new case is opened that names its predecessor.
 */
#pragma once
#include "desk/case/filing.h"

struct attachment {
	const struct filing *filing;
	const struct complaint *complaint;
	int64_t last_case; /* the case of the complaint's previous item: one complaint counts once per case */
};

/* Items that are not ours get no case. *out_count: complaints that the case has now. */
int attach_item(struct attachment *attachment, const struct item *item, int64_t item_id, int64_t *out_count,
		struct err *err);
