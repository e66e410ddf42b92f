/* SPDX-License-Identifier: Apache-2.0
 *
 * archive: seal, read back, extract.
 */
#include "act/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/own.h"
#include "base/sha256.h"
#include "model/facts.h"

enum { CHUNK = 128 * 1024, LEVEL = 3, HEADER_LEN_MAX = 8192 };

static void free_cctx(ZSTD_CCtx **context)
{
	ZSTD_freeCCtx(*context);
}

static void free_dctx(ZSTD_DCtx **context)
{
	ZSTD_freeDCtx(*context);
}

static DIR *open_names(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = fd < 0 ? NULL : fdopendir(fd);
	if (!names)
		own_close_fd(&fd);
	return names;
}

static int check_size(int dir, uint64_t bytes, uint64_t bytes_max, struct err *err)
{
	struct stat status;
	uint64_t held = 0;
	DIR *names = bytes_max ? open_names(dir) : NULL;
	if (!names)
		return bytes_max ? err_errno(err, "archive") : 0;
	for (const struct dirent *entry; (entry = readdir(names));)
		if (str_ends(str_from(entry->d_name), STR(ARCHIVE_SUFFIX)) &&
		    fstatat(dir, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
			held += (uint64_t)status.st_size;
	closedir(names);
	if (bytes > bytes_max || held > bytes_max - bytes)
		return err_set(err, ERR_REFUSED, "the archive holds %llu of %llu bytes, and %llu are to be sealed ([archive] size_max)",
			       (unsigned long long)held, (unsigned long long)bytes_max, (unsigned long long)bytes);
	return 0;
}

static int check_space(int dir, uint64_t bytes, struct err *err)
{
	struct statvfs space;
	if (fstatvfs(dir, &space) < 0)
		return err_errno(err, "archive");
	uint64_t left = (uint64_t)space.f_bavail * space.f_frsize;
	if (left < bytes + ARCHIVE_RESERVE_BYTES)
		return err_set(err, ERR_REFUSED, "the archive needs %llu bytes and %llu in reserve, %llu are free",
			       (unsigned long long)bytes, (unsigned long long)ARCHIVE_RESERVE_BYTES,
			       (unsigned long long)left);
	return 0;
}

static void set_name(char name[ARCHIVE_NAME_LEN_MAX], str plan, unsigned step)
{
	snprintf(name, ARCHIVE_NAME_LEN_MAX, "%.*s-%u" ARCHIVE_SUFFIX, STR_ARG(plan), step);
}

int archive_create(struct archive *archive, int dir, str plan, unsigned step, uint64_t bytes, uint64_t bytes_max,
		   struct err *err)
{
	*archive = (struct archive){ .dir = dir, .fd = -1 };
	int rc = check_space(dir, bytes, err);
	if (!rc)
		rc = check_size(dir, bytes, bytes_max, err);
	if (rc)
		return rc;
	set_name(archive->name, plan, step);
	archive->fd = openat(dir, archive->name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	return archive->fd < 0 ? err_errno(err, "archive %s", archive->name) : 0;
}

static int write_text(int fd, str text, struct err *err)
{
	return buf_write(&(struct buf){ .at = (char *)text.at, .len = text.len }, fd, err);
}

static int write_header(int fd, str name, const struct stat *status, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct facts facts = { 0 };
	struct buf text = BUF_INIT;
	struct jsonw w;
	facts_set(&facts, &arena, "name", name);
	facts_set_number(&facts, &arena, "mode", status->st_mode);
	facts_set_number(&facts, &arena, "uid", status->st_uid);
	facts_set_number(&facts, &arena, "gid", status->st_gid);
	facts_set_number(&facts, &arena, "mtime", (uint64_t)status->st_mtim.tv_sec);
	facts_set_number(&facts, &arena, "nsec", (uint64_t)status->st_mtim.tv_nsec);
	facts_set_number(&facts, &arena, "size", (uint64_t)status->st_size);
	jsonw_init(&w, &text, true);
	facts_print(&w, &facts);
	int rc = write_text(fd, buf_str(&text), err);
	buf_done(&text);
	arena_done(&arena);
	return rc;
}

/* Compresses one chunk; with last, ends the frame. */
static int squeeze(ZSTD_CCtx *context, str chunk, bool last, int fd, struct err *err)
{
	char packed[CHUNK];
	ZSTD_inBuffer in = { chunk.at, chunk.len, 0 };
	for (;;) {
		ZSTD_outBuffer out = { packed, sizeof(packed), 0 };
		size_t left = ZSTD_compressStream2(context, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return err_set(err, ERR_SYSTEM, "zstd: %s", ZSTD_getErrorName(left));
		int rc = write_text(fd, (str){ packed, out.pos }, err);
		if (rc)
			return rc;
		if (last ? left == 0 : in.pos == in.size)
			return 0;
	}
}

static int pack(int from, int to, uint64_t size, struct sha256 *sha, struct err *err)
{
	char chunk[CHUNK];
	__attribute__((cleanup(free_cctx))) ZSTD_CCtx *context = ZSTD_createCCtx();
	if (!context)
		return err_set(err, ERR_SYSTEM, "zstd: no memory");
	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
	for (uint64_t at = 0;;) {
		ssize_t n = pread(from, chunk, sizeof(chunk), (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "read");
		at += (uint64_t)n;
		sha256_add(sha, (str){ chunk, (size_t)n });
		int rc = squeeze(context, (str){ chunk, (size_t)n }, n == 0, to, err);
		if (rc)
			return rc;
		if (n == 0)
			return at == size ? 0 : err_set(err, ERR_INPUT, "it changed while it was sealed");
	}
}

int archive_add(struct archive *archive, str name, int fd, const struct stat *status, struct err *err)
{
	struct sha256 sha;
	char trailer[96], hex[65];
	off_t start = lseek(archive->fd, 0, SEEK_CUR);
	sha256_init(&sha);
	int rc = write_header(archive->fd, name, status, err);
	if (!rc)
		rc = pack(fd, archive->fd, (uint64_t)status->st_size, &sha, err);
	sha256_hex(&sha, 64, hex);
	int len = snprintf(trailer, sizeof(trailer), "\n%s\n", hex);
	if (!rc)
		rc = write_text(archive->fd, (str){ trailer, (size_t)len }, err);
	if (!rc) {
		archive->members++;
		return 0;
	}
	/* The half-written member is taken back, so that the others can still be sealed. */
	if (start < 0 || ftruncate(archive->fd, start) < 0 || lseek(archive->fd, start, SEEK_SET) < 0)
		return err_context(err, "archive %s is unusable", archive->name);
	return err_context(err, "sealing %.*s", STR_ARG(name));
}

static int check_member(void *context, const struct archive_member *member, struct err *err)
{
	unsigned *count = context;
	++*count;
	return archive_extract(member, -1, err);
}

static int walk(int fd, int (*each)(void *, const struct archive_member *, struct err *), void *context, struct err *err);

int archive_finish(struct archive *archive, struct err *err)
{
	char last[32];
	unsigned count = 0;
	int len = snprintf(last, sizeof(last), "end %u\n", archive->members);
	int rc = write_text(archive->fd, (str){ last, (size_t)len }, err);
	if (!rc && (fsync(archive->fd) < 0 || fsync(archive->dir) < 0))
		rc = err_errno(err, "fsync");
	if (!rc)
		rc = walk(archive->fd, check_member, &count, err);
	if (!rc && count != archive->members)
		rc = err_set(err, ERR_INPUT, "%u members instead of %u", count, archive->members);
	if (rc) {
		archive_abandon(archive);
		return err_context(err, "archive %s", archive->name);
	}
	own_close_fd(&archive->fd);
	archive->fd = -1;
	return 0;
}

void archive_abandon(struct archive *archive)
{
	own_close_fd(&archive->fd);
	archive->fd = -1;
	unlinkat(archive->dir, archive->name, 0);
}

static int number(const struct facts *facts, const char *key, uint64_t max, uint64_t *out, struct err *err)
{
	return facts_number(facts, key, max, out) ? 0 : err_set(err, ERR_INPUT, "%s is not a number", key);
}

static int read_header(struct archive_member *member, struct arena *arena, str line, struct err *err)
{
	struct facts facts;
	uint64_t mode, uid, gid, mtime, nsec, size;
	json_t *object = json_loadb(line.at, line.len, 0, NULL);
	int rc = object ? facts_parse(&facts, arena, object, err) : err_set(err, ERR_INPUT, "no header");
	json_decref(object);
	if (rc || (rc = number(&facts, "mode", UINT32_MAX, &mode, err)) ||
	    (rc = number(&facts, "uid", UINT32_MAX, &uid, err)) || (rc = number(&facts, "gid", UINT32_MAX, &gid, err)) ||
	    (rc = number(&facts, "mtime", INT64_MAX, &mtime, err)) || (rc = number(&facts, "nsec", 999999999, &nsec, err)) ||
	    (rc = number(&facts, "size", INT64_MAX, &size, err)))
		return rc;
	member->name = facts_get(&facts, "name");
	member->status = (struct stat){ .st_mode = (mode_t)mode, .st_uid = (uid_t)uid, .st_gid = (gid_t)gid,
					.st_size = (off_t)size,
					.st_mtim = { (time_t)mtime, (long)nsec } };
	return 0;
}

static int read_member(struct archive_member *member, struct arena *arena, str *rest, struct err *err)
{
	int rc = read_header(member, arena, str_cut(rest, '\n'), err);
	if (rc)
		return rc;
	size_t len = ZSTD_findFrameCompressedSize(rest->at, rest->len);
	if (ZSTD_isError(len))
		return err_set(err, ERR_INPUT, "zstd: %s", ZSTD_getErrorName(len));
	member->frame = str_head(*rest, len);
	*rest = str_from_at(*rest, len);
	if (!str_skip(rest, STR("\n")) || rest->len < 65 || rest->at[64] != '\n')
		return err_set(err, ERR_INPUT, "no checksum");
	memcpy(member->sha256, rest->at, 64);
	member->sha256[64] = 0;
	*rest = str_from_at(*rest, 65);
	return 0;
}

static int walk_text(str rest, int (*each)(void *, const struct archive_member *, struct err *), void *context,
		     struct err *err)
{
	struct arena arena = ARENA_INIT;
	int rc = 0;
	while (!rc && !str_starts(rest, STR("end "))) {
		struct archive_member member = { 0 };
		rc = read_member(&member, &arena, &rest, err);
		if (!rc)
			rc = each(context, &member, err);
	}
	arena_done(&arena);
	return rc;
}

/* The file is ours, 0600 and complete: mapping it cannot be turned against us. */
static int walk(int fd, int (*each)(void *, const struct archive_member *, struct err *), void *context, struct err *err)
{
	struct stat status;
	if (fstat(fd, &status) < 0)
		return err_errno(err, "fstat");
	void *map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return err_errno(err, "mmap");
	int rc = walk_text((str){ map, (size_t)status.st_size }, each, context, err);
	munmap(map, (size_t)status.st_size);
	return rc;
}

int archive_each(int dir, str plan, unsigned step, int (*each)(void *, const struct archive_member *, struct err *),
		 void *context, struct err *err)
{
	char name[ARCHIVE_NAME_LEN_MAX];
	set_name(name, plan, step);
	OWN_FD int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "archive %s", name);
	int rc = walk(fd, each, context, err);
	return rc ? err_context(err, "archive %s", name) : 0;
}

static int unpack(const struct archive_member *member, int fd, struct sha256 *sha, struct err *err)
{
	char plain[CHUNK];
	__attribute__((cleanup(free_dctx))) ZSTD_DCtx *context = ZSTD_createDCtx();
	if (!context)
		return err_set(err, ERR_SYSTEM, "zstd: no memory");
	ZSTD_inBuffer in = { member->frame.at, member->frame.len, 0 };
	for (size_t left = 1; left;) {
		ZSTD_outBuffer out = { plain, sizeof(plain), 0 };
		left = ZSTD_decompressStream(context, &out, &in);
		if (ZSTD_isError(left))
			return err_set(err, ERR_INPUT, "zstd: %s", ZSTD_getErrorName(left));
		sha256_add(sha, (str){ plain, out.pos });
		int rc = fd < 0 ? 0 : write_text(fd, (str){ plain, out.pos }, err);
		if (rc)
			return rc;
	}
	return 0;
}

int archive_extract(const struct archive_member *member, int fd, struct err *err)
{
	struct sha256 sha;
	char hex[65];
	sha256_init(&sha);
	int rc = unpack(member, fd, &sha, err);
	if (rc)
		return err_context(err, "%.*s", STR_ARG(member->name));
	sha256_hex(&sha, 64, hex);
	return strcmp(hex, member->sha256) == 0 ? 0 : err_set(err, ERR_INPUT, "%.*s is not what was sealed",
							       STR_ARG(member->name));
}

static bool is_old(int dir, const char *name, const char *suffix, usec before)
{
	struct stat status;
	return str_ends(str_from(name), str_from(suffix)) && fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (usec)status.st_mtim.tv_sec * USEC_PER_SEC < before;
}

int archive_drop(int dir, const char *suffix, usec now, usec age, struct err *err)
{
	int dropped = 0;
	DIR *names = open_names(dir);
	if (!names)
		return err_errno(err, "archive");
	for (const struct dirent *entry; (entry = readdir(names));)
		if (is_old(dir, entry->d_name, suffix, now - age) && unlinkat(dir, entry->d_name, 0) == 0)
			dropped++;
	closedir(names);
	return dropped;
}
