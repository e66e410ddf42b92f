/* SPDX-License-Identifier: Apache-2.0
 *
 * intake: complaints into the store.
 *
 * "-" is the pipe form for a mail server: it only spools (synced to disk) and
 * exits, 75 (EX_TEMPFAIL) when it could not. Without an operand the spool is
 * worked off; a maildir, a folder of files or a file can be named instead.
 *
 * Nothing is lost when a run is killed at any moment: a message leaves the
 * place where it lies only after the transaction that files it is on disk, and
 * the table arrival remembers those that are filed but not yet moved.
 */
#include "desk/cmd/app.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/own.h"
#include "base/sha256.h"
#include "desk/case/filing.h"
#include "desk/intake/imap.h"
#include "desk/intake/spool.h"

enum { EXIT_TRY_LATER = 75, BATCH_MAX = 256, PASSWORD_BYTES_MAX = 4096 };

/* What becomes of a message's file after its complaint is filed. */
enum fate { FATE_STAYS, FATE_REMOVED, FATE_SEEN /* maildir: from new to cur */ };

struct run {
	struct app *app;
	struct store store;
	struct charsets charsets;
	struct view view;
	struct reader reader;
	enum fate fate;
	const char *folder;	/* of the messages */
	char *batch[BATCH_MAX]; /* names below folder that are filed but not moved */
	size_t batch_count;
	bool kept; /* raw bytes were kept since the last sync */
	VEC(char *) arrived;	/* paths that an earlier run had filed when it was ended; at most a batch */
	int64_t filed, seen, unread;
};

/* --- after the commit ---------------------------------------------------- */

static str path_of(struct arena *arena, const struct run *run, const char *name)
{
	return run->fate == FATE_STAYS ? str_from(name) : arena_printf(arena, "%s/new/%s", run->folder, name);
}

/* Moves one filed message out of the way; that it is gone already is fine. */
static void move_away(const struct run *run, const char *name)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	str from = path_of(&arena, run, name);
	str to = arena_printf(&arena, "%s/cur/%s:2,S", run->folder, name);
	if (run->fate == FATE_REMOVED)
		unlink(from.at);
	else if (run->fate == FATE_SEEN)
		rename(from.at, to.at);
}

static int forget_arrival(struct run *run, const char *name, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	return db_do(&run->store.db, err, "DELETE FROM arrival WHERE name = $1", db_text(path_of(&arena, run, name)));
}

static int move_batch(struct run *run, struct err *err)
{
	int rc = run->batch_count ? store_begin(&run->store, err) : 0;
	for (size_t i = 0; i < run->batch_count; i++) {
		if (!rc && run->fate != FATE_STAYS) {
			move_away(run, run->batch[i]);
			rc = forget_arrival(run, run->batch[i], err);
		}
		free(run->batch[i]);
	}
	if (!rc && run->batch_count)
		rc = store_commit(&run->store, err);
	run->batch_count = 0;
	return rc;
}

/* --- one message --------------------------------------------------------- */

static int keep_raw(struct run *run, const struct message *message, const char *name, const char *path, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	const char *source = run->fate == FATE_STAYS ? NULL : path_of(&arena, run, name).at;
	const char *folder = app_state_path(run->app, &arena, "raw");
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "%s", folder);
	run->kept = true;
	return message_keep(message, source, path, err);
}

/* Filed by an earlier run that was ended before it could move the message? There is only one run at a time, so that is
 * known from the start on. */
static bool has_arrived(const struct run *run, str path)
{
	for (size_t i = 0; i < run->arrived.count; i++)
		if (str_eq(str_from(run->arrived.at[i]), path))
			return true;
	return false;
}

static int file_message(struct run *run, struct arena *arena, const struct message *message, const char *name,
			struct err *err)
{
	char hash[65];
	struct sha256 sha;
	struct filing filing = { &run->store, &run->app->networks, run->app->now };
	struct filing_result result;
	OWN(complaint_done) struct complaint complaint = COMPLAINT_INIT;
	sha256_init(&sha);
	sha256_add(&sha, buf_str(&message->bytes));
	sha256_hex(&sha, 64, hash);
	str raw = arena_printf(arena, "raw/%s", hash);
	struct filed_mail mail = { str_from(hash), run->fate == FATE_STAYS ? STR("file") : STR("mail"), raw,
				   run->app->now };
	int rc = reader_ask(&run->reader, arena, buf_str(&message->bytes), &complaint, err);
	if (!rc)
		rc = filing_add(&filing, &mail, &complaint, &result, err);
	if (!rc && result.keep_raw)
		rc = keep_raw(run, message, name, app_state_path(run->app, arena, raw.at), err);
	if (rc)
		return rc;
	run->filed += !result.seen_before;
	run->seen += result.seen_before;
	run->unread += !result.seen_before && filing_is_unread(&complaint);
	return 0;
}

