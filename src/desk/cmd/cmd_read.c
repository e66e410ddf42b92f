/* SPDX-License-Identifier: Apache-2.0
 *
 * read: what one complaint says. Pure: the store, the network and the DNS are
 * not asked, and the same input gives the same output.
 */
#include "desk/cmd/app.h"

#include "base/own.h"
#include "desk/intake/gate.h"
#include "desk/intake/spool.h"

static void print(const struct app *app, const struct complaint *complaint, struct buf *out)
{
	if (app->json)
		complaint_print_json(out, complaint, false);
	else
		complaint_print_text(out, complaint);
}

static int run(struct app *app, struct err *err)
{
	const char *path = app_operand(app, 0);
	if (!path)
		return err_set(err, ERR_USAGE, "read: which FILE? (- is standard input)");
	OWN(message_done) struct message message = MESSAGE_INIT;
	OWN(arena_done) struct arena arena = ARENA_INIT;
	OWN(complaint_done) struct complaint complaint = COMPLAINT_INIT;
	OWN(buf_done) struct buf out = BUF_INIT;
	struct charsets charsets;
	struct reader reader;
	struct view view = app_view(app);
	mime_setup(&charsets);
	int rc = reader_open(&reader, &view, err);
	if (!rc)
		rc = message_load(path, MAIL_BYTES_MAX + 1, &message, err);
	if (!rc)
		rc = reader_ask(&reader, &arena, buf_str(&message.bytes), &complaint, err);
	reader_close(&reader);
	mime_teardown(&charsets);
	if (rc)
		return rc;
	print(app, &complaint, &out);
	return app_print(&out, err);
}

const struct cmd cmd_read = { "read", "FILE", "what a complaint says", NULL, run };
