/* SPDX-License-Identifier: Apache-2.0
 *
 * edit_line: one line of a text file that root or a mail server reads: a
 * mailbox in a passwd-file, an account in /etc/shadow, an entry of a list, a
 * line of a crontab.
 *
 * The line is found exactly (by its first field, or as a whole), compared by
 * hash, and the file is replaced by rename with owner, mode, ACL and the other
 * lines as they were. Old and new line are sealed in the state folder (0600)
 * first; a hash never enters plan or journal.
 *
 * Where a program has to know of the change, facts say so: check is run on the
 * new text before it is put in place ({new} stands for its path), then after
 * it, and again after undo (several commands, parted by the word ;), and on
 * must be a word of what read prints at last.
 */
#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "act/ops.h"
#include "act/program.h"
#include "act/text_file.h"
#include "base/own.h"
#include "base/sha256.h"

enum { SHADOW_EXPIRE_FIELD = 7 };

/* What is put before a line to take it out of force where # begins a comment. */
#define COMMENT STR("#quell# ")

struct change {
	const char *name;
	bool by_key; /* the line is found by its first field, else as a whole */
	bool is_secret;
	/* The line that is to stand in its place; old is empty for an addition. */
	int (*apply)(const struct act_world *, const struct deed *, str old, struct buf *out, struct err *);
	bool (*is_done)(str line); /* NULL = cannot be seen */
};

static int apply_lock(const struct act_world *world, const struct deed *deed, str old, struct buf *out, struct err *err)
{
	(void)world, (void)deed, (void)err;
	str rest = old;
	buf_add(out, str_cut(&rest, ':'));
	buf_add(out, STR(":!"));
	buf_add(out, rest);
	return 0;
}

static bool is_locked(str line)
{
	str_cut(&line, ':');
	return str_starts(line, STR("!"));
}

/* A locked password and an account that expired on day 0: PAM refuses SSH keys, cron and mail logins too. */
static int apply_expire(const struct act_world *world, const struct deed *deed, str old, struct buf *out, struct err *err)
{
	(void)world, (void)deed, (void)err;
	str rest = old;
	for (int field = 0; field <= SHADOW_EXPIRE_FIELD + 1; field++) {
		str value = str_cut(&rest, ':');
		if (field)
			buf_char(out, ':');
		if (field == 1 && !str_starts(value, STR("!")))
			buf_char(out, '!');
		buf_add(out, field == SHADOW_EXPIRE_FIELD ? STR("0") : value);
	}
	return 0;
}

static bool is_expired(str line)
{
	if (!is_locked(line))
		return false;
	for (int field = 0; field < SHADOW_EXPIRE_FIELD; field++)
		str_cut(&line, ':');
	return str_eq(str_cut(&line, ':'), STR("0"));
}

