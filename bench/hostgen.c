/* SPDX-License-Identifier: Apache-2.0
 *
 * hostgen: writes the image of a busy shared host with cPanel's layout and log selectors, for measuring.
 *
 *     hostgen DIR SEED MEGABYTES ACCOUNTS QUEUED OLD
 *
 * DIR/root gets a main log of about MEGABYTES, the Dovecot and access logs that belong to it, QUEUED messages in the spool
 * that these logs speak of and OLD ones whose logs are gone; DIR/planted.json names the culprits and their totals. Same
 * arguments, same bytes. Lines have the shapes of Exim 4.96 (ids of 16 characters) and, in the last third, of 4.98 (23
 * characters).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

/* A big host: 1.8 messages a second, about 760 bytes of log each. */
enum { WHEEL = 4096, BYTES_PER_MESSAGE = 760, MAILBOXES = 6, OUTSIDERS = 38000, TEXT_MAX = 512 };
#define T0 1793491200L /* 2026-11-01 */
#define MESSAGES_PER_SECOND 1.8
#define OWN_IP "192.0.2.10"
#define TLS "X=TLS1.3:ECDHE_X25519__ECDSA_SECP256R1_SHA256__AES_256_GCM:256 CV=no"
#define BROWSER "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36"
#define ODD_FOLDER "/wp-content/uploads/2026/11/.cache"

struct slot { /* what will be logged in one second */
	struct buf lines;
	char stamp[21];
};

struct gen {
	int root;          /* descriptor of DIR/root */
	uint64_t random;
	long now, seconds; /* since T0; length of the log */
	uint32_t accounts, number; /* of messages so far */
	bool long_ids;
	struct slot wheel[WHEEL];
	struct buf *access; /* by account */
	struct buf dovecot;
	FILE *mainlog;
	uint32_t script_mails, mailbox_mails, script_queued; /* of the culprits */
};

static const char *const people[MAILBOXES] = { "info", "anna", "sales", "carla", "victor", "office" };
static const char *const words[] = { "amber", "blue", "cedar", "delta", "ember", "falcon", "green", "hazel", "indigo", "lunar",
				     "maple", "nova", "opal", "pixel", "raven", "sage", "tidal", "umber", "verde", "zen" };
static const char *const providers[] = { "bigmail.test", "corpmail.test", "freemail.example", "webpost.test",
					 "quickbox.test", "mailzone.example", "unioffice.example", "ispnet.example" };
static const char *const topics[] = { "Minutes", "Lunch?", "Holiday plan", "Re: contract draft", "Appointment confirmation",
				      "Hello from us", "Photos", "Invoice attached", "Re: Re: quote", "Your question" };

/* --- chance ------------------------------------------------------------------ */

static uint64_t chance(struct gen *g)
{
	uint64_t z = g->random += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t below(struct gen *g, uint32_t limit)
{
	return (uint32_t)(chance(g) % limit);
}

#define PICK(g, list) (list)[below(g, sizeof(list) / sizeof(*(list)))]

/* Some addresses are written to far more often than others. */
static uint32_t outsider(struct gen *g)
{
	uint32_t one = below(g, OUTSIDERS), other = below(g, OUTSIDERS);
	return one < other ? one : other;
}

/* --- names -------------------------------------------------------------------- */

static void print_outsider(char out[TEXT_MAX], uint32_t n)
{
	snprintf(out, TEXT_MAX, "%s.%s%u@%s", people[n % MAILBOXES], words[n / 7 % 20], n, providers[n % 8]);
}

static void print_domain(char out[TEXT_MAX], uint32_t account)
{
	snprintf(out, TEXT_MAX, "%s-%s%u.example", words[account % 20], words[account / 20 % 20], account);
}

static void print_mailbox(char out[TEXT_MAX], uint32_t account, uint32_t person)
{
	char domain[TEXT_MAX];
	print_domain(domain, account);
	snprintf(out, TEXT_MAX, "%s@%.200s", people[person], domain);
}

static void print_account(char out[TEXT_MAX], uint32_t account)
{
	snprintf(out, TEXT_MAX, "%.4s%04u", words[account % 20], account);
}

static void print_ip(char out[TEXT_MAX], uint32_t n)
{
	snprintf(out, TEXT_MAX, "198.%u.%u.%u", 18 + (n >> 16 & 1), n >> 8 & 255, n % 254 + 1);
}

static void print_id(struct gen *g, char out[TEXT_MAX])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const struct { unsigned pid, fraction; } widths[] = { { 6, 2 }, { 11, 4 } };
	uint64_t parts[] = { (uint64_t)(T0 + g->now), 3000 + g->number++, below(g, 2000) };
	unsigned lengths[] = { 6, widths[g->long_ids].pid, widths[g->long_ids].fraction };
	char *at = out;
	for (unsigned p = 0; p < 3; p++) {
		for (unsigned i = lengths[p]; i-- > 0; parts[p] /= 62)
			at[i] = digits[parts[p] % 62];
		at += lengths[p];
		*at++ = p < 2 ? '-' : 0;
	}
}

