/* SPDX-License-Identifier: Apache-2.0
 *
 * host_inputs: the files that are worth reading, by the places where panels
 * and distributions keep them, each opened once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/print.h"
#include "base/root.h"
#include "platform/host.h"

/* Files of one kind: the log itself and its rotated parts, all that start with stem. */
struct place {
	enum input_kind kind;
	const char *folder, *stem;
	const char *unless; /* skip when this exists: it holds the same lines */
};

static const struct place log_places[] = {
	{ INPUT_EXIM_MAIN, "/var/log", "exim_mainlog", NULL },
	{ INPUT_EXIM_MAIN, "/var/log/exim4", "mainlog", NULL },
	{ INPUT_EXIM_MAIN, "/var/log/exim", "mainlog", NULL },
	{ INPUT_EXIM_MAIN, "/var/log/exim", "main.log", NULL },
	{ INPUT_EXIM_REJECT, "/var/log", "exim_rejectlog", NULL },
	{ INPUT_EXIM_REJECT, "/var/log/exim4", "rejectlog", NULL },
	{ INPUT_EXIM_REJECT, "/var/log/exim", "rejectlog", NULL },
	{ INPUT_DOVECOT, "/var/log", "dovecot.log", NULL },
	{ INPUT_DOVECOT, "/var/log", "dovecot-info.log", NULL },
	{ INPUT_SYSLOG, "/var/log", "maillog", NULL },
	{ INPUT_SYSLOG, "/var/log", "mail.log", NULL },
	{ INPUT_SYSLOG, "/var/log", "mail.info", "/var/log/mail.log" },
	{ INPUT_SYSLOG, "/var/log", "cron", NULL },
	{ INPUT_SYSLOG, "/var/log", "syslog", NULL },
	{ INPUT_SYSLOG, "/var/log", "messages", NULL },
	{ INPUT_SYSLOG, "/var/log", "journal.export", NULL },
	{ INPUT_ACCESS, "/var/log/apache2", "other_vhosts_access.log", NULL },
	{ INPUT_ACCESS, "/var/log/apache2", "access.log", NULL },
	{ INPUT_ACCESS, "/var/log/apache2", "webmail", NULL },
	{ INPUT_ACCESS, "/var/log/httpd", "access_log", NULL },
	{ INPUT_ACCESS, "/var/log/nginx", "access.log", NULL },
	{ INPUT_ACCESS, "/usr/local/cpanel/logs", "access_log", NULL },
	{ INPUT_PHP_MAIL, "/var/log", "phpmail.log", NULL },
	{ INPUT_PHP_MAIL, "/var/log", "php_mail.log", NULL },
};

/* One log per domain: the file's name is the domain, with one of these endings before rotation marks. */
static const struct place vhost_places[] = {
	{ INPUT_ACCESS, "/etc/apache2/logs/domlogs", "", NULL },
	{ INPUT_ACCESS, "/var/log/apache2/domlogs", "", NULL },
	{ INPUT_ACCESS, "/usr/local/apache/domlogs", "", NULL },
	{ INPUT_ACCESS, "/var/log/httpd/domains", "", NULL },
	{ INPUT_ACCESS, "/var/log/apache2/domains", "", NULL },
	{ INPUT_ACCESS, "/var/log/nginx/domains", "", "/var/log/apache2/domains" },
};

/* True for a file that another name opened before. */
static bool already_open(struct host *host, const struct stat *st)
{
	bool is_new;
	index_add(&host->open_files, (uint64_t)st->st_ino ^ (uint64_t)st->st_dev << 48, &is_new);
	return !is_new;
}

/* Opens path and adds it; a file that cannot be read is added with its problem, one already there (hard link) is not. */
static struct input *add_file(struct host *host, enum input_kind kind, const char *path)
{
	struct err err = { 0 };
	struct stat st;
	OWN_FD int fd = root_open_file(host->root_fd, path, &err);
	struct input input = { .kind = kind, .path = arena_copy(&host->arena, str_from(path)), .fd = -1,
			       .account = NO_ACCOUNT };
	if (fd < 0) {
		if (err.code == ERR_GONE)
			return NULL;
		input.problem = arena_copy(&host->arena, str_from(err.text));
	} else if (fstat(fd, &st) || already_open(host, &st)) {
		return NULL;
	} else {
		input.bytes = (uint64_t)st.st_size;
		input.fd = own_take_fd(&fd);
	}
	*VEC_PUSH(&host->inputs) = input;
	return &host->inputs.at[host->inputs.count - 1];
}

static bool has_suffix_of(str name, const char *const *suffixes)
{
	for (; *suffixes; suffixes++)
		if (str_ends(name, str_from(*suffixes)))
			return true;
	return false;
}

