/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_spool: reading of queued messages.
 */
#include "source/exim_spool.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/own.h"
#include "model/exim_id.h"

/* --- -H ------------------------------------------------------------------ */

struct reader {
	str file, rest;
	struct err *err;
};

static int damaged(const struct reader *reader, const char *what)
{
	return err_set(reader->err, ERR_INPUT, "byte %zu: %s", reader->file.len - reader->rest.len, what);
}

/* Cuts a line off; false when none is complete. */
static bool cut_line(struct reader *reader, str *out)
{
	size_t end = str_find(reader->rest, '\n');
	if (end == STR_NONE)
		return false;
	*out = str_head(reader->rest, end);
	reader->rest = str_from_at(reader->rest, end + 1);
	return true;
}

/* Cuts " NUMBER" off the end; negative ids (nobody as -1 or -2) wrap as they do in Exim. */
static bool cut_last_id(str *line, uint32_t *out)
{
	size_t blank = str_rfind(*line, ' ');
	if (blank == STR_NONE)
		return false;
	str digits = str_from_at(*line, blank + 1);
	bool negative = str_skip(&digits, STR("-"));
	uint64_t value;
	if (!str_u64(digits, negative ? INT32_MAX : UINT32_MAX, &value))
		return false;
	*out = negative ? -(uint32_t)value : (uint32_t)value;
	line->len = blank;
	return true;
}

static int read_id(struct reader *reader, struct spool_message *out)
{
	str line;
	if (!cut_line(reader, &line) || !str_ends(line, STR("-H")))
		return damaged(reader, "no ID-H line");
	out->id = str_head(line, line.len - 2);
	return exim_id_shape(out->id) ? 0 : damaged(reader, "no message id in the ID-H line");
}

static int read_submitter(struct reader *reader, struct spool_message *out)
{
	str line;
	if (!cut_line(reader, &line) || !cut_last_id(&line, &out->gid) || !cut_last_id(&line, &out->uid) || !line.len)
		return damaged(reader, "no line of login, uid, gid");
	out->login = line;
	return 0;
}

static int read_sender(struct reader *reader, struct spool_message *out)
{
	str line;
	if (!cut_line(reader, &line) || line.len < 2 || line.at[0] != '<' || line.at[line.len - 1] != '>')
		return damaged(reader, "no sender in <>");
	out->sender = (str){ line.at + 1, line.len - 2 };
	return 0;
}

static const uint64_t seconds_max = 253402300799; /* end of the year 9999 */

static int read_times(struct reader *reader, struct spool_message *out)
{
	str line;
	uint64_t seconds, warnings;
	if (!cut_line(reader, &line) || !str_cut_u64(&line, seconds_max, &seconds) || !str_skip(&line, STR(" ")) ||
	    !str_u64(line, UINT32_MAX, &warnings))
		return damaged(reader, "no line of receive time and warnings");
	out->received = (usec)seconds * USEC_PER_SEC;
	out->warnings = (unsigned)warnings;
	return 0;
}

/* --- options --- */

/* "[ip]:port"; before 4.94 "ip.port"; without port as well. */
static bool parse_host_address(str value, struct ip *out)
{
	if (str_skip(&value, STR("[")))
		return ip_parse(str_cut(&value, ']'), out);
	if (ip_parse(value, out))
		return true;
	size_t dot = str_rfind(value, '.');
	return dot != STR_NONE && ip_parse(str_head(value, dot), out);
}

static bool set_host_address(str value, struct spool_message *out)
{
	out->has_ip = parse_host_address(value, &out->ip);
	return true;
}

static bool set_frozen(str value, struct spool_message *out)
{
	uint64_t seconds;
	if (!str_u64(value, seconds_max, &seconds))
		return false;
	out->frozen = (usec)seconds * USEC_PER_SEC;
	return true;
}

/* ".670995" */
static bool set_fraction(str value, struct spool_message *out)
{
	uint64_t fraction;
	if (!str_skip(&value, STR(".")) || !str_u64(value, USEC_PER_SEC - 1, &fraction))
		return false;
	out->received += (usec)fraction - out->received % USEC_PER_SEC;
	return true;
}

struct option {
	str name;
	size_t text, flag; /* offset of the member that takes the value, of the switch */
	bool (*set)(str value, struct spool_message *out); /* for other forms; false = damaged */
};
#define TEXT(member) .text = offsetof(struct spool_message, member)
#define FLAG(member) .flag = offsetof(struct spool_message, member)