/* --- lines ---------------------------------------------------------------------- */

/* after: seconds from now. */
static void __attribute__((format(printf, 3, 4))) put(struct gen *g, long after, const char *format, ...)
{
	char text[2048];
	struct slot *slot = &g->wheel[(g->now + after) % WHEEL];
	if (!slot->lines.len) {
		time_t at = T0 + g->now + after;
		struct tm tm;
		strftime(slot->stamp, sizeof(slot->stamp), "%Y-%m-%d %H:%M:%S ", gmtime_r(&at, &tm));
	}
	va_list args;
	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_add(&slot->lines, (str){ slot->stamp, 20 });
	buf_add(&slot->lines, (str){ text, (size_t)len });
	buf_char(&slot->lines, '\n');
}

static void move_to(struct gen *g, long now)
{
	for (; g->now < now; g->now++) {
		struct slot *slot = &g->wheel[g->now % WHEEL];
		fwrite(slot->lines.at, 1, slot->lines.len, g->mainlog);
		slot->lines.len = 0;
	}
}

static void put_request(struct gen *g, uint32_t account, const char *ip, const char *request, const char *agent)
{
	char stamp[64];
	time_t at = T0 + g->now;
	struct tm tm;
	strftime(stamp, sizeof(stamp), "%d/%b/%Y:%H:%M:%S +0000", gmtime_r(&at, &tm));
	buf_printf(&g->access[account], "%s - - [%s] \"%s HTTP/1.1\" 200 %u \"-\" \"%s\"\n", ip, stamp, request,
		   150 + below(g, 4000), agent);
}

static void put_login(struct gen *g, const char *mailbox, const char *ip)
{
	char stamp[32];
	time_t at = T0 + g->now;
	struct tm tm;
	strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", gmtime_r(&at, &tm));
	buf_printf(&g->dovecot, "%s web8 dovecot: imap-login: Login: user=<%s>, method=PLAIN, rip=%s, lip=%s, mpid=%u, TLS, "
		   "session=<%08x%08x>\n", stamp, mailbox, ip, OWN_IP, below(g, 32768), (unsigned)chance(g), (unsigned)chance(g));
}

static void put_end(struct gen *g, const char *id, long after)
{
	put(g, after, "%s Completed", id);
}

static void put_run(struct gen *g, const char *id)
{
	put(g, 0, "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc %s", id);
}

static void put_remote(struct gen *g, const char *id, const char *to, long after)
{
	unsigned mx = 11 + to[strlen(to) - 6] % 8;
	put(g, after, "%s => %s R=lookuphost T=remote_smtp H=mx%u.mail.example [198.51.100.%u] I=[" OWN_IP "] C=\"250 2.0.0 Ok: "
	    "queued as %010llX\"", id, to, mx, mx, (unsigned long long)(chance(g) & 0xffffffffffu));
}

static void put_local(struct gen *g, const char *id, const char *mailbox, long after)
{
	put(g, after, "%s => %.*s <%s> R=virtual_user T=virtual_userdelivery", id, (int)strcspn(mailbox, "@"), mailbox, mailbox);
}

