/* SPDX-License-Identifier: Apache-2.0
 *
 * read: what one complaint says. Pure: the store, the network and the DNS are
 * not asked, and the same input gives the same output.
 */
#include "desk/cmd/app.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/own.h"
#include "desk/intake/gate.h"

struct bytes {
	str view;
	struct buf copy; /* of what cannot be mapped */
	bool mapped;
};

static void bytes_done(struct bytes *bytes)
{
	if (bytes->mapped)
		munmap((void *)bytes->view.at, bytes->view.len);
	buf_done(&bytes->copy);
}

/* A file is mapped, so that its size costs no memory of ours; a pipe is read up to the first byte beyond the limit. */
static int load(const char *path, struct bytes *out, struct err *err)
{
	struct stat st;
	OWN_FD int opened = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	if (opened < 0 || fstat(opened, &st) < 0)
		return err_errno(err, "%s", path);
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, "%s: is a folder", path);
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		size_t size = (size_t)st.st_size <= MAIL_BYTES_MAX ? (size_t)st.st_size : MAIL_BYTES_MAX + 1;
		void *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, opened, 0);
		if (at == MAP_FAILED)
			return err_errno(err, "%s", path);
		*out = (struct bytes){ .view = { at, size }, .mapped = true };
		return 0;
	}
	char block[65536];
	ssize_t got = 0;
	while (out->copy.len <= MAIL_BYTES_MAX && (got = read(opened, block, sizeof(block))) > 0)
		buf_add(&out->copy, (str){ block, (size_t)got });
	out->view = buf_str(&out->copy);
	return got < 0 ? err_errno(err, "%s", path) : 0;
}

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
	OWN(bytes_done) struct bytes bytes = { 0 };
	OWN(arena_done) struct arena arena = ARENA_INIT;
	OWN(complaint_done) struct complaint complaint = COMPLAINT_INIT;
	OWN(buf_done) struct buf out = BUF_INIT;
	struct charsets charsets;
	struct view view = app_view(app);
	int rc = load(path, &bytes, err);
	if (rc)
		return rc;
	mime_setup(&charsets);
	rc = reader_run(&arena, bytes.view, &view, &complaint, err);
	mime_teardown(&charsets);
	if (rc)
		return rc;
	print(app, &complaint, &out);
	return app_print(&out, err);
}

const struct cmd cmd_read = { "read", "FILE", "what a complaint says", NULL, run };
