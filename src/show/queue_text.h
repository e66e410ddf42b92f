/* SPDX-License-Identifier: Apache-2.0
 *
 * queue_text: quell.queue/1 for people, in the forms that exim -bp, exiqgrep
 * and exim -Mvh have taught them.
 */
#pragma once
#include "show/view.h"

enum queue_form { QUEUE_LONG, QUEUE_BRIEF, QUEUE_IDS };

struct queue_display {
	enum queue_form form;
	bool undelivered; /* leave out delivered recipients: exim -bpu */
	bool generated;   /* add what aliases led to: exim -bpa */
};

/* Of queue list; context is a struct queue_display. */
void queue_text_list(struct buf *out, const json_t *report, const void *context, bool color);
/* Of queue count; context is a bool: also say of how many. */
void queue_text_count(struct buf *out, const json_t *report, const void *context, bool color);
/* Of queue show. */
void queue_text_show(struct buf *out, const json_t *report, const void *context, bool color);

extern const struct column queue_columns[], queue_group_columns[];