static const struct option options[] = {
	{ STR("helo_name"), TEXT(helo) },
	{ STR("host_address"), .set = set_host_address },
	{ STR("host_name"), TEXT(host_name) },
	{ STR("host_auth"), TEXT(host_auth) },
	{ STR("auth_id"), TEXT(auth_id) },
	{ STR("auth_sender"), TEXT(auth_sender) },
	{ STR("ident"), TEXT(ident) },
	{ STR("received_protocol"), TEXT(protocol) },
	{ STR("received_time_usec"), .set = set_fraction },
	{ STR("frozen"), .set = set_frozen },
	{ STR("local"), FLAG(local) },
	{ STR("localerror"), FLAG(local_error) },
	{ STR("sender_set_untrusted"), FLAG(sender_set_untrusted) },
	{ STR("manual_thaw"), FLAG(manual_thaw) },
	{ STR("spool_file_wireformat"), FLAG(spool_wireformat) },
};

static bool apply_option(str name, str value, struct spool_message *out)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		const struct option *option = &options[i];
		if (!str_eq(name, option->name))
			continue;
		if (option->set)
			return option->set(value, out);
		if (option->text)
			*(str *)((char *)out + option->text) = value;
		else
			*(bool *)((char *)out + option->flag) = true;
		return true;
	}
	return true; /* options of other versions are skipped, as Exim itself does */
}

static bool is_acl_variable(str name)
{
	return str_eq(name, STR("aclm")) || str_eq(name, STR("aclc")) || str_eq(name, STR("acl"));
}

/* value: "NAME LEN"; LEN bytes and a newline follow, whatever they are. */
static bool skip_acl_variable(struct reader *reader, str value)
{
	uint64_t len;
	size_t blank = str_rfind(value, ' ');
	if (blank == STR_NONE || !str_u64(str_from_at(value, blank + 1), EXIM_SPOOL_FILE_MAX, &len) ||
	    reader->rest.len <= len || reader->rest.at[len] != '\n')
		return false;
	reader->rest = str_from_at(reader->rest, len + 1);
	return true;
}

/* line is without its first hyphen. */
static bool read_option(struct reader *reader, str line, struct spool_message *out)
{
	if (str_skip(&line, STR("-")) && str_skip(&line, STR("(")))
		str_cut(&line, ')');
	str value = line;
	str name = str_cut(&value, ' ');
	return is_acl_variable(name) ? skip_acl_variable(reader, value) : apply_option(name, value, out);
}

static int read_options(struct reader *reader, struct spool_message *out)
{
	while (str_starts(reader->rest, STR("-"))) {
		str line;
		if (!cut_line(reader, &line) || !read_option(reader, str_from_at(line, 1), out))
			return damaged(reader, "damaged option");
	}
	return 0;
}

/* --- recipients --- */