static int take_message(struct run *run, const char *name, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	OWN(message_done) struct message message = MESSAGE_INIT;
	struct err unreadable;
	str path = path_of(&arena, run, name);
	int rc = 0;
	if (message_load(path.at, SPOOL_MAIL_MAX, &message, &unreadable)) {
		log_warn("%s: left where it is", unreadable.text);
		return 0;
	}
	if (!has_arrived(run, path)) {
		rc = file_message(run, &arena, &message, name, err);
		if (!rc && run->fate != FATE_STAYS)
			rc = db_do(&run->store.db, err, "INSERT INTO arrival (name) VALUES ($1)", db_text(path));
	}
	if (!rc)
		run->batch[run->batch_count++] = strdup(name);
	return rc;
}

/* --- batches ------------------------------------------------------------- */

/* Raw bytes are on disk before the transaction that names them is. */
static int commit_batch(struct run *run, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	int rc = run->kept ? folder_sync(app_state_path(run->app, &arena, "raw"), err) : 0;
	run->kept = false;
	if (!rc)
		rc = store_commit(&run->store, err);
	return rc ? rc : move_batch(run, err);
}

static void drop_batch(struct run *run)
{
	store_rollback(&run->store);
	while (run->batch_count)
		free(run->batch[--run->batch_count]);
}

static int take_names(struct run *run, char *const *names, size_t count, struct err *err)
{
	int rc = 0;
	for (size_t done = 0; done < count && !rc;) {
		rc = store_begin(&run->store, err);
		for (size_t i = 0; i < BATCH_MAX && done < count && !rc; i++)
			rc = take_message(run, names[done++], err);
		if (!rc)
			rc = commit_batch(run, err);
		else
			drop_batch(run);
	}
	return rc;
}

static int list_names(const char *folder, const char *below, struct dir_names *names, struct err *err)
{
	OWN_FD int root = root_open_root(folder, err);
	return root < 0 ? root : root_list(root, below, names, err);
}

static int take_folder(struct run *run, const char *folder, enum fate fate, struct err *err)
{
	OWN(dir_names_done) struct dir_names names = { 0 };
	OWN(arena_done) struct arena arena = ARENA_INIT;
	run->folder = folder;
	run->fate = fate;
	int rc = list_names(folder, fate == FATE_STAYS ? "/" : "/new", &names, err);
	for (size_t i = 0; i < names.list.count && !rc && fate == FATE_STAYS; i++) {
		char *name = strdup(arena_printf(&arena, "%s/%s", folder, names.list.at[i]).at);
		free(names.list.at[i]);
		names.list.at[i] = name;
	}
	return rc ? rc : take_names(run, names.list.at, names.list.count, err);
}

static int take_arrival(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct run *run = context;
	*VEC_PUSH(&run->arrived) = strndup(row->at[0].text.at, row->at[0].text.len);
	return 0;
}

/* Forgets arrivals whose message an earlier run had moved when it was ended. */
static int settle_arrivals(struct run *run, struct err *err)
{
	int rc = db_run(&run->store.db, "SELECT name FROM arrival", NULL, 0, take_arrival, run, err);
	for (size_t i = 0; i < run->arrived.count && !rc; i++)
		if (access(run->arrived.at[i], F_OK) < 0)
			rc = db_do(&run->store.db, err, "DELETE FROM arrival WHERE name = $1",
				   db_text(str_from(run->arrived.at[i])));
	return rc;
}

/* Only one run at a time; a second one has nothing to do. */
static int lock_state(const struct app *app, int *out_fd, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	const char *path = app_state_path(app, &arena, "intake.lock");
	OWN_FD int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, ERR_REFUSED, "another intake is running");
	*out_fd = own_take_fd(&fd);
	return 0;
}

