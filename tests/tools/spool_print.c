/* SPDX-License-Identifier: Apache-2.0
 *
 * spool_print DIRECTORY: the messages of a spool's input folder, one JSON
 * object per line. A -H that cannot be read gives {"id": ..., "error": ...}.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "json_of.h"
#include "source/exim_spool.h"

static void print_message(void *context, const struct spool_message *message)
{
	struct jsonw w;
	jsonw_init(&w, context, true);
	json_of_spool(&w, message);
}

static void print_failed(void *context, str id, const struct err *why)
{
	struct jsonw w;
	jsonw_init(&w, context, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "id", id);
	jsonw_field_str(&w, "error", str_from(why->text));
	jsonw_close(&w, '}');
}

int main(int argc, char **argv)
{
	struct err err;
	struct buf out = BUF_INIT;
	const struct exim_spool_visitor visitor = { print_message, print_failed, &out };
	struct exim_spool_counts counts = { 0 };
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int rc =
		fd < 0 ? err_errno(&err, "usage: spool_print DIRECTORY") : exim_spool_each(fd, &visitor, &counts, &err);
	if (!rc)
		rc = buf_write(&out, STDOUT_FILENO, &err);
	if (rc)
		fprintf(stderr, "%s\n", err.text);
	buf_done(&out);
	return rc != 0;
}
