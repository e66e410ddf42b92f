/* SPDX-License-Identifier: Apache-2.0
 *
 * journald: text fields, binary fields, end of a record.
 */
#include "source/journald.h"

enum field { MESSAGE, IDENTIFIER, COMM, SYSLOG_PID, PID, HOSTNAME, UID, TIME };

static const str names[JOURNALD_FIELDS] = {
	[MESSAGE] = STR("MESSAGE"), [IDENTIFIER] = STR("SYSLOG_IDENTIFIER"),
	[COMM] = STR("_COMM"),	    [SYSLOG_PID] = STR("SYSLOG_PID"),
	[PID] = STR("_PID"),	    [HOSTNAME] = STR("_HOSTNAME"),
	[UID] = STR("_UID"),	    [TIME] = STR("__REALTIME_TIMESTAMP"),
};

static int field_of(str name)
{
	for (int i = 0; i < JOURNALD_FIELDS; i++)
		if (str_eq(name, names[i]))
			return i;
	return JOURNALD_FIELDS;
}

static void keep(struct journald *journal, str bytes)
{
	if (journal->field == JOURNALD_FIELDS)
		return;
	struct buf *value = &journal->values[journal->field];
	buf_add(value, str_head(bytes, JOURNALD_VALUE_MAX - value->len));
}

/* Of several fields with one name the first counts. */
static void open_field(struct journald *journal, str name)
{
	journal->field = field_of(name);
	if (journal->field == JOURNALD_FIELDS)
		return;
	if (journal->present[journal->field])
		journal->field = JOURNALD_FIELDS;
	else
		journal->present[journal->field] = true;
}

static void add_field(struct journald *journal, str line)
{
	size_t equals = str_find(line, '=');
	open_field(journal, str_head(line, equals));
	if (equals != STR_NONE) {
		keep(journal, str_from_at(line, equals + 1));
		return;
	}
	journal->in_binary = true;
	journal->head_len = 0;
	journal->left = 0;
}

/* Takes the bytes of the length off the front of *bytes. */
static void read_length(struct journald *journal, str *bytes)
{
	while (journal->head_len < sizeof(journal->left) && bytes->len) {
		journal->left |= (uint64_t)(unsigned char)bytes->at[0] << (8 * journal->head_len++);
		*bytes = str_from_at(*bytes, 1);
	}
}

/* bytes: a line, or the newline behind it. A value ends where a line ends. */
static void add_binary(struct journald *journal, str bytes, bool is_newline)
{
	read_length(journal, &bytes);
	str value = journal->head_len < sizeof(journal->left) ? STR("") : str_head(bytes, journal->left);
	keep(journal, value);
	journal->left -= value.len;
	if (bytes.len == value.len)
		return;
	journal->in_binary = false;
	journal->spoilt = !is_newline;
}

static void reset(struct journald *journal)
{
	for (int i = 0; i < JOURNALD_FIELDS; i++) {
		journal->values[i].len = 0;
		journal->present[i] = false;
	}
	journal->started = journal->complete = journal->spoilt = false;
}

static bool number_of(const struct journald *journal, enum field field, uint64_t max, uint64_t *out)
{
	return str_u64(buf_str(&journal->values[field]), max, out);
}

static str either(const struct journald *journal, enum field first, enum field second)
{
	return buf_str(&journal->values[journal->values[first].len ? first : second]);
}

static const uint64_t time_max = 253402300799999999; /* end of the year 9999 */

static bool finish(struct journald *journal, struct syslog_line *out)
{
	uint64_t at, pid = 0, uid = 0;
	if (journal->spoilt || !number_of(journal, TIME, time_max, &at)) {
		journal->damaged++;
		return false;
	}
	if (!number_of(journal, SYSLOG_PID, UINT32_MAX, &pid))
		number_of(journal, PID, UINT32_MAX, &pid);
	bool has_uid = number_of(journal, UID, UINT32_MAX, &uid);
	*out = (struct syslog_line){
		.at = (usec)at,
		.host = buf_str(&journal->values[HOSTNAME]),
		.tag = either(journal, IDENTIFIER, COMM),
		.pid = (unsigned)pid,
		.message = buf_str(&journal->values[MESSAGE]),
		.has_uid = has_uid,
		.uid = (uint32_t)uid,
	};
	return journal->present[MESSAGE];
}

bool journald_add(struct journald *journal, str line, struct syslog_line *out)
{
	if (journal->complete)
		reset(journal);
	if (journal->in_binary) {
		add_binary(journal, line, false);
		if (journal->in_binary)
			add_binary(journal, STR("\n"), true);
		return false;
	}
	if (line.len) {
		journal->started = true;
		add_field(journal, line);
		return false;
	}
	if (!journal->started)
		return false;
	journal->complete = true;
	return finish(journal, out);
}

void journald_done(struct journald *journal)
{
	for (int i = 0; i < JOURNALD_FIELDS; i++)
		buf_done(&journal->values[i]);
}