static bool is_maildir(struct arena *arena, const char *path)
{
	struct stat st;
	return stat(arena_printf(arena, "%s/new", path).at, &st) == 0 && S_ISDIR(st.st_mode);
}

static int read_password(struct arena *arena, str path, const char **out, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT;
	OWN_FD int fd = open(arena_cstring(arena, path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%.*s", STR_ARG(path));
	int rc = buf_read(&text, fd, PASSWORD_BYTES_MAX, err);
	str rest = buf_str(&text);
	*out = arena_cstring(arena, str_trim(str_cut(&rest, '\n')));
	return rc;
}

static int poll_mailbox(struct app *app, str name, const char *spool, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	size_t count = 0;
	struct imap_account account = {
		.url = arena_cstring(&arena, conf_get(&app->conf, "imap", name, "url")),
		.user = arena_cstring(&arena, conf_get(&app->conf, "imap", name, "user")),
	};
	int rc = read_password(&arena, conf_get(&app->conf, "imap", name, "password_file"), &account.password, err);
	return rc ? rc : imap_poll(&account, spool, app->now, &count, err);
}

/* A mailbox that cannot be polled does not keep the spool from being worked off; the exit code tells. */
static void poll_mailboxes(struct app *app, const char *spool)
{
	for (size_t i = 0; i < app->conf.entries.count; i++) {
		const struct conf_entry *entry = &app->conf.entries.at[i];
		struct err err = { 0 };
		if (strcmp(entry->row->section, "imap") || strcmp(entry->row->key, "url"))
			continue;
		if (!poll_mailbox(app, entry->section_name, spool, &err))
			continue;
		log_error("%s", err.text);
		app->exit_code = EXIT_TRY_LATER;
	}
}

static int take_operand(struct run *run, const char *operand, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	const char *spool = app_state_path(run->app, &arena, "spool");
	struct stat st;
	if (!operand) {
		int rc = spool_prepare(spool, err);
		if (!rc)
			poll_mailboxes(run->app, spool);
		return rc ? rc : take_folder(run, spool, FATE_REMOVED, err);
	}
	if (stat(operand, &st) < 0)
		return err_errno(err, "%s", operand);
	if (!S_ISDIR(st.st_mode))
		return take_names(run, (char *[]){ (char *)operand }, 1, err);
	return take_folder(run, operand, is_maildir(&arena, operand) ? FATE_SEEN : FATE_STAYS, err);
}

static int accept_pipe(struct app *app, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	int rc = app_prepare_state(app, err);
	if (!rc)
		rc = spool_accept(app_state_path(app, &arena, "spool"), STDIN_FILENO, app->now, err);
	if (rc)
		app->exit_code = EXIT_TRY_LATER;
	return rc;
}

static int print_counts(const struct run *run, struct err *err)
{
	OWN(buf_done) struct buf out = BUF_INIT;
	buf_printf(&out,
		   run->app->json ? "{\"filed\":%lld,\"seen_again\":%lld,\"unread\":%lld}\n"
				  : "%lld filed, %lld seen again, %lld unread\n",
		   (long long)run->filed, (long long)run->seen, (long long)run->unread);
	return app_print(&out, err);
}

static int run_intake(struct app *app, struct err *err)
{
	const char *operand = app_operand(app, 0);
	struct run run = { .app = app, .view = app_view(app) };
	OWN_FD int lock = -1;
	if (operand && strcmp(operand, "-") == 0)
		return accept_pipe(app, err);
	int rc = app_open_store(app, &run.store, err);
	if (rc)
		return rc;
	mime_setup(&run.charsets);
	rc = reader_open(&run.reader, &run.view, err);
	if (!rc)
		rc = lock_state(app, &lock, err);
	if (!rc)
		rc = settle_arrivals(&run, err);
	if (!rc)
		rc = take_operand(&run, operand, err);
	if (!rc)
		rc = print_counts(&run, err);
	for (size_t i = 0; i < run.arrived.count; i++)
		free(run.arrived.at[i]);
	free(run.arrived.at);
	reader_close(&run.reader);
	mime_teardown(&run.charsets);
	store_close(&run.store);
	return rc;
}

const struct cmd cmd_intake = { "intake", "[FILE|DIR|-]", "file complaints; - spools one mail from a pipe", NULL,
				run_intake };