/* What may stand behind a log's name: numbers and dates of rotation, then compression; not "mainlog.swp", "cron.daily". */
static bool is_rotation(str rest)
{
	static const char *const endings[] = { "", ".log", ".old", ".gz", ".xz", ".zst", ".bz2" };
	uint64_t number;
	for (str probe = rest; (str_skip(&probe, STR(".")) || str_skip(&probe, STR("-"))) &&
			       str_cut_u64(&probe, UINT64_MAX, &number); rest = probe)
		;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (str_eq(rest, str_from(endings[i])))
			return true;
	return false;
}

static void find_place(struct host *host, const struct place *place)
{
	struct dir_names names = { 0 };
	if (place->unless && root_exists(host->root_fd, place->unless))
		return;
	root_list(host->root_fd, place->folder, &names, NULL);
	for (size_t i = 0; i < names.list.count; i++) {
		str rest = str_from(names.list.at[i]);
		if (str_skip(&rest, str_from(place->stem)) && is_rotation(rest))
			add_file(host, place->kind, arena_printf(&host->arena, "%s/%s", place->folder, names.list.at[i]).at);
	}
	dir_names_done(&names);
}

void host_find_logs(struct host *host, enum input_kind kind, const char *folder, const char *stem)
{
	find_place(host, &(struct place){ kind, folder, stem, NULL });
}

/* "falcon.example", "falcon.example-ssl_log", "falcon.example.log.2.gz" -> the domain; "" for what is no access log. */
static str vhost_of_name(str name)
{
	static const char *const others[] = { "-bytes_log", ".bytes", ".error.log", "-error_log", "-ftp_log",
					      "-popbytes_log", "-imapbytes_log", "-smtpbytes_log", ".offset", ".bkup", NULL };
	static const char *const marks[] = { "-ssl_log", ".log", "-ssl", ".access" };
	if (has_suffix_of(name, others) || str_search(name, STR(".error.log")) != STR_NONE ||
	    str_search(name, STR("bytes_log")) != STR_NONE)
		return STR("");
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		size_t at = str_search(name, str_from(marks[i]));
		if (at != STR_NONE)
			return str_head(name, at);
	}
	return name;
}

static void add_vhost_log(struct host *host, const char *path, str file_name)
{
	str vhost = vhost_of_name(file_name);
	if (!vhost.len)
		return;
	struct input *input = add_file(host, INPUT_ACCESS, path);
	if (!input)
		return;
	const struct domain *domain = host_domain(host, vhost);
	input->domain = domain ? domain->name : arena_copy(&host->arena, vhost);
	input->account = domain ? domain->account : NO_ACCOUNT;
}

static bool is_folder(const struct host *host, const char *path)
{
	OWN_FD int fd = root_open(host->root_fd, path, O_PATH | O_DIRECTORY, NULL);
	return fd >= 0;
}

static void find_vhost_logs(struct host *host, const struct place *place)
{
	struct dir_names names = { 0 };
	if (place->unless && root_exists(host->root_fd, place->unless))
		return;
	root_list(host->root_fd, place->folder, &names, NULL);
	for (size_t i = 0; i < names.list.count; i++) {
		const char *path = arena_printf(&host->arena, "%s/%s", place->folder, names.list.at[i]).at;
		if (!is_folder(host, path))
			add_vhost_log(host, path, str_from(names.list.at[i]));
	}
	dir_names_done(&names);
}

static int add_folder(struct host *host, enum input_kind kind, const char *path)
{
	struct err err = { 0 };
	struct stat st;
	int fd = root_open(host->root_fd, path, O_RDONLY | O_DIRECTORY, &err);
	if (fd < 0 && err.code == ERR_GONE)
		return fd;
	if (fd >= 0 && !fstat(fd, &st) && already_open(host, &st)) {
		close(fd);
		return -1;
	}
	*VEC_PUSH(&host->inputs) = (struct input){ .kind = kind, .path = arena_copy(&host->arena, str_from(path)),
						   .fd = fd < 0 ? -1 : fd, .account = NO_ACCOUNT,
						   .problem = fd < 0 ? arena_copy(&host->arena, str_from(err.text)) :
								       STR("") };
	return fd;
}

/* input/ and msglog/ of a spool, and input/ of its named queues. */
void host_find_spool(struct host *host, const char *spool)
{
	struct dir_names names = { 0 };
	add_folder(host, INPUT_SPOOL, arena_printf(&host->arena, "%s/input", spool).at);
	add_folder(host, INPUT_MSGLOG, arena_printf(&host->arena, "%s/msglog", spool).at);
	root_list(host->root_fd, spool, &names, NULL);
	for (size_t i = 0; i < names.list.count; i++) {
		const char *queue = arena_printf(&host->arena, "%s/%s/input", spool, names.list.at[i]).at;
		if (is_folder(host, queue))
			add_folder(host, INPUT_SPOOL, queue);
	}
	dir_names_done(&names);
}

