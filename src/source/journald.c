/* SPDX-License-Identifier: Apache-2.0
 *
 * journald: a state for each part of a field.
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

/* Of several fields with one name the first counts. */
static void open_field(struct journald *j, enum journald_state state)
{
	j->field = field_of((str){ j->name, j->name_len });
	if (j->field < JOURNALD_FIELDS && j->present[j->field])
		j->field = JOURNALD_FIELDS;
	if (j->field < JOURNALD_FIELDS)
		j->present[j->field] = true;
	j->state = state;
	j->name_len = j->length_read = 0;
	j->left = 0;
}

/* Takes len bytes off *chunk. */
static str take(struct journald *j, str *chunk, size_t len)
{
	str taken = str_head(*chunk, len);
	*chunk = str_from_at(*chunk, len);
	j->offset += taken.len;
	return taken;
}

/* Takes the newline that is the first byte of *chunk. */
static void take_newline(struct journald *j, str *chunk)
{
	take(j, chunk, 1);
	j->newlines++;
}

static void keep(struct journald *j, str bytes)
{
	if (j->field == JOURNALD_FIELDS)
		return;
	struct buf *value = &j->values[j->field];
	buf_add(value, str_head(bytes, JOURNALD_VALUE_MAX - value->len));
}

static bool is_newline(str chunk)
{
	return chunk.len && chunk.at[0] == '\n';
}

/* --- one step each: part of a field, as far as *chunk holds it ------------- */

/* True at the blank line that ends a record. */
static bool read_name(struct journald *j, str *chunk)
{
	size_t end = 0;
	while (end < chunk->len && chunk->at[end] != '\n' && chunk->at[end] != '=')
		end++;
	str part = str_head(take(j, chunk, end), sizeof(j->name) - j->name_len);
	if (part.len)
		memcpy(j->name + j->name_len, part.at, part.len);
	j->name_len += part.len;
	if (!chunk->len)
		return false;
	if (!is_newline(*chunk)) {
		take(j, chunk, 1);
		open_field(j, JOURNALD_TEXT);
		return false;
	}
	take_newline(j, chunk);
	if (!j->name_len)
		return true;
	open_field(j, JOURNALD_LENGTH);
	return false;
}

static void read_text(struct journald *j, str *chunk)
{
	keep(j, take(j, chunk, str_find(*chunk, '\n')));
	if (!is_newline(*chunk))
		return;
	take_newline(j, chunk);
	j->state = JOURNALD_NAME;
}

static void read_length(struct journald *j, str *chunk)
{
	unsigned char byte = (unsigned char)take(j, chunk, 1).at[0];
	j->left |= (uint64_t)byte << (8 * j->length_read++);
	j->newlines += byte == '\n';
	if (j->length_read == sizeof(j->left))
		j->state = j->left ? JOURNALD_BINARY : JOURNALD_BINARY_END;
}

static void read_binary(struct journald *j, str *chunk)
{
	str value = take(j, chunk, j->left);
	keep(j, value);
	j->left -= value.len;
	for (str rest = value; str_find(rest, '\n') != STR_NONE; str_cut(&rest, '\n'))
		j->newlines++;
	if (!j->left)
		j->state = JOURNALD_BINARY_END;
}

/* Anything but a newline: the frame is lost up to the end of this line. */
static void read_binary_end(struct journald *j, str *chunk)
{
	j->spoilt |= !is_newline(*chunk);
	j->field = JOURNALD_FIELDS;
	j->state = JOURNALD_TEXT;
	read_text(j, chunk);
}

static bool step(struct journald *j, str *chunk)
{
	switch (j->state) {
	case JOURNALD_NAME: return read_name(j, chunk);
	case JOURNALD_TEXT: read_text(j, chunk); break;
	case JOURNALD_LENGTH: read_length(j, chunk); break;
	case JOURNALD_BINARY: read_binary(j, chunk); break;
	case JOURNALD_BINARY_END: read_binary_end(j, chunk); break;
	}
	return false;
}

/* --- records --------------------------------------------------------------- */

static void reset(struct journald *j)
{
	for (int i = 0; i < JOURNALD_FIELDS; i++) {
		j->values[i].len = 0;
		j->present[i] = false;
	}
	j->spoilt = j->complete = false;
	j->record_offset = j->offset;
	j->record_newlines = j->newlines;
}

static bool number_of(const struct journald *j, enum field field, uint64_t max, uint64_t *out)
{
	return str_u64(buf_str(&j->values[field]), max, out);
}

static str either(const struct journald *j, enum field first, enum field second)
{
	return buf_str(&j->values[j->values[first].len ? first : second]);
}

static const uint64_t time_max = 253402300799999999; /* end of the year 9999 */

static bool finish(struct journald *j, struct syslog_line *out)
{
	uint64_t at, pid = 0, uid = 0;
	if (j->spoilt || !number_of(j, TIME, time_max, &at)) {
		j->damaged++;
		return false;
	}
	if (!number_of(j, SYSLOG_PID, UINT32_MAX, &pid))
		number_of(j, PID, UINT32_MAX, &pid);
	bool has_uid = number_of(j, UID, UINT32_MAX, &uid);
	*out = (struct syslog_line){
		.at = (usec)at,
		.host = buf_str(&j->values[HOSTNAME]),
		.tag = either(j, IDENTIFIER, COMM),
		.pid = (unsigned)pid,
		.message = buf_str(&j->values[MESSAGE]),
		.has_uid = has_uid,
		.uid = (uint32_t)uid,
	};
	return j->present[MESSAGE];
}

bool journald_probe(str line)
{
	return str_starts(line, STR("__CURSOR=")) || str_starts(line, STR("__REALTIME_TIMESTAMP="));
}

bool journald_next(struct journald *j, str *chunk, struct syslog_line *out)
{
	while (chunk->len) {
		if (j->complete)
			reset(j);
		if (!step(j, chunk))
			continue;
		j->complete = true;
		if (finish(j, out))
			return true;
	}
	return false;
}

void journald_done(struct journald *j)
{
	for (int i = 0; i < JOURNALD_FIELDS; i++)
		buf_done(&j->values[i]);
}