static int compare_names(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static void mark_done(struct spool_message *message)
{
	if (!message->handled.count)
		return;
	qsort(message->handled.at, message->handled.count, sizeof(str), compare_names);
	for (size_t i = 0; i < message->recipients.count; i++) {
		struct spool_recipient *recipient = &message->recipients.at[i];
		recipient->done = bsearch(&recipient->address, message->handled.at, message->handled.count, sizeof(str),
					  compare_names) != NULL;
	}
}

static bool is_tree_flag(char c)
{
	return c == 'Y' || c == 'N';
}

/* In preorder each node takes the place of one awaited subtree and asks for those of its children, so a counter
 * replaces the recursion, whatever the depth. */
static int read_tree(struct reader *reader, struct spool_message *out)
{
	if (str_skip(&reader->rest, STR("XX\n")))
		return 0;
	for (size_t awaited = 1; awaited; awaited--) {
		str line;
		if (!cut_line(reader, &line) || line.len < 4 || !is_tree_flag(line.at[0]) ||
		    !is_tree_flag(line.at[1]) || line.at[2] != ' ')
			return damaged(reader, "damaged tree of handled addresses");
		awaited += (line.at[0] == 'Y') + (line.at[1] == 'Y');
		*VEC_PUSH(&out->handled) = str_from_at(line, 3);
	}
	return 0;
}

static bool is_number_list(char c)
{
	return (c >= '0' && c <= '9') || c == ',' || c == '-';
}

/* Cuts " TEXT LEN,NUMBER" off the end, where TEXT has LEN bytes. */
static bool cut_counted(str *line)
{
	size_t at = line->len;
	while (at && is_number_list(line->at[at - 1]))
		at--;
	str numbers = str_from_at(*line, at);
	uint64_t len;
	if (!str_cut_u64(&numbers, line->len, &len) || at < len + 2 || line->at[at - 1] != ' ' ||
	    line->at[at - 2 - len] != ' ')
		return false;
	line->len = at - 2 - len;
	return true;
}

/* Leaves the address of a recipient line, which is read from the end because the address comes first and may hold
 * blanks: "addr", "addr digits" and "addr digits,digits,digits" (before 4.0 and in early 4.x), "addr errors_to
 * len,pno#1", "addr orcpt len,flags errors_to len,pno#3". A domain cannot end in what precedes these digits. */
static bool cut_recipient_data(str *line)
{
	size_t at = line->len;
	while (at && line->at[at - 1] >= '0' && line->at[at - 1] <= '9')
		at--;
	char before = at && at < line->len ? line->at[at - 1] : 0;
	uint64_t flags;
	if (before == '#') {
		if (!str_u64(str_from_at(*line, at), 255, &flags))
			return false;
		line->len = at - 1;
		return (!(flags & 1) || cut_counted(line)) && (!(flags & 2) || cut_counted(line));
	}
	if (before != ' ' && before != ',')
		return true;
	while (at && is_number_list(line->at[at - 1]))
		at--;
	if (at && line->at[at - 1] == ' ')
		line->len = at - 1;
	return true;
}

static int read_recipients(struct reader *reader, struct spool_message *out)
{
	str line;
	uint64_t count;
	if (!cut_line(reader, &line) || !str_u64(line, EXIM_SPOOL_FILE_MAX, &count))
		return damaged(reader, "no number of recipients");
	while (count--) {
		if (!cut_line(reader, &line) || !cut_recipient_data(&line) || !line.len)
			return damaged(reader, "damaged recipient");
		*VEC_PUSH(&out->recipients) = (struct spool_recipient){ line, false };
	}
	return 0;
}

/* A file that is cut behind the first zeros of a length is whole to Exim: a header of no bytes (spool_in.c scans "%d%c "). */
static int read_headers(struct reader *reader, struct spool_message *out)
{
	if (!str_skip(&reader->rest, STR("\n")))
		return damaged(reader, "no blank line behind the recipients");
	while (reader->rest.len) {
		str rest = reader->rest;
		uint64_t len;
		bool counted = str_cut_u64(&rest, EXIM_SPOOL_FILE_MAX, &len);
		if (counted && !len && rest.len < 2)
			return 0;
		if (!counted || rest.len < 2 || rest.at[1] != ' ')
			return damaged(reader, "damaged start of a header");
		if (rest.len - 2 < len)
			return damaged(reader, "header is longer than the file");
		*VEC_PUSH(&out->headers) = (struct spool_header){ rest.at[0], { rest.at + 2, len } };
		reader->rest = str_from_at(rest, len + 2);
	}
	return 0;
}

static int read_envelope(struct reader *reader, struct spool_message *out)
{
	static int (*const parts[])(struct reader *, struct spool_message *) = {
		read_id, read_submitter, read_sender, read_times, read_options, read_tree, read_recipients,
	};
	int rc = 0;
	for (size_t i = 0; !rc && i < sizeof(parts) / sizeof(*parts); i++)
		rc = parts[i](reader, out);
	if (!rc)
		mark_done(out);
	return rc;
}

/* Into a message that was initialised, and may have been used before. On failure *out holds what stands before the damage;
 * *out_envelope tells whether that is the whole envelope. */
static int parse(str file, struct spool_message *out, bool *out_envelope, struct err *err)
{
	struct reader reader = { file, file, err };
	size_t nul = str_find(file, 0);
	spool_message_reset(out);
	*out_envelope = false;
	if (nul != STR_NONE)
		return err_set(err, ERR_INPUT, "byte %zu: NUL", nul);
	int rc = read_envelope(&reader, out);
	*out_envelope = rc == 0;
	return rc ? rc : read_headers(&reader, out);
}

int exim_spool_parse(str file, struct spool_message *out, struct err *err)
{
	struct spool_message message = { 0 };
	bool envelope;
	int rc = parse(file, &message, &envelope, err);
	if (rc)
		spool_message_done(&message);
	else
		*out = message;
	return rc;
}

void exim_spool_journal(str file, struct spool_message *message)
{
	while (file.len) {
		str line = str_cut(&file, '\n');
		if (line.len)
			*VEC_PUSH(&message->handled) = line;
	}
	mark_done(message);
}

/* --- the walk ------------------------------------------------------------ */

/* input/ itself and the folders of a split spool, one per base 62 digit. */
enum { FOLDERS_MAX = 63, NAME_MAX_BYTES = EXIM_ID_LONG + 3 };

struct entry {
	uint64_t order; /* of arrival, see arrival_order() */
	char name[NAME_MAX_BYTES]; /* NUL-terminated */
	unsigned char id_len;
	unsigned char folder;
	bool checked; /* the listing itself says that it is a regular file, or a link, which is not opened */
};

static str entry_id(const struct entry *entry)
{
	return (str){ entry->name, entry->id_len };
}

/* 'H' or 'J' */
static char entry_kind(const struct entry *entry)
{
	return entry->name[entry->id_len + 1];
}

struct walk {
	int folders[FOLDERS_MAX]; /* owned */
	unsigned folder_count;
	VEC(struct entry) entries;
	struct buf header, journal; /* reused for each file, as is the message */
	struct spool_message message;
	const struct exim_spool_visitor *visitor;
	struct exim_spool_counts *counts;
};

static void walk_done(struct walk *walk)
{
	for (unsigned i = 0; i < walk->folder_count; i++)
		close(walk->folders[i]);
	free(walk->entries.at);
	buf_done(&walk->header);
	buf_done(&walk->journal);
	spool_message_done(&walk->message);
}

static void own_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void add_entry(struct walk *walk, unsigned folder, const struct dirent *item)
{
	str name = str_from(item->d_name);
	if (name.len < 2 || name.len >= NAME_MAX_BYTES || name.at[name.len - 2] != '-')
		return;
	char kind = name.at[name.len - 1];
	str id = str_head(name, name.len - 2);
	if ((kind != 'H' && kind != 'J') || !exim_id_shape(id))
		return;
	if (walk->entries.count == EXIM_SPOOL_ENTRIES_MAX) {
		walk->counts->unlisted++;
		return;
	}
	struct entry *entry = VEC_PUSH(&walk->entries);
	*entry = (struct entry){ .order = exim_id_order(id), .id_len = (unsigned char)id.len, .folder = (unsigned char)folder,
				 .checked = item->d_type == DT_REG || item->d_type == DT_LNK };
	memcpy(entry->name, name.at, name.len);
}

static bool is_split_folder(str name)
{
	return name.len == 1 && isalnum((unsigned char)name.at[0]);
}

static void open_split_folder(struct walk *walk, const char *name)
{
	int fd = openat(walk->folders[0], name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		walk->folders[walk->folder_count++] = fd;
	else if (errno != ENOENT)
		walk->counts->unlisted++;
}

/* Notes the messages of one folder, and in input/ itself opens the folders of a split spool. */
static int list_folder(struct walk *walk, unsigned folder, struct err *err)
{
	/* "." gives the listing an offset of its own; the descriptor stays with the walk. */
	int fd = openat(walk->folders[folder], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN(own_closedir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return err_errno(err, "listing the spool");
	const struct dirent *item;
	while ((item = readdir(dir))) {
		str name = str_from(item->d_name);
		if (folder == 0 && is_split_folder(name) && walk->folder_count < FOLDERS_MAX)
			open_split_folder(walk, item->d_name);
		else
			add_entry(walk, folder, item);
	}
	return 0;
}

/* By arrival, as exim -bp has it; -H before -J. */
static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	if (left->order != right->order)
		return left->order < right->order ? -1 : 1;
	int order = str_cmp(entry_id(left), entry_id(right));
	if (!order)
		order = left->folder - right->folder;
	return order ? order : entry_kind(left) - entry_kind(right);
}

/* Opens a file below folder without following links and without blocking. */
static int open_entry(int folder, const char *name, struct err *err)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP ? err_set(err, ERR_INPUT, "is a link") : err_errno(err, "open");
	return fd;
}

static int check_regular(int fd, struct err *err)
{
	struct stat status;
	if (fstat(fd, &status) < 0)
		return err_errno(err, "open");
	return S_ISREG(status.st_mode) ? 0 : err_set(err, ERR_INPUT, "is not a regular file");
}

/* What is no regular file any more since it was listed brings no bytes, or an error, but never blocks. */
static int read_entry(const struct walk *walk, const struct entry *entry, struct buf *buf, struct err *err)
{
	OWN_FD int fd = open_entry(walk->folders[entry->folder], entry->name, err);
	int rc = fd < 0 ? fd : entry->checked ? 0 : check_regular(fd, err);
	buf->len = 0;
	return rc ? rc : buf_read_file(buf, fd, EXIM_SPOOL_FILE_MAX, err);
}

/* -D starts with its own name and a newline. */
static void look_at_body(const struct walk *walk, const struct entry *entry, struct spool_message *message)
{
	char name[NAME_MAX_BYTES];
	off_t name_len = entry->id_len + 2;
	struct stat st;
	memcpy(name, entry->name, sizeof(name));
	name[name_len - 1] = 'D';
	message->has_body = fstatat(walk->folders[entry->folder], name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			    st.st_size > name_len;
	if (message->has_body)
		message->body_bytes = (uint64_t)(st.st_size - name_len - 1);
}

/* journal: the entry of -J, or NULL. */
static void complete(struct walk *walk, const struct entry *entry, const struct entry *journal)
{
	if (journal && read_entry(walk, journal, &walk->journal, NULL) == 0)
		exim_spool_journal(buf_str(&walk->journal), &walk->message);
	if (walk->visitor->sizes)
		look_at_body(walk, entry, &walk->message);
}

static void tell_damage(struct walk *walk, const struct entry *entry, const struct spool_message *envelope,
			const struct err *why)
{
	if (walk->visitor->damaged)
		walk->visitor->damaged(walk->visitor->context, entry_id(entry), walk->header.len, envelope, why);
	else
		walk->visitor->failed(walk->visitor->context, entry_id(entry), why);
}

static int visit_message(struct walk *walk, const struct entry *entry, const struct entry *journal, struct err *err)
{
	bool envelope;
	int rc = parse(buf_str(&walk->header), &walk->message, &envelope, err);
	if (!rc && !str_eq(walk->message.id, entry_id(entry))) {
		rc = err_set(err, ERR_INPUT, "holds message %.*s", STR_ARG(walk->message.id));
		envelope = false;
	}
	if (envelope)
		complete(walk, entry, journal);
	if (rc)
		tell_damage(walk, entry, envelope ? &walk->message : NULL, err);
	else
		walk->visitor->message(walk->visitor->context, &walk->message);
	return rc;
}

static void visit_entry(struct walk *walk, const struct entry *entry, const struct entry *journal)
{
	struct err err;
	struct exim_spool_counts *counts = walk->counts;
	int rc = read_entry(walk, entry, &walk->header, &err);
	if (rc == ERR_GONE) {
		counts->gone++;
	} else if (rc == ERR_SYSTEM) {
		counts->unreadable++;
		walk->visitor->failed(walk->visitor->context, entry_id(entry), &err);
	} else if (rc) {
		counts->damaged++;
		tell_damage(walk, entry, NULL, &err);
	} else if (visit_message(walk, entry, journal, &err)) {
		counts->damaged++;
	} else {
		counts->messages++;
	}
}

static bool is_journal_of(const struct entry *journal, const struct entry *entry)
{
	return entry_kind(journal) == 'J' && journal->folder == entry->folder && str_eq(entry_id(journal), entry_id(entry));
}

static void visit_all(struct walk *walk)
{
	const struct entry *list = walk->entries.at, *end = list + walk->entries.count;
	str last_id = STR("");
	for (const struct entry *entry = list; entry < end; entry++) {
		if (entry_kind(entry) != 'H')
			continue;
		const struct entry *journal = entry + 1 < end && is_journal_of(entry + 1, entry) ? entry + 1 : NULL;
		str id = entry_id(entry);
		if (str_eq(id, last_id))
			walk->counts->duplicate++;
		else if (!walk->visitor->wanted || walk->visitor->wanted(walk->visitor->context, id))
			visit_entry(walk, entry, journal);
		last_id = id;
	}
}

int exim_spool_each(int input_fd, const struct exim_spool_visitor *visitor, struct exim_spool_counts *counts,
		    struct err *err)
{
	OWN(walk_done) struct walk walk = { .visitor = visitor, .counts = counts };
	walk.folders[0] = openat(input_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk.folders[0] < 0)
		return err_errno(err, "opening the spool");
	walk.folder_count = 1;
	int rc = list_folder(&walk, 0, err);
	if (rc)
		return rc;
	for (unsigned i = 1; i < walk.folder_count; i++)
		if (list_folder(&walk, i, NULL))
			counts->unlisted++;
	if (walk.entries.count)
		qsort(walk.entries.at, walk.entries.count, sizeof(struct entry), compare_entries);
	visit_all(&walk);
	return 0;
}

int exim_spool_read(int folder_fd, str id, char kind, size_t max, struct buf *out, struct err *err)
{
	char path[NAME_MAX_BYTES + 2], end[3] = { '-', kind, 0 };
	if (!exim_id_shape(id))
		return err_set(err, ERR_USAGE, "\"%.*s\" is no message id", STR_ARG(id));
	snprintf(path, sizeof(path), "%c/%.*s%s", exim_id_split_char(id), STR_ARG(id), kind ? end : "");
	OWN_FD int fd = open_entry(folder_fd, path, err);
	if (fd == ERR_GONE)
		fd = open_entry(folder_fd, path + 2, err);
	int rc = fd < 0 ? fd : check_regular(fd, err);
	return rc ? rc : buf_read_file(out, fd, max, err);
}