static int make_salt(char out[24], struct err *err)
{
	static const char letters[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	unsigned char bytes[16];
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return err_errno(err, "getrandom");
	memcpy(out, "$6$", 3);
	for (size_t i = 0; i < sizeof(bytes); i++)
		out[3 + i] = letters[bytes[i] % 64];
	memcpy(out + 19, "$", 2);
	return 0;
}

static int apply_password(const struct act_world *world, const struct deed *deed, str old, struct buf *out, struct err *err)
{
	struct crypt_data work = { 0 };
	char salt[24];
	str rest = old;
	if (!world->password)
		return err_set(err, ERR_REFUSED, "no new password was given");
	int rc = make_salt(salt, err);
	if (rc)
		return rc;
	const char *hash = crypt_rn(world->password, salt, &work, sizeof(work));
	if (!hash || hash[0] == '*')
		return err_set(err, ERR_SYSTEM, "crypt: no SHA-512");
	buf_add(out, str_cut(&rest, ':'));
	buf_char(out, ':');
	buf_add(out, facts_get(&deed->facts, "scheme"));
	buf_add(out, str_from(hash));
	str_cut(&rest, ':');
	buf_char(out, ':');
	buf_add(out, rest);
	explicit_bzero(&work, sizeof(work));
	return 0;
}

static int apply_add(const struct act_world *world, const struct deed *deed, str old, struct buf *out, struct err *err)
{
	(void)world, (void)old, (void)err;
	buf_add(out, facts_get(&deed->facts, "line"));
	return 0;
}

static int apply_comment(const struct act_world *world, const struct deed *deed, str old, struct buf *out, struct err *err)
{
	(void)world, (void)deed, (void)err;
	buf_add(out, COMMENT);
	buf_add(out, old);
	return 0;
}

static const struct change changes[] = {
	{ "lock", true, false, apply_lock, is_locked },	       { "expire", true, false, apply_expire, is_expired },
	{ "password", true, true, apply_password, NULL },      { "add", false, false, apply_add, NULL },
	{ "comment", false, false, apply_comment, NULL },
};

static const struct change *change_of(const struct deed *deed, struct err *err)
{
	str name = facts_get(&deed->facts, "change");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (str_eq(name, str_from(changes[i].name)))
			return &changes[i];
	err_set(err, ERR_INPUT, "no such change of a line: %.*s", STR_ARG(name));
	return NULL;
}

/* The line's place in the text without its newline. ERR_GONE when there is none, ERR_REFUSED when there are several. */
static int find_line(str text, bool by_key, str wanted, str *out, struct err *err)
{
	unsigned found = 0;
	for (str rest = text; rest.len;) {
		str line = str_cut(&rest, '\n');
		str key = line;
		if (!str_eq(by_key ? str_cut(&key, ':') : line, wanted))
			continue;
		*out = line;
		found++;
	}
	if (found > 1)
		return err_set(err, ERR_REFUSED, "the line stands there %u times", found);
	return found ? 0 : err_set(err, ERR_GONE, "there is no such line");
}

static bool has_hash(str text, str hex)
{
	char own[65];
	sha256_text(text, own);
	return str_eq(str_from(own), hex);
}

static void set_hash(struct deed *deed, const char *key, str text)
{
	char hex[65];
	sha256_text(text, hex);
	facts_set(&deed->facts, deed->arena, key, str_from(hex));
}

static str wanted_line(const struct change *change, const struct deed *deed)
{
	return facts_get(&deed->facts, change->by_key ? "key" : "line");
}

static int survey(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	const struct change *change = change_of(deed, err);
	str line = STR("");
	int rc = text_file_read(world, deed, false, &file, err);
	if (!change || rc)
		return change ? rc : ERR_INPUT;
	if (!wanted_line(change, deed).len || str_find(wanted_line(change, deed), '\n') != STR_NONE)
		return err_set(err, ERR_REFUSED, "a line to look for may neither be empty nor several");
	rc = find_line(buf_str(&file.text), change->by_key, wanted_line(change, deed), &line, err);
	if (rc && !(rc == ERR_GONE && change->apply == apply_add))
		return rc;
	set_hash(deed, "line_sha256", line);
	set_hash(deed, "file_sha256", buf_str(&file.text));
	facts_set_number(&deed->facts, deed->arena, "owner", file.status.st_uid);
	facts_set_number(&deed->facts, deed->arena, "mtime", (uint64_t)file.status.st_mtim.tv_sec);
	facts_set_number(&deed->facts, deed->arena, "mtime_nsec", (uint64_t)file.status.st_mtim.tv_nsec);
	return 0;
}

static int look_by_key(const struct change *change, const struct deed *deed, str text, enum state *out, struct err *err)
{
	str line;
	str after = facts_get(&deed->facts, "new_sha256");
	int rc = find_line(text, true, facts_get(&deed->facts, "key"), &line, err);
	*out = STATE_OTHER;
	if (rc)
		return rc == ERR_GONE || rc == ERR_REFUSED ? 0 : rc;
	if (after.len ? has_hash(line, after) : change->is_done && change->is_done(line))
		*out = STATE_AFTER;
	else if (has_hash(line, facts_get(&deed->facts, "line_sha256")))
		*out = STATE_BEFORE;
	else
		err_set(err, ERR_NONE, "the line was changed by somebody else");
	return 0;
}

static int look_whole(const struct change *change, const struct deed *deed, str text, enum state *out, struct err *err)
{
	str line;
	struct buf new_line = BUF_INIT;
	str old = facts_get(&deed->facts, "line");
	bool is_add = change->apply == apply_add;
	int rc = change->apply(NULL, deed, old, &new_line, err);
	bool is_there = find_line(text, false, old, &line, err) == 0;
	bool is_new_there = find_line(text, false, buf_str(&new_line), &line, err) == 0;
	buf_done(&new_line);
	*out = is_new_there ? STATE_AFTER : is_there || is_add ? STATE_BEFORE : STATE_OTHER;
	return rc;
}

static int look_text(const struct deed *deed, str text, enum state *out, struct err *err)
{
	const struct change *change = change_of(deed, err);
	if (!change)
		return ERR_INPUT;
	return change->by_key ? look_by_key(change, deed, text, out, err) : look_whole(change, deed, text, out, err);
}

static int look(const struct act_world *world, const struct deed *deed, enum state *out, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	int rc = text_file_read(world, deed, false, &file, err);
	*out = STATE_OTHER;
	if (rc)
		return rc == ERR_GONE || rc == ERR_REFUSED ? 0 : rc;
	return look_text(deed, buf_str(&file.text), out, err);
}

/* A password's lines are dropped after a time (act.c), those of other changes stay. */
static void seal_name(char name[64], const struct deed *deed)
{
	const struct change *change = change_of(deed, NULL);
	snprintf(name, 64, "%.*s-%u%s", STR_ARG(deed->plan), deed->step, change && change->is_secret ? SECRET_SUFFIX : ".lines");
}

/* Old and new line, each ended by a newline. */
static int seal(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	__attribute__((cleanup(buf_done))) struct buf lines = BUF_INIT;
	const struct change *change = change_of(deed, err);
	char name[64];
	str old = STR("");
	int rc = text_file_read(world, deed, false, &file, err);
	if (!change || rc)
		return change ? rc : ERR_INPUT;
	find_line(buf_str(&file.text), change->by_key, wanted_line(change, deed), &old, err);
	buf_add(&lines, old);
	buf_char(&lines, '\n');
	size_t new_at = lines.len;
	if ((rc = change->apply(world, deed, old, &lines, err)))
		return rc;
	set_hash(deed, "new_sha256", str_from_at(buf_str(&lines), new_at));
	buf_char(&lines, '\n');
	seal_name(name, deed);
	rc = text_file_write(world->undo, name, &lines, NULL, err);
	if (!rc && fsync(world->undo) < 0)
		rc = err_errno(err, "undo");
	return rc;
}

static int read_sealed(const struct act_world *world, const struct deed *deed, struct buf *lines, str *out_old, str *out_new,
		       struct err *err)
{
	char name[64];
	seal_name(name, deed);
	OWN_FD int fd = openat(world->undo, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "the sealed lines %s", name);
	int rc = buf_read(lines, fd, TEXT_FILE_BYTES_MAX, err);
	str rest = buf_str(lines);
	*out_old = str_cut(&rest, '\n');
	*out_new = str_cut(&rest, '\n');
	return rc;
}

/* text with the line old (empty: none) replaced by new (empty: removed); an addition goes to the end, or to the head. */
static int exchange(str text, str old, str new_line, bool at_head, struct buf *out, struct err *err)
{
	str line = at_head ? str_head(text, 0) : str_from_at(text, text.len);
	int rc = old.len ? find_line(text, false, old, &line, err) : 0;
	if (rc)
		return rc;
	size_t at = (size_t)(line.at - text.at);
	str rest = str_from_at(text, at + line.len);
	buf_add(out, str_head(text, at));
	if (!old.len && out->len && out->at[out->len - 1] != '\n')
		buf_char(out, '\n');
	buf_add(out, new_line);
	if (!old.len)
		buf_char(out, '\n');
	buf_add(out, new_line.len ? rest : str_from_at(rest, 1));
	return 0;
}

#define CHECK_SUFFIX ".check"

/* The new text, written beside the file, has to pass the program that will read it. */
static int check_new(const struct deed *deed, const struct text_file *file, const struct buf *text, struct err *err)
{
	const struct fact *check = facts_find(&deed->facts, "check");
	str path = arena_printf(deed->arena, "%.*s" CHECK_SUFFIX, STR_ARG(facts_get(&deed->facts, "file")));
	char name[TEXT_FILE_NAME_MAX + sizeof(CHECK_SUFFIX)];
	struct run_result result = RUN_RESULT_INIT;
	if (!check)
		return 0;
	str *words = arena_alloc(deed->arena, (check->count + 1) * sizeof(*words));
	for (size_t i = 0; i < check->count; i++)
		words[i] = str_eq(check->values[i], STR("{new}")) ? path : check->values[i];
	snprintf(name, sizeof(name), "%s" CHECK_SUFFIX, file->name);
	int rc = text_file_write(file->folder, name, text, NULL, err);
	if (!rc)
		rc = program_run(deed, &(struct fact){ check->key, words, check->count, true }, STR(""), &result, err);
	if (!rc && result.exit_code)
		rc = err_set(err, ERR_REFUSED, "%.*s does not take the new text: %.*s", STR_ARG(words[0]),
			     STR_ARG(str_head(str_trim(buf_str(&result.err)), 200)));
	run_result_done(&result);
	unlinkat(file->folder, name, 0);
	return rc;
}

/* The file as some step of the journal met it, whichever is undone first: its times then come back with its text. */
static bool find_original(const struct act_world *world, const struct deed *deed, str text, struct timespec *out)
{
	for (size_t i = 0; i < world->journal->records.count; i++) {
		const struct record *record = &world->journal->records.at[i];
		const struct facts *facts = &record->facts;
		uint64_t seconds, nsec;
		if (record->kind != RECORD_INTENT || !str_eq(facts_get(facts, "file"), facts_get(&deed->facts, "file")) ||
		    !has_hash(text, facts_get(facts, "file_sha256")) || !facts_number(facts, "mtime", INT64_MAX, &seconds) ||
		    !facts_number(facts, "mtime_nsec", 999999999, &nsec))
			continue;
		*out = (struct timespec){ (time_t)seconds, (long)nsec };
		return true;
	}
	return false;
}

static int swap(const struct act_world *world, const struct deed *deed, struct text_file *file, str from, str to, bool undoing,
		struct err *err)
{
	__attribute__((cleanup(buf_done))) struct buf text = BUF_INIT;
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	bool at_head = str_eq(facts_get(&deed->facts, "place"), STR("head"));
	int rc = exchange(buf_str(&file->text), from, to, at_head, &text, err);
	bool is_original = undoing && find_original(world, deed, buf_str(&text), &times[1]);
	/* An addition to a file without a last newline put one there. */
	if (undoing && !is_original && text.len &&
	    (is_original = find_original(world, deed, str_head(buf_str(&text), text.len - 1), &times[1])))
		text.len--;
	if (!rc)
		rc = check_new(deed, file, &text, err);
	return rc ? rc : text_file_replace(file, &text, is_original ? times : NULL, err);
}

/* Dovecot looks at a passwd-file at most once in a second of the clock (2.3, db-passwd-file.c): until that second is over
 * the old password may still open a session, which a step that ends sessions would then have missed. */
static void let_readers_see(const struct deed *deed)
{
	const struct change *change = change_of(deed, NULL);
	struct timespec nap = { .tv_sec = 1, .tv_nsec = 100000000 };
	while (change && change->by_key && nanosleep(&nap, &nap) < 0 && errno == EINTR)
		;
}

static int make(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	__attribute__((cleanup(buf_done))) struct buf lines = BUF_INIT;
	enum state state;
	str old, new_line;
	uint64_t owner;
	int rc = text_file_read(world, deed, true, &file, err);
	if (rc || (rc = deed_number(deed, "owner", UINT32_MAX, &owner, err)) ||
	    (rc = look_text(deed, buf_str(&file.text), &state, err)) ||
	    (rc = read_sealed(world, deed, &lines, &old, &new_line, err)))
		return rc;
	if (state != STATE_BEFORE || file.status.st_uid != owner)
		return err_set(err, ERR_REFUSED, "%s changed since the plan was made", file.name);
	rc = swap(world, deed, &file, old, new_line, false, err);
	if (rc)
		return rc;
	let_readers_see(deed);
	rc = program_then(deed, err);
	return rc ? rc : program_confirm(deed, err);
}

static int undo(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	__attribute__((cleanup(buf_done))) struct buf lines = BUF_INIT;
	const struct change *change = change_of(deed, err);
	str old, new_line;
	if (!change)
		return ERR_INPUT;
	if (change->is_secret && !world->restore_password)
		return err_set(err, ERR_REFUSED, "the old password is stolen and stays away; --restore-old-password puts it back");
	int rc = text_file_read(world, deed, true, &file, err);
	if (rc || (rc = read_sealed(world, deed, &lines, &old, &new_line, err)))
		return rc;
	rc = swap(world, deed, &file, new_line, old, true, err);
	return rc ? rc : program_then(deed, err);
}

static void tidy(const struct act_world *world, const struct deed *deed)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	char name[TEXT_FILE_NAME_MAX + sizeof(CHECK_SUFFIX)];
	struct err unused;
	if (text_file_read(world, deed, false, &file, NULL))
		return;
	text_file_tidy(&file);
	snprintf(name, sizeof(name), "%s" CHECK_SUFFIX, file.name);
	unlinkat(file.folder, name, 0);
	/* Whichever line stands there now: the programs may not have been told. */
	program_then(deed, &unused);
}

const struct op op_edit_line = {
	.name = "edit_line",
	.keys = "file change owner line_sha256 file_sha256 mtime mtime_nsec",
	.survey = survey,
	.look = look,
	.seal = seal,
	.make = make,
	.undo = undo,
	.tidy = tidy,
};
