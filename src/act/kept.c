/* SPDX-License-Identifier: Apache-2.0
 *
 * kept: one sealed file for each pair.
 */
#include "act/kept.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "act/text_file.h"
#include "base/own.h"

enum { NAME_LEN = 64 };

static void seal_name(const struct deed *deed, size_t pair, char name[NAME_LEN])
{
	snprintf(name, NAME_LEN, "%.*s-%u-%zu%s", STR_ARG(deed->plan), deed->step, pair, SECRET_SUFFIX);
}

/* A deed whose file is that of the pair, for text_file. */
static struct deed deed_of(const struct deed *deed, str path)
{
	struct deed one = *deed;
	facts_copy(&one.facts, deed->arena, &deed->facts);
	facts_set(&one.facts, deed->arena, "file", path);
	return one;
}

static int seal_one(const struct act_world *world, const struct deed *deed, size_t pair, str path, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	const struct deed one = deed_of(deed, path);
	char name[NAME_LEN];
	seal_name(deed, pair, name);
	int rc = text_file_read(world, &one, false, &file, err);
	if (rc == ERR_GONE)
		return 0;
	return rc ? rc : text_file_write(world->undo, name, &file.text, NULL, err);
}

int kept_seal(const struct act_world *world, const struct deed *deed, struct err *err)
{
	const struct fact *keep = facts_find(&deed->facts, "keep");
	int rc = 0;
	for (size_t i = 0; !rc && keep && i + 1 < keep->count; i += 2)
		rc = seal_one(world, deed, i / 2, keep->values[i], err);
	if (!rc && keep && fsync(world->undo) < 0)
		rc = err_errno(err, "undo");
	return rc;
}

/* The next line that does not begin with the words; false at the end. */
static bool other_line(str *text, str words, str *out)
{
	while (text->len) {
		*out = str_cut(text, '\n');
		if (!str_starts(*out, words))
			return true;
	}
	return false;
}

static bool same_but(str one, str other, str words)
{
	for (;;) {
		str a, b;
		bool more = other_line(&one, words, &a);
		if (more != other_line(&other, words, &b))
			return false;
		if (!more || !str_eq(a, b))
			return !more;
	}
}

static int put_back_one(const struct act_world *world, const struct deed *deed, size_t pair, str path, str words, bool anything,
			struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	__attribute__((cleanup(buf_done))) struct buf sealed = BUF_INIT;
	const struct deed one = deed_of(deed, path);
	char name[NAME_LEN];
	seal_name(deed, pair, name);
	OWN_FD int fd = openat(world->undo, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	int rc = buf_read(&sealed, fd, TEXT_FILE_BYTES_MAX, err);
	if (rc || (rc = text_file_read(world, &one, true, &file, err)))
		return rc;
	if (!anything && !same_but(buf_str(&sealed), buf_str(&file.text), words))
		return err_set(err, ERR_REFUSED, "%.*s is half written and has changed otherwise too; as it was: undo/%s",
			       STR_ARG(path), name);
	if (str_eq(buf_str(&sealed), buf_str(&file.text)))
		return 0;
	return text_file_replace(&file, &sealed, NULL, err);
}

int kept_put_back(const struct act_world *world, const struct deed *deed, bool anything, struct err *err)
{
	const struct fact *keep = facts_find(&deed->facts, "keep");
	int rc = 0;
	for (size_t i = 0; !rc && keep && i + 1 < keep->count; i += 2)
		rc = put_back_one(world, deed, i / 2, keep->values[i], keep->values[i + 1], anything, err);
	return rc;
}