/* A refusal and the bounce it causes. */
static void put_refused(struct gen *g, const char *id, const char *from, const char *to, bool verdict)
{
	char bounce[TEXT_MAX];
	print_id(g, bounce);
	put(g, 1, "%s ** %s R=lookuphost T=remote_smtp H=mx16.mail.example [198.51.100.16] I=[" OWN_IP "]: SMTP error from remote "
	    "mail server after %s: %s", id, to, verdict ? "end of data" : "RCPT TO",
	    verdict ? "550 5.7.1 this message is likely unsolicited mail" : "550 5.1.1 user unknown");
	put(g, 1, "cwd=/var/spool/exim 7 args: /usr/sbin/exim -t -oem -oi -f <> -E%s", id);
	put(g, 1, "%s <= <> R=%s U=mailnull P=local S=%u T=\"Mail delivery failed: returning message to sender\" from <> for %s",
	    bounce, id, 1500 + below(g, 3000), from);
	put_end(g, id, 1);
	put_local(g, bounce, from, 2);
	put_end(g, bounce, 2);
}

static void put_outcome(struct gen *g, const char *id, const char *from, const char *to, unsigned verdicts, unsigned dead)
{
	unsigned draw = below(g, 100);
	put_run(g, id);
	if (draw < verdicts + dead) {
		put_refused(g, id, from, to, draw < verdicts);
		return;
	}
	long after = (long)below(g, 4);
	if (draw == 99) { /* greylisted once */
		put(g, 1, "%s == %s R=lookuphost T=remote_smtp defer (-44) H=mx12.mail.example [198.51.100.12] I=[" OWN_IP "]: SMTP "
		    "error from remote mail server after RCPT TO:<%s>: 451 4.7.1 <%s>: greylisted, please try again in 300 seconds",
		    id, to, to, to);
		after = 900 + (long)below(g, 900);
	}
	put_remote(g, id, to, after);
	put_end(g, id, after);
}

static void print_topic(struct gen *g, char out[TEXT_MAX])
{
	if (below(g, 2))
		snprintf(out, TEXT_MAX, "%s", PICK(g, topics));
	else
		snprintf(out, TEXT_MAX, "%s, case %u", PICK(g, topics), below(g, 1000000));
}

/* --- honest mail ------------------------------------------------------------------ */

static void inbound(struct gen *g)
{
	char id[TEXT_MAX], from[TEXT_MAX], to[TEXT_MAX], topic[TEXT_MAX];
	uint32_t account = below(g, g->accounts), person = below(g, MAILBOXES);
	print_id(g, id);
	print_outsider(from, outsider(g));
	print_mailbox(to, account, person);
	print_topic(g, topic);
	unsigned host = below(g, 200), port = 30000 + below(g, 30000);
	if (below(g, 4) == 0)
		put(g, 0, "no host name found for IP address 198.51.100.%u", 20 + host);
	put(g, 0, "SMTP connection from [198.51.100.%u]:%u I=[" OWN_IP "]:25 (TCP/IP connection count = %u)", 20 + host, port,
	    1 + below(g, 9));
	bool tls = below(g, 3) > 0;
	put(g, 0, "%s <= %s H=out%u.mail.example [198.51.100.%u]:%u I=[" OWN_IP "]:25 P=%s S=%u id=%08x%04x.%08x@%s T=\"%s\" from <%s> "
	    "for %s", id, from, host, 20 + host, port, tls ? "esmtps " TLS : "esmtp", 600 + below(g, 90000),
	    (unsigned)chance(g), below(g, 65536), (unsigned)chance(g), strchr(from, '@') + 1, topic, from, to);
	put(g, 0, "SMTP connection from (out%u.mail.example) [198.51.100.%u]:%u I=[" OWN_IP "]:25 closed by QUIT", host, 20 + host, port);
	put_run(g, id);
	put_local(g, id, to, below(g, 2));
	put_end(g, id, 1);
	if (below(g, 2)) {
		char ip[TEXT_MAX];
		print_ip(ip, account * MAILBOXES + person);
		put_login(g, to, ip);
	}
}

static void submission(struct gen *g, uint32_t account, uint32_t person, const char *ip, const char *to, const char *topic,
		       unsigned verdicts, unsigned dead)
{
	char id[TEXT_MAX], from[TEXT_MAX];
	print_id(g, id);
	print_mailbox(from, account, person);
	put(g, 0, "%s <= %s H=([192.168.%u.%u]) [%s]:%u I=[" OWN_IP "]:587 P=esmtpsa " TLS " A=dovecot_plain:%s S=%u "
	    "id=%08x%04x.%08x@%s T=\"%s\" from <%s> for %s", id, from, account % 8, account % 200 + 2, ip, 30000 + below(g, 30000),
	    from, 600 + below(g, 90000), (unsigned)chance(g), below(g, 65536), (unsigned)chance(g), strchr(from, '@') + 1, topic,
	    from, to);
	put_outcome(g, id, from, to, verdicts, dead);
}

