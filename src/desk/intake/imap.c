/* SPDX-License-Identifier: Apache-2.0
 *
 * imap: three requests by libcurl: search, fetch, set the keyword.
 */
#include "desk/intake/imap.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "desk/intake/spool.h"

enum { CONNECT_SECONDS = 10, REQUEST_SECONDS = 60, ANSWER_BYTES_MAX = 1024 * 1024 };

struct poll {
	const struct imap_account *account;
	CURL *curl;
	char message[CURL_ERROR_SIZE];
};

static int failed(const struct poll *poll, CURLcode code, const char *what, struct err *err)
{
	return err_set(err, ERR_SYSTEM, "imap: %s: %s: %s", poll->account->url, what,
		       poll->message[0] ? poll->message : curl_easy_strerror(code));
}

static size_t into_buf(char *at, size_t size, size_t count, void *context)
{
	struct buf *buf = context;
	if (buf->len + size * count > ANSWER_BYTES_MAX)
		return 0;
	buf_add(buf, (str){ at, size * count });
	return size * count;
}

static size_t into_file(char *at, size_t size, size_t count, void *context)
{
	const int *fd = context;
	ssize_t wrote = write(*fd, at, size * count);
	return wrote < 0 ? 0 : (size_t)wrote;
}

/* A request of our own to the server, its untagged answer into out. */
static int request(struct poll *poll, const char *text, struct buf *out, struct err *err)
{
	curl_easy_setopt(poll->curl, CURLOPT_URL, poll->account->url);
	curl_easy_setopt(poll->curl, CURLOPT_CUSTOMREQUEST, text);
	curl_easy_setopt(poll->curl, CURLOPT_WRITEFUNCTION, into_buf);
	curl_easy_setopt(poll->curl, CURLOPT_WRITEDATA, out);
	CURLcode code = curl_easy_perform(poll->curl);
	return code ? failed(poll, code, text, err) : 0;
}

static int fetch(struct poll *poll, const char *uid, int fd, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	curl_easy_setopt(poll->curl, CURLOPT_URL, arena_printf(&arena, "%s;UID=%s", poll->account->url, uid).at);
	curl_easy_setopt(poll->curl, CURLOPT_CUSTOMREQUEST, NULL);
	curl_easy_setopt(poll->curl, CURLOPT_WRITEFUNCTION, into_file);
	curl_easy_setopt(poll->curl, CURLOPT_WRITEDATA, &fd);
	CURLcode code = curl_easy_perform(poll->curl);
	return code ? failed(poll, code, "fetch", err) : 0;
}

static int take_mail(struct poll *poll, const char *uid, const char *spool, usec now, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	OWN(buf_done) struct buf answer = BUF_INIT;
	OWN_FD int fd = memfd_create("mail", MFD_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "imap: memory for a mail");
	int rc = fetch(poll, uid, fd, err);
	if (rc)
		return rc;
	lseek(fd, 0, SEEK_SET);
	rc = spool_accept(spool, fd, now, err);
	return rc ? rc
		  : request(poll, arena_printf(&arena, "UID STORE %s +FLAGS.SILENT (QuellFiled)", uid).at, &answer,
			    err);
}

static int prepare(struct poll *poll, struct err *err)
{
	poll->curl = curl_easy_init();
	if (!poll->curl)
		return err_set(err, ERR_SYSTEM, "imap: no libcurl");
	curl_easy_setopt(poll->curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(poll->curl, CURLOPT_USERNAME, poll->account->user);
	curl_easy_setopt(poll->curl, CURLOPT_PASSWORD, poll->account->password);
	curl_easy_setopt(poll->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(poll->curl, CURLOPT_TIMEOUT, (long)REQUEST_SECONDS);
	curl_easy_setopt(poll->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)SPOOL_MAIL_MAX);
	curl_easy_setopt(poll->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(poll->curl, CURLOPT_ERRORBUFFER, poll->message);
	return 0;
}

/* "* SEARCH 4 7 9" */
static int take_found(struct poll *poll, str answer, const char *spool, usec now, size_t *out_count, struct err *err)
{
	int rc = 0;
	while (answer.len && !rc) {
		str line = str_trim(str_cut(&answer, '\n'));
		if (!str_skip(&line, STR("* SEARCH")))
			continue;
		for (str uid = str_word(&line); uid.len && !rc && *out_count < IMAP_MAILS_MAX; uid = str_word(&line)) {
			uint64_t number;
			char text[24];
			if (!str_u64(uid, UINT32_MAX, &number))
				return err_set(err, ERR_INPUT, "imap: %s: a UID that is no number", poll->account->url);
			snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
			rc = take_mail(poll, text, spool, now, err);
			*out_count += !rc;
		}
	}
	return rc;
}

int imap_poll(const struct imap_account *account, const char *spool, usec now, size_t *out_count, struct err *err)
{
	OWN(buf_done) struct buf answer = BUF_INIT;
	struct poll poll = { .account = account };
	*out_count = 0;
	int rc = prepare(&poll, err);
	if (!rc)
		rc = request(&poll, "UID SEARCH NOT KEYWORD QuellFiled", &answer, err);
	if (!rc)
		rc = take_found(&poll, buf_str(&answer), spool, now, out_count, err);
	curl_easy_cleanup(poll.curl);
	return rc;
}
