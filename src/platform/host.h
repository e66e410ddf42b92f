/* SPDX-License-Identifier: Apache-2.0
 *
 * host: what a machine is: its panel, accounts, domains, document roots, and
 * the files that are worth reading, found by looking.
 *
 * Only files that root or the panel writes are parsed here (passwd, domain
 * maps, web server configuration); what customers or senders write is opened
 * and handed on unread. Everything lives in the host's arena.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"

enum panel { PANEL_PLAIN, PANEL_CPANEL, PANEL_DIRECTADMIN, PANEL_HESTIA };

/* An entry of /etc/passwd. */
struct account {
	str name;
	uint32_t uid, gid;
	str home;
	bool customer; /* a hosting account: uid >= 500 (old RHEL began there) and a home of its own; not nobody */
};

struct domain {
	str name;         /* lower case */
	uint32_t account; /* index into accounts, NO_ACCOUNT when nobody's */
	str docroot;      /* "" when it has no web site */
};
#define NO_ACCOUNT UINT32_MAX

enum input_kind {
	INPUT_EXIM_MAIN,
	INPUT_EXIM_REJECT,
	INPUT_SPOOL,    /* descriptor of an input directory */
	INPUT_MSGLOG,   /* descriptor of a msglog directory */
	INPUT_SYSLOG,   /* Dovecot, cron, Exim by their tags */
	INPUT_DOVECOT,  /* Dovecot's own file, or syslog: told by its lines */
	INPUT_ACCESS,   /* web server's access log */
	INPUT_PHP_MAIL,
	INPUT_CRONTAB,  /* an account's own table of jobs */
};

struct input {
	enum input_kind kind;
	str path;         /* as the host sees it */
	int fd;           /* owned by the host; -1 with the reason in problem */
	str problem;
	uint32_t account; /* whose log it is, NO_ACCOUNT when the server's */
	str domain;       /* vhost of an access log; "" when several */
	bool only_cron;   /* syslog copies: take nothing but cron from it, the rest stands in another file */
	uint64_t bytes, lines, unparsed;
};

struct host {
	struct arena arena;
	int root_fd;       /* owned */
	bool live;
	enum panel panel;
	str name;          /* host name */
	str timezone_note; /* "" or why UTC is assumed */
	struct zone zone;
	VEC(struct account) accounts;
	VEC(struct domain) domains;
	struct names domain_names;   /* number of domains[i].name is i + 1 */
	struct names account_names;  /* number of accounts[i].name is i + 1 */
	struct names homes;          /* home folders of customers */
	struct index account_of_home; /* number in homes -> account */
	struct names real_homes;     /* what links of home folders, or of folders of homes, point to */
	VEC(str) usual_homes;        /* by number of the real one - 1: the name that passwd uses */
	struct names local_domains;  /* delivered here; includes domains */
	VEC(struct input) inputs;
	struct index open_files;     /* device and inode of each: a hard link is read once */
};

/* What the caller names instead of discovery; NULL-terminated lists of paths inside the root, or NULL. */
struct host_inputs {
	const char *const *logs, *const *dovecot, *const *access;
	const char *spool, *passwd;
};
/* root: directory that is the host's /, "/" for a live host. With named inputs nothing else is looked for. */
int host_open(struct host *host, const char *root, bool live, const struct host_inputs *named, struct err *err);
void host_close(struct host *host);
/* Sets the counts of lines of all inputs back, for reading them again. */
void host_reset_counts(struct host *host);

const char *panel_title(enum panel panel);
/* Index of the account with that login name, or NO_ACCOUNT. */
uint32_t host_account(const struct host *host, str name);
/* The account whose home is path or holds it; NO_ACCOUNT when none. */
uint32_t host_account_of_path(const struct host *host, str path);
/* The path by the names that passwd uses for homes: a view into path, or into room. */
str host_usual_path(const struct host *host, str path, struct buf *room);
/* NULL when the domain is not in any map; "www." and a trailing port are dropped; name in any case. */
const struct domain *host_domain(const struct host *host, str name);
/* Delivered here as far as the maps tell. */
bool host_is_local_domain(const struct host *host, str name);

/* Adds what Exim says of itself: the output of "exim -bP log_file_path spool_directory timezone". */
void host_use_exim(struct host *host, str answer);

/* Filled by host_open(), split by topic: */
int host_read_accounts(struct host *host, const char *passwd, struct err *err);
void host_learn_homes(struct host *host);
void host_read_maps(struct host *host);
void host_find_inputs(struct host *host);
void host_read_exim_zone(struct host *host);
/* A log and its rotated parts; the queue in a spool. What is already there is not added twice. */
void host_find_logs(struct host *host, enum input_kind kind, const char *folder, const char *stem);
void host_find_spool(struct host *host, const char *spool);
void host_name_inputs(struct host *host, const struct host_inputs *named);
void host_add_domain(struct host *host, str name, uint32_t account, str docroot);
void host_add_local_domain(struct host *host, str name);
/* Whole content of a small file (at most 16 MB) inside the root, in the arena; false when it cannot be read. */
bool host_read_file(struct host *host, const char *path, str *out);
