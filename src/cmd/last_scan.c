/* SPDX-License-Identifier: Apache-2.0
 *
 * last_scan: last-scan.json.
 */
#include "cmd/last_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/own.h"

enum { FILE_MAX = 1 << 30 };

#define RUN_SILENCE (72LL * 3600 * USEC_PER_SEC)
#define NAME "last-scan.json"

json_t *last_scan_load(const char *state)
{
	OWN_FD int folder = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	OWN_FD int fd = folder < 0 ? -1 : openat(folder, NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct buf text = BUF_INIT;
	json_t *report = NULL;
	if (fd >= 0 && !buf_read(&text, fd, FILE_MAX, NULL))
		report = json_loadb(text.at, text.len, 0, NULL);
	buf_done(&text);
	return report;
}

static usec time_of(const json_t *incident, const char *key)
{
	usec at = USEC_NEVER;
	clock_parse(str_from(json_string_value(json_object_get(incident, key))), USEC_NEVER, &at);
	return at;
}

static const json_t *same_cause(const json_t *list, const json_t *incident)
{
	const char *cause = json_string_value(json_object_get(incident, "cause_id"));
	size_t i;
	const json_t *row;
	json_array_foreach(list, i, row) {
		const char *other = json_string_value(json_object_get(row, "cause_id"));
		if (cause && other && strcmp(cause, other) == 0)
			return row;
	}
	return NULL;
}

void last_scan_carry(json_t *report, const json_t *last)
{
	size_t i;
	json_t *incident;
	json_array_foreach(json_object_get(report, "incidents"), i, incident) {
		const json_t *before = same_cause(json_object_get(last, "incidents"), incident);
		if (!before)
			continue;
		usec first = time_of(incident, "first"), old_first = time_of(before, "first");
		usec old_last = time_of(before, "last");
		if (old_first == USEC_NEVER || old_first >= first || first - old_last > RUN_SILENCE)
			continue;
		json_object_set(incident, "id", json_object_get(before, "id"));
		json_object_set(incident, "first", json_object_get(before, "first"));
	}
}

static int write_whole(int fd, const char *text, struct err *err)
{
	struct buf buf = BUF_INIT;
	buf_add(&buf, str_from(text));
	int rc = buf_write(&buf, fd, err);
	buf_done(&buf);
	return !rc && fsync(fd) ? err_errno(err, "fsync") : rc;
}

int last_scan_save(const char *state, const json_t *report, struct err *err)
{
	if (mkdir(state, 0700) && errno != EEXIST)
		return err_errno(err, "%s", state);
	OWN_FD int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return err_errno(err, "%s", state);
	OWN_FD int fd = openat(folder, NAME ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s/" NAME, state);
	OWN_MEM char *text = json_dumps(report, JSON_COMPACT | JSON_REAL_PRECISION(4));
	int rc = text ? write_whole(fd, text, err) : err_set(err, ERR_SYSTEM, "the report cannot be written as JSON");
	if (rc)
		return err_context(err, "%s/" NAME, state);
	if (renameat(folder, NAME ".new", folder, NAME) || fsync(folder))
		return err_errno(err, "%s/" NAME, state);
	return 0;
}