/* PHP's mail.log in an account's home, written by the account: grade D. */
static void find_account_files(struct host *host, uint32_t number)
{
	static const char *const php_logs[] = { "logs/phpmail.log", "logs/php_mail.log", "logs/php-mail.log",
						".php/php-mail.log", "phpmail.log" };
	const struct account *account = &host->accounts.at[number];
	for (size_t i = 0; i < sizeof(php_logs) / sizeof(*php_logs); i++) {
		struct input *input = add_file(host, INPUT_PHP_MAIL, arena_printf(&host->arena, "%.*s/%s",
									STR_ARG(account->home), php_logs[i]).at);
		if (input)
			input->account = number;
	}
}

/* Accounts' tables of jobs, in the folders of Debian and of RHEL and the panels on it: a hint where cron logs nothing. */
static void find_crontabs(struct host *host)
{
	static const char *const folders[] = { "/var/spool/cron/crontabs", "/var/spool/cron" };
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		struct dir_names names = { 0 };
		root_list(host->root_fd, folders[i], &names, NULL);
		for (size_t k = 0; k < names.list.count; k++) {
			uint32_t account = host_account(host, str_from(names.list.at[k]));
			if (account == NO_ACCOUNT || !host->accounts.at[account].customer)
				continue;
			struct input *input = add_file(host, INPUT_CRONTAB, arena_printf(&host->arena, "%s/%s", folders[i],
										names.list.at[k]).at);
			if (input)
				input->account = account;
		}
		dir_names_done(&names);
	}
}

/* syslog and messages repeat what mail.log and cron hold; then only cron is taken from them. */
static void mark_copies(struct host *host)
{
	bool has_mail_log = root_exists(host->root_fd, "/var/log/mail.log") || root_exists(host->root_fd, "/var/log/maillog");
	for (size_t i = 0; i < host->inputs.count; i++) {
		struct input *input = &host->inputs.at[i];
		bool general = str_starts(input->path, STR("/var/log/syslog")) ||
			       str_starts(input->path, STR("/var/log/messages"));
		input->only_cron = general && has_mail_log;
	}
}

void host_find_inputs(struct host *host)
{
	for (size_t i = 0; i < sizeof(log_places) / sizeof(*log_places); i++)
		find_place(host, &log_places[i]);
	for (size_t i = 0; i < sizeof(vhost_places) / sizeof(*vhost_places); i++)
		find_vhost_logs(host, &vhost_places[i]);
	host_find_spool(host, "/var/spool/exim");
	host_find_spool(host, "/var/spool/exim4");
	for (size_t i = 0; i < host->accounts.count; i++)
		if (host->accounts.at[i].customer)
			find_account_files(host, (uint32_t)i);
	find_crontabs(host);
	mark_copies(host);
}

/* A named input that is missing is an input with a problem, never left out. */
static struct input *name_file(struct host *host, enum input_kind kind, const char *path)
{
	struct input *input = add_file(host, kind, path);
	if (!input && !root_exists(host->root_fd, path)) {
		*VEC_PUSH(&host->inputs) = (struct input){ .kind = kind, .path = str_from(path), .fd = -1,
							   .account = NO_ACCOUNT, .problem = STR("does not exist") };
		input = &host->inputs.at[host->inputs.count - 1];
	}
	return input;
}

void host_name_inputs(struct host *host, const struct host_inputs *named)
{
	for (const char *const *path = named->logs; path && *path; path++)
		name_file(host, INPUT_EXIM_MAIN, *path);
	for (const char *const *path = named->dovecot; path && *path; path++)
		name_file(host, INPUT_DOVECOT, *path);
	for (const char *const *path = named->access; path && *path; path++) {
		struct input *input = name_file(host, INPUT_ACCESS, *path);
		const char *slash = strrchr(*path, '/');
		if (input)
			input->domain = arena_copy(&host->arena, vhost_of_name(str_from(slash ? slash + 1 : *path)));
	}
	if (!named->spool)
		return;
	const char *input_folder = arena_printf(&host->arena, "%s/input", named->spool).at;
	if (is_folder(host, input_folder))
		host_find_spool(host, named->spool);
	else if (add_folder(host, INPUT_SPOOL, named->spool) < 0 && !root_exists(host->root_fd, named->spool))
		*VEC_PUSH(&host->inputs) = (struct input){ .kind = INPUT_SPOOL, .path = str_from(named->spool), .fd = -1,
							   .account = NO_ACCOUNT, .problem = STR("does not exist") };
}
