/* SPDX-License-Identifier: Apache-2.0
 *
 * journal: append with a hash chain, read back, cut a torn tail.
 */
#include "act/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/sha256.h"

#define CURRENT_NAME "journal.jsonl"

static void chain_on(char chain[CHAIN_LEN + 1], str text)
{
	struct sha256 sha;
	sha256_init(&sha);
	sha256_add(&sha, str_from(chain));
	sha256_add(&sha, text);
	sha256_hex(&sha, CHAIN_LEN, chain);
}

/* Cuts the frame off a line; false when the line is not whole. */
static bool unframe(str line, str *out_chain, str *out_text)
{
	uint64_t len;
	if (!str_skip(&line, STR("{\"len\":")) || !str_cut_u64(&line, JOURNAL_BYTES_MAX, &len) ||
	    !str_skip(&line, STR(",\"chain\":\"")) || line.len < CHAIN_LEN)
		return false;
	*out_chain = str_head(line, CHAIN_LEN);
	line = str_from_at(line, CHAIN_LEN);
	if (!str_skip(&line, STR("\",\"rec\":")) || line.len != len + 1 || line.at[len] != '}')
		return false;
	*out_text = str_head(line, len);
	return true;
}

static int take_record(struct journal *journal, str text, struct err *err)
{
	json_error_t problem;
	struct record record;
	json_t *object = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &problem);
	int rc = object ? record_parse(&record, &journal->arena, object, err) :
			  err_set(err, ERR_INPUT, "%s", problem.text);
	json_decref(object);
	if (rc)
		return rc;
	*VEC_PUSH(&journal->records) = record;
	journal->next = record.n + 1;
	return 0;
}

/* One segment. Reading stops at a line that is not whole; that is a torn tail when no whole line follows it. */
static int take_text(struct journal *journal, str text, struct err *err)
{
	str chain, record;
	journal->torn = 0;
	for (str rest = text; rest.len;) {
		str before = rest;
		bool ended = str_find(rest, '\n') != STR_NONE;
		str line = str_cut(&rest, '\n');
		if (!ended || !unframe(line, &chain, &record)) {
			journal->torn = journal->torn ? journal->torn : before.len;
			continue;
		}
		if (journal->torn)
			return err_set(err, ERR_REFUSED, "damaged in the middle, before record %llu",
				       (unsigned long long)journal->next);
		chain_on(journal->chain, record);
		if (!str_eq(str_from(journal->chain), chain))
			return err_set(err, ERR_REFUSED, "record %llu does not fit the chain: the journal was changed",
				       (unsigned long long)journal->next);
		int rc = take_record(journal, record, err);
		if (rc)
			return rc;
	}
	journal->size = (off_t)(text.len - journal->torn);
	return 0;
}