static void owner_mail(struct gen *g)
{
	char ip[TEXT_MAX], from[TEXT_MAX], to[TEXT_MAX], topic[TEXT_MAX];
	uint32_t account = below(g, g->accounts), person = below(g, MAILBOXES);
	print_ip(ip, account * MAILBOXES + person);
	print_outsider(to, (account * 37 + below(g, 40)) % OUTSIDERS); /* everybody has his own circle */
	print_mailbox(from, account, person);
	put_login(g, from, ip);
	print_topic(g, topic);
	submission(g, account, person, ip, to, topic, 0, below(g, 50) == 0);
}

static void script_mail(struct gen *g, uint32_t account, const char *folder, const char *sender, const char *to, const char *topic,
			unsigned verdicts, unsigned dead)
{
	char id[TEXT_MAX], name[TEXT_MAX], from[TEXT_MAX], domain[TEXT_MAX];
	print_id(g, id);
	print_account(name, account);
	print_domain(domain, account);
	snprintf(from, sizeof(from), "%s@%.200s", sender, domain);
	put(g, 0, "cwd=/home/%s/public_html%s 4 args: /usr/sbin/sendmail -t -i -f%s", name, folder, from);
	put(g, 0, "%s <= %s U=%s P=local S=%u T=\"%s\" from <%s> for %s", id, from, name, 500 + below(g, 2000), topic, from, to);
	put_outcome(g, id, from, to, verdicts, dead);
}

static void shop_order(struct gen *g)
{
	char ip[TEXT_MAX], to[TEXT_MAX], topic[TEXT_MAX], domain[TEXT_MAX];
	uint32_t account = below(g, g->accounts), buyer = outsider(g);
	print_domain(domain, account);
	print_outsider(to, buyer);
	print_ip(ip, 70000 + buyer);
	snprintf(topic, sizeof(topic), "Your order %u at %.100s", below(g, 100000), domain);
	put_request(g, account, ip, "GET /shop/", BROWSER);
	put_request(g, account, ip, "POST /shop/order.php", BROWSER);
	script_mail(g, account, "/shop", "shop", to, topic, 0, 0);
}

static void noise(struct gen *g)
{
	char ip[TEXT_MAX], mailbox[TEXT_MAX];
	print_ip(ip, below(g, 60000));
	print_mailbox(mailbox, below(g, g->accounts), below(g, MAILBOXES));
	if (below(g, 2))
		put(g, 0, "H=(win%u) [%s]:%u I=[" OWN_IP "]:25 F=<a%u@void.example> rejected RCPT <noone%u@bigmail.test>: relay not "
		    "permitted", below(g, 100), ip, 30000 + below(g, 30000), below(g, 1000), below(g, 1000));
	else
		put(g, 0, "dovecot_login authenticator failed for (User) [%s]:%u I=[" OWN_IP "]:25: 535 Incorrect authentication data "
		    "(set_id=%s)", ip, 30000 + below(g, 30000), mailbox);
}

static void ordinary(struct gen *g)
{
	static void (*const kinds[])(struct gen *) = { inbound, inbound, inbound, inbound, owner_mail, owner_mail, owner_mail,
						       shop_order, shop_order, noise };
	PICK(g, kinds)(g);
}

/* --- culprits and who looks like one ------------------------------------------------ */

/* Accounts 1 and 2 are culprits, 3 sends a large honest run. */
static void spam_by_script(struct gen *g)
{
	char ip[TEXT_MAX], to[TEXT_MAX];
	print_ip(ip, 130000 + 401 * below(g, 8));
	print_outsider(to, below(g, 4 * OUTSIDERS));
	put_request(g, 1, ip, "POST " ODD_FOLDER "/class-wp2.php", "python-requests/2.31.0");
	script_mail(g, 1, ODD_FOLDER, "office", to, "Cheap pills, fast delivery", 14, 16);
	g->script_mails++;
}

static void spam_by_mailbox(struct gen *g)
{
	char ip[TEXT_MAX], to[TEXT_MAX];
	print_ip(ip, 100000 + 509 * below(g, 24));
	print_outsider(to, below(g, 4 * OUTSIDERS));
	submission(g, 2, 1, ip, to, "Payment reminder", 15, 15);
	g->mailbox_mails++;
}

static void honest_run(struct gen *g)
{
	char ip[TEXT_MAX], to[TEXT_MAX];
	print_ip(ip, 3 * MAILBOXES);
	print_outsider(to, outsider(g));
	submission(g, 3, 0, ip, to, "Our autumn catalogue", 0, 1);
}

/* --- queue ----------------------------------------------------------------------- */

static void write_text(struct gen *g, const char *path, str text)
{
	int fd = openat(g->root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct buf view = { (char *)text.at, text.len, 0 };
	struct err err;
	if (fd < 0 || buf_write(&view, fd, &err)) {
		perror(path);
		exit(1);
	}
	close(fd);
}

static void make_folders(int root, const char *path)
{
	char part[TEXT_MAX];
	for (const char *slash = strchr(path, '/');; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", slash ? (int)(slash - path) : (int)strlen(path), path);
		if (mkdirat(root, part, 0755) && errno != EEXIST) {
			perror(part);
			exit(1);
		}
		if (!slash)
			return;
	}
}

static void write_queued(struct gen *g, const char *id, uint32_t account, const char *from, const char *to, bool spam)
{
	char name[TEXT_MAX], domain[TEXT_MAX], ip[TEXT_MAX], path[TEXT_MAX];
	struct buf text = BUF_INIT;
	print_account(name, account);
	print_domain(domain, account);
	print_ip(ip, 130000 + 401 * below(g, 8));
	snprintf(path, sizeof(path), "var/spool/exim/input/%c", id[5]);
	make_folders(g->root, path);
	buf_printf(&text, "%s-H\n%s %u %u\n<%s>\n%ld 0\n-received_time_usec .216996\n-ident %s\n-received_protocol local\n"
		   "-body_linecount 6\n-max_received_linelength 93\n-auth_id %s\n-auth_sender %s\n-allow_unqualified_recipient\n"
		   "-allow_unqualified_sender\n-local\n-tls_resumption A\nXX\n1\n%s\n\n", id, name, 1000 + account, 1000 + account, from,
		   T0 + g->now, name, name, from, to);
	char headers[8][2 * TEXT_MAX];
	unsigned count = 0;
	snprintf(headers[count++], sizeof(*headers), "P Received: from %s by web8.example with local (Exim 4.96)\n\tid %s\n\tfor %s\n", name, id, to);
	snprintf(headers[count++], sizeof(*headers), "T To: %s\n", to);
	snprintf(headers[count++], sizeof(*headers), "  Subject: %s\n", spam ? "Cheap pills, fast delivery" : "Your order");
	snprintf(headers[count++], sizeof(*headers), "  X-PHP-Script: %s%s for %s\n", domain,
		 spam ? ODD_FOLDER "/class-wp2.php" : "/shop/order.php", ip);
	snprintf(headers[count++], sizeof(*headers), "  X-PHP-Originating-Script: %u:%s\n", 1000 + account, spam ? "class-wp2.php" : "order.php");
	snprintf(headers[count++], sizeof(*headers), "F From: <%s>\n", from);
	snprintf(headers[count++], sizeof(*headers), "  MIME-Version: 1.0\n");
	snprintf(headers[count++], sizeof(*headers), "I Message-Id: <E%s@web8.example>\n", id);
	for (unsigned i = 0; i < count; i++)
		buf_printf(&text, "%03zu%s", strlen(headers[i]) - 2, headers[i]);
	snprintf(path, sizeof(path), "var/spool/exim/input/%c/%s-H", id[5], id);
	write_text(g, path, buf_str(&text));
	text.len = 0;
	buf_printf(&text, "%s-D\nHello,\n\nplease have a look.\n", id);
	path[strlen(path) - 1] = 'D';
	write_text(g, path, buf_str(&text));
	buf_done(&text);
}

struct letter {
	uint32_t account;
	char id[TEXT_MAX], from[TEXT_MAX], to[TEXT_MAX];
};

static void write_letter(struct gen *g, bool spam, struct letter *out)
{
	char domain[TEXT_MAX];
	out->account = spam ? 1 : 4 + below(g, g->accounts - 4);
	print_id(g, out->id);
	print_domain(domain, out->account);
	snprintf(out->from, sizeof(out->from), "%s@%.200s", spam ? "office" : "shop", domain);
	print_outsider(out->to, below(g, 4 * OUTSIDERS));
	write_queued(g, out->id, out->account, out->from, out->to, spam);
	g->script_queued += spam;
}

/* Messages of the four days before the log. */
static void write_old(struct gen *g, uint32_t count)
{
	struct letter letter;
	for (uint32_t i = 0; i < count; i++) {
		g->now = -4 * 86400L + (long)(4 * 86400.0 * i / count);
		write_letter(g, i % 2 == 0, &letter);
	}
	g->now = 0;
}

/* A message that is still being tried: every other one is the script's. */
static void stuck(struct gen *g, bool spam)
{
	struct letter letter;
	write_letter(g, spam, &letter);
	uint32_t account = letter.account;
	const char *id = letter.id, *from = letter.from, *to = letter.to, *folder = spam ? ODD_FOLDER : "/shop";
	char ip[TEXT_MAX], name[TEXT_MAX];
	print_account(name, account);
	print_ip(ip, spam ? 130000 + 401 * below(g, 8) : 70000 + below(g, OUTSIDERS));
	if (!spam)
		put_request(g, account, ip, "GET /shop/", BROWSER);
	put_request(g, account, ip, spam ? "POST " ODD_FOLDER "/class-wp2.php" : "POST /shop/order.php",
		    spam ? "python-requests/2.31.0" : BROWSER);
	put(g, 0, "cwd=/home/%s/public_html%s 4 args: /usr/sbin/sendmail -t -i -f%s", name, folder, from);
	put(g, 0, "%s <= %s U=%s P=local S=%u T=\"%s\" from <%s> for %s", id, from, name, 500 + below(g, 2000),
	    spam ? "Cheap pills, fast delivery" : "Your order", from, to);
	put(g, 1, "%s == %s R=lookuphost T=remote_smtp defer (-44) H=mx12.mail.example [198.51.100.12] I=[" OWN_IP "]: SMTP error from "
	    "remote mail server after RCPT TO:<%s>: 451 4.7.1 <%s>: greylisted, please try again later", id, to, to, to);
}

/* --- all --------------------------------------------------------------------------- */

static void write_docroot(struct gen *g, const char *name, const char *domain)
{
	char path[2 * TEXT_MAX];
	struct buf text = BUF_INIT;
	snprintf(path, sizeof(path), "var/cpanel/userdata/%s", name);
	make_folders(g->root, path);
	buf_printf(&text, "documentroot: /home/%s/public_html\nservername: %s\n", name, domain);
	snprintf(path, sizeof(path), "var/cpanel/userdata/%s/%s", name, domain);
	write_text(g, path, buf_str(&text));
	buf_done(&text);
}

static void write_host(struct gen *g)
{
	struct buf passwd = BUF_INIT, owners = BUF_INIT, domains = BUF_INIT;
	buf_add(&passwd, STR("root:x:0:0:root:/root:/bin/bash\nmailnull:x:47:47::/var/spool/mqueue:/sbin/nologin\n"));
	for (uint32_t i = 0; i < g->accounts; i++) {
		char name[TEXT_MAX], domain[TEXT_MAX];
		print_account(name, i);
		print_domain(domain, i);
		buf_printf(&passwd, "%s:x:%u:%u::/home/%s:/bin/bash\n", name, 1000 + i, 1000 + i, name);
		buf_printf(&owners, "%s: %s\n", domain, name);
		buf_printf(&domains, "%s\n", domain);
		write_docroot(g, name, domain);
	}
	write_text(g, "etc/passwd", buf_str(&passwd));
	write_text(g, "etc/userdomains", buf_str(&owners));
	write_text(g, "etc/trueuserdomains", buf_str(&owners));
	write_text(g, "etc/localdomains", buf_str(&domains));
	write_text(g, "etc/hostname", STR("web8.example\n"));
	buf_done(&passwd);
	buf_done(&owners);
	buf_done(&domains);
}

static void write_logs(struct gen *g)
{
	write_text(g, "var/log/maillog", buf_str(&g->dovecot));
	for (uint32_t i = 0; i < g->accounts; i++) {
		char path[TEXT_MAX + 64], domain[TEXT_MAX];
		print_domain(domain, i);
		snprintf(path, sizeof(path), "etc/apache2/logs/domlogs/%s", domain);
		write_text(g, path, buf_str(&g->access[i]));
	}
}

static void write_planted(struct gen *g)
{
	char script_owner[TEXT_MAX], mailbox_owner[TEXT_MAX], mailbox[TEXT_MAX];
	struct buf text = BUF_INIT;
	print_account(script_owner, 1);
	print_account(mailbox_owner, 2);
	print_mailbox(mailbox, 2, 1);
	buf_printf(&text, "[{\"vector\": \"script_http\", \"account\": \"%s\", \"mailbox\": null, "
		   "\"script\": \"/home/%s/public_html" ODD_FOLDER "/class-wp2.php\", \"count\": %u, \"queued\": %u},\n",
		   script_owner, script_owner, g->script_mails + g->script_queued, g->script_queued);
	buf_printf(&text, " {\"vector\": \"smtp_auth\", \"account\": \"%s\", \"mailbox\": \"%s\", \"script\": null, \"count\": %u, "
		   "\"queued\": 0}]\n", mailbox_owner, mailbox, g->mailbox_mails);
	write_text(g, "../planted.json", buf_str(&text));
	buf_done(&text);
}

/* Part of all messages that each of the three runs makes, and when it starts. */
static const struct {
	double from, share;
	void (*send)(struct gen *);
} runs[] = {
	{ 0.40, 0.005, spam_by_script },
	{ 0.55, 0.004, spam_by_mailbox },
	{ 0.70, 0.003, honest_run },
};

static void write_mainlog(struct gen *g, uint32_t messages, uint32_t queued)
{
	uint32_t stuck_so_far = 0;
	for (uint32_t i = 0; i < messages; i++) {
		move_to(g, (long)(i / MESSAGES_PER_SECOND));
		g->long_ids = i > messages / 3 * 2;
		ordinary(g);
		for (size_t r = 0; r < sizeof(runs) / sizeof(*runs); r++) /* each run lasts a tenth of the whole */
			if (i >= runs[r].from * messages && i < (runs[r].from + 0.1) * messages &&
			    below(g, 1000) < (uint32_t)(runs[r].share * 10 * 1000))
				runs[r].send(g);
		for (; stuck_so_far < (uint64_t)queued * (i + 1) / messages; stuck_so_far++)
			stuck(g, stuck_so_far % 2 == 0);
	}
	move_to(g, g->now + WHEEL);
}

int main(int argc, char **argv)
{
	static const char *const folders[] = { "etc/apache2/logs/domlogs", "var/log", "var/spool/exim/input" };
	char top[TEXT_MAX];
	if (argc != 7) {
		fprintf(stderr, "usage: hostgen DIR SEED MEGABYTES ACCOUNTS QUEUED OLD\n");
		return 2;
	}
	struct gen *g = mem_alloc(sizeof(*g));
	g->random = strtoull(argv[2], NULL, 10);
	g->accounts = (uint32_t)strtoul(argv[4], NULL, 10);
	g->access = mem_alloc(g->accounts * sizeof(*g->access));
	uint32_t messages = (uint32_t)(strtod(argv[3], NULL) * 1e6 / BYTES_PER_MESSAGE);
	snprintf(top, sizeof(top), "%.400s/root", argv[1]);
	if (g->accounts < 10 || (mkdir(argv[1], 0755) && errno != EEXIST) || (mkdir(top, 0755) && errno != EEXIST) ||
	    (g->root = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		fprintf(stderr, "hostgen: at least 10 accounts, and a folder to write to\n");
		return 1;
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		make_folders(g->root, folders[i]);
	write_host(g);
	write_old(g, (uint32_t)strtoul(argv[6], NULL, 10));
	int fd = openat(g->root, "var/log/exim_mainlog", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	g->mainlog = fdopen(fd, "w");
	write_mainlog(g, messages, (uint32_t)strtoul(argv[5], NULL, 10));
	if (fclose(g->mainlog)) {
		perror("exim_mainlog");
		return 1;
	}
	write_logs(g);
	write_planted(g);
	return 0;
}