static int take_file(struct journal *journal, const char *name, struct err *err)
{
	OWN_FD int fd = openat(journal->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", name);
	struct buf text = BUF_INIT;
	int rc = buf_read(&text, fd, 2 * JOURNAL_BYTES_MAX, err);
	if (!rc)
		rc = take_text(journal, buf_str(&text), err);
	buf_done(&text);
	return rc ? err_context(err, "%s", name) : 0;
}

static void segment_name(char name[32], unsigned number)
{
	snprintf(name, 32, "journal.%u.jsonl", number);
}

static int take_all(struct journal *journal, struct err *err)
{
	char name[32];
	int rc = 0;
	for (journal->segment = 1; !rc && journal->segment < JOURNAL_SEGMENTS_MAX; journal->segment++) {
		segment_name(name, journal->segment);
		rc = journal->torn ? ERR_GONE : take_file(journal, name, err);
		if (rc == ERR_GONE)
			break;
	}
	if (rc && rc != ERR_GONE)
		return rc;
	if (journal->torn)
		return err_set(err, ERR_REFUSED, "%s is damaged at its end", name);
	journal->size = 0;
	rc = take_file(journal, CURRENT_NAME, err);
	return rc == ERR_GONE ? 0 : rc;
}

static int add_note(struct journal *journal, enum record_kind kind, usec now, str text, struct err *err)
{
	return journal_add(journal, &(struct record){ .kind = kind, .at = now, .text = text }, err);
}

static int open_current(struct journal *journal, struct err *err)
{
	journal->fd = openat(journal->dir, CURRENT_NAME, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (journal->fd < 0 || fsync(journal->dir) < 0)
		return err_errno(err, CURRENT_NAME);
	return 0;
}

static int cut_tail(struct journal *journal, usec now, struct err *err)
{
	char text[64];
	if (!journal->torn)
		return 0;
	if (ftruncate(journal->fd, journal->size) < 0 || fsync(journal->fd) < 0)
		return err_errno(err, CURRENT_NAME);
	snprintf(text, sizeof(text), "%llu bytes of a torn record were cut off", (unsigned long long)journal->torn);
	return add_note(journal, RECORD_CUT, now, str_from(text), err);
}

static int next_segment(struct journal *journal, usec now, struct err *err)
{
	char name[32];
	segment_name(name, journal->segment);
	if (renameat(journal->dir, CURRENT_NAME, journal->dir, name) < 0)
		return err_errno(err, "%s", name);
	close(own_take_fd(&journal->fd));
	journal->segment++;
	journal->size = 0;
	int rc = open_current(journal, err);
	return rc ? rc : add_note(journal, RECORD_SEGMENT, now, str_from(name), err);
}

int journal_open(struct journal *journal, int dir, bool writable, usec now, struct err *err)
{
	*journal = (struct journal){ .dir = dir, .fd = -1, .next = 1 };
	memset(journal->chain, '0', CHAIN_LEN);
	int rc = take_all(journal, err);
	if (!rc && writable)
		rc = open_current(journal, err);
	if (!rc && writable)
		rc = cut_tail(journal, now, err);
	if (!rc && writable && journal->size > JOURNAL_BYTES_MAX / 2)
		rc = next_segment(journal, now, err);
	if (rc)
		journal_close(journal);
	return rc ? err_context(err, "journal") : 0;
}

static int append(struct journal *journal, str line, struct err *err)
{
	ssize_t n = write(journal->fd, line.at, line.len);
	if (n == (ssize_t)line.len && fsync(journal->fd) == 0) {
		journal->size += n;
		return 0;
	}
	int rc = n >= 0 && n < (ssize_t)line.len ? err_set(err, ERR_SYSTEM, "short write") : err_errno(err, "write");
	if (ftruncate(journal->fd, journal->size) < 0)
		return err_context(err, "and the torn record could not be taken back");
	return rc == ERR_GONE ? ERR_SYSTEM : rc;
}

int journal_add(struct journal *journal, const struct record *record, struct err *err)
{
	struct buf text = BUF_INIT, line = BUF_INIT;
	struct record numbered = *record;
	str rec;
	char chain[CHAIN_LEN + 1];
	memcpy(chain, journal->chain, sizeof(chain));
	numbered.n = journal->next;
	record_print(&text, &numbered);
	rec = str_trim(buf_str(&text));
	chain_on(chain, rec);
	buf_printf(&line, "{\"len\":%zu,\"chain\":\"%s\",\"rec\":", rec.len, chain);
	buf_add(&line, rec);
	buf_add(&line, STR("}\n"));
	int rc = append(journal, buf_str(&line), err);
	if (!rc) {
		memcpy(journal->chain, chain, sizeof(chain));
		rc = take_record(journal, rec, err);
	}
	buf_done(&text);
	buf_done(&line);
	return rc ? err_context(err, "journal") : 0;
}

void journal_close(struct journal *journal)
{
	own_close_fd(&journal->fd);
	journal->fd = -1;
	free(journal->records.at);
	arena_done(&journal->arena);
	journal->records.at = NULL;
	journal->records.count = journal->records.cap = 0;
}

static struct action *action_of(struct actions *actions, const struct record *record)
{
	for (size_t i = actions->list.count; i > 0; i--) {
		struct action *action = &actions->list.at[i - 1];
		if (action->intent->step == record->step && str_eq(action->intent->plan, record->plan))
			return action;
	}
	return NULL;
}

static void fold_one(struct actions *actions, const struct record *record)
{
	struct action *action = action_of(actions, record);
	if (record->kind == RECORD_INTENT && !action) {
		*VEC_PUSH(&actions->list) = (struct action){ .intent = record };
		return;
	}
	if (!action)
		return;
	if (record->kind == RECORD_PROGRESS)
		action->progress = record;
	if (record->kind == RECORD_OUTCOME)
		action->outcome = record;
	if (record->kind == RECORD_UNDO) {
		action->undo = record;
		action->undone = action->progress = NULL;
	}
	if (record->kind == RECORD_UNDONE)
		action->undone = record;
}

void journal_fold(const struct journal *journal, struct actions *out)
{
	*out = (struct actions){ 0 };
	for (size_t i = 0; i < journal->records.count; i++)
		fold_one(out, &journal->records.at[i]);
}

bool action_in_force(const struct action *action)
{
	bool is_undone = action->undone &&
			 (action->undone->result == RESULT_CHANGED || action->undone->result == RESULT_ALREADY);
	return action->outcome && action->outcome->result == RESULT_CHANGED && !is_undone;
}

void actions_done(struct actions *actions)
{
	free(actions->list.at);
	*actions = (struct actions){ 0 };
}
