/* SPDX-License-Identifier: Apache-2.0
 *
 * inflate: one loop over four streaming decoders, each a row of a table.
 */
#include "base/inflate.h"

#include <bzlib.h>
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"

enum { INPUT_SIZE = 128 * 1024, XZ_MEMORY_MAX = 128 << 20, ZSTD_WINDOW_LOG_MAX = 27 };

/* in: what is left of the input; out: free room. A step consumes from both. */
struct step {
	str in;
	char *out;
	size_t room;
	bool at_end; /* the stream ended (another may follow) */
};

struct decoder {
	const char *name;
	str magic;
	bool (*start)(struct inflate *);
	bool (*step)(struct inflate *, struct step *); /* false = damaged */
	void (*stop)(struct inflate *);
};

struct inflate {
	int fd;
	const struct decoder *decoder;
	union {
		z_stream gz;
		lzma_stream xz;
		ZSTD_DStream *zst;
		bz_stream bz2;
	};
	bool running;    /* between start and stop */
	bool input_end;
	uint64_t total, max_bytes;
	str in;
	char input[]; /* of INPUT_SIZE */
};

static bool gz_start(struct inflate *self)
{
	self->gz = (z_stream){ 0 };
	return inflateInit2(&self->gz, 15 + 16) == Z_OK;
}

static bool gz_step(struct inflate *self, struct step *step)
{
	z_stream *z = &self->gz;
	z->next_in = (Bytef *)step->in.at;
	z->avail_in = (uInt)step->in.len;
	z->next_out = (Bytef *)step->out;
	z->avail_out = (uInt)step->room;
	int rc = inflate(z, Z_NO_FLUSH);
	step->in = (str){ (const char *)z->next_in, z->avail_in };
	step->room = z->avail_out;
	step->at_end = rc == Z_STREAM_END;
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR;
}

static void gz_stop(struct inflate *self)
{
	inflateEnd(&self->gz);
}

static bool xz_start(struct inflate *self)
{
	self->xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&self->xz, XZ_MEMORY_MAX, 0) == LZMA_OK;
}

static bool xz_step(struct inflate *self, struct step *step)
{
	lzma_stream *x = &self->xz;
	x->next_in = (const uint8_t *)step->in.at;
	x->avail_in = step->in.len;
	x->next_out = (uint8_t *)step->out;
	x->avail_out = step->room;
	lzma_ret rc = lzma_code(x, LZMA_RUN);
	step->in = (str){ (const char *)x->next_in, x->avail_in };
	step->room = x->avail_out;
	step->at_end = rc == LZMA_STREAM_END;
	return rc == LZMA_OK || rc == LZMA_STREAM_END || rc == LZMA_BUF_ERROR;
}

static void xz_stop(struct inflate *self)
{
	lzma_end(&self->xz);
}

static bool zst_start(struct inflate *self)
{
	self->zst = ZSTD_createDStream();
	return self->zst &&
	       !ZSTD_isError(ZSTD_DCtx_setParameter(self->zst, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX));
}

static bool zst_step(struct inflate *self, struct step *step)
{
	ZSTD_inBuffer in = { step->in.at, step->in.len, 0 };
	ZSTD_outBuffer out = { step->out, step->room, 0 };
	size_t rc = ZSTD_decompressStream(self->zst, &out, &in);
	step->in = str_from_at(step->in, in.pos);
	step->room -= out.pos;
	step->at_end = rc == 0;
	return !ZSTD_isError(rc);
}

static void zst_stop(struct inflate *self)
{
	ZSTD_freeDStream(self->zst);
}

static bool bz2_start(struct inflate *self)
{
	self->bz2 = (bz_stream){ 0 };
	return BZ2_bzDecompressInit(&self->bz2, 0, 0) == BZ_OK;
}

static bool bz2_step(struct inflate *self, struct step *step)
{
	bz_stream *b = &self->bz2;
	b->next_in = (char *)step->in.at;
	b->avail_in = (unsigned)step->in.len;
	b->next_out = step->out;
	b->avail_out = (unsigned)step->room;
	int rc = BZ2_bzDecompress(b);
	step->in = (str){ b->next_in, b->avail_in };
	step->room = b->avail_out;
	step->at_end = rc == BZ_STREAM_END;
	return rc == BZ_OK || rc == BZ_STREAM_END;
}

static void bz2_stop(struct inflate *self)
{
	BZ2_bzDecompressEnd(&self->bz2);
}

static bool plain_start(struct inflate *self)
{
	(void)self;
	return true;
}

static bool plain_step(struct inflate *self, struct step *step)
{
	(void)self;
	size_t take = step->in.len < step->room ? step->in.len : step->room;
	memcpy(step->out, step->in.at, take);
	step->in = str_from_at(step->in, take);
	step->room -= take;
	return true;
}

static void plain_stop(struct inflate *self)
{
	(void)self;
}

static const struct decoder decoders[] = {
	{ "gzip", { "\x1f\x8b", 2 }, gz_start, gz_step, gz_stop },
	{ "xz", { "\xfd" "7zXZ", 5 }, xz_start, xz_step, xz_stop },
	{ "zstd", { "\x28\xb5\x2f\xfd", 4 }, zst_start, zst_step, zst_stop },
	{ "bzip2", { "BZh", 3 }, bz2_start, bz2_step, bz2_stop },
	{ "plain", { "", 0 }, plain_start, plain_step, plain_stop },
};

static int64_t read_file(struct inflate *self, char *at, size_t size, struct err *err)
{
	ssize_t n;
	do
		n = read(self->fd, at, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_errno(err, "read") : n;
}

static int fill(struct inflate *self, struct err *err)
{
	int64_t n = read_file(self, self->input, INPUT_SIZE, err);
	if (n < 0)
		return (int)n;
	self->in = (str){ self->input, (size_t)n };
	self->input_end = n == 0;
	return 0;
}

struct inflate *inflate_open(int fd, uint64_t max_bytes, struct err *err)
{
	struct inflate *self = mem_realloc(NULL, sizeof(*self) + INPUT_SIZE);
	*self = (struct inflate){ .fd = fd, .max_bytes = max_bytes };
	if (lseek(fd, 0, SEEK_SET) < 0 && errno != ESPIPE)
		err_errno(err, "seek");
	else if (!fill(self, err)) {
		const struct decoder *decoder = decoders;
		while (!str_starts(self->in, decoder->magic))
			decoder++;
		self->decoder = decoder;
		return self;
	}
	free(self);
	return NULL;
}

static int damaged(const struct inflate *self, struct err *err)
{
	return err_set(err, ERR_INPUT, "%s data is damaged or cut short", self->decoder->name);
}

/* Brings input and decoder into a state in which a step can be made: 1 = go, 0 = end of file. */
static int prepare(struct inflate *self, struct err *err)
{
	if (!self->in.len && !self->input_end) {
		int rc = fill(self, err);
		if (rc)
			return rc;
	}
	if (self->running)
		return 1;
	if (!self->in.len)
		return 0;
	if (self->total && !str_starts(self->in, self->decoder->magic))
		return damaged(self, err); /* what follows the last member is no further member */
	if (!self->decoder->start(self))
		return damaged(self, err);
	self->running = true;
	return 1;
}

static int too_large(const struct inflate *self, struct err *err)
{
	return err_set(err, ERR_INPUT, "expands to more than %llu bytes", (unsigned long long)self->max_bytes);
}

/* Behind its first block a plain file is read to where it is wanted. */
static int64_t read_plain(struct inflate *self, char *at, size_t size, struct err *err)
{
	int64_t n = read_file(self, at, size, err);
	self->total += n > 0 ? (uint64_t)n : 0;
	return self->total > self->max_bytes ? too_large(self, err) : n;
}

int64_t inflate_read(struct inflate *self, char *at, size_t size, struct err *err)
{
	size_t done = 0;
	if (!self->decoder->magic.len && !self->in.len)
		return read_plain(self, at, size, err);
	while (done == 0) {
		int rc = prepare(self, err);
		if (rc <= 0)
			return rc;
		struct step step = { self->in, at, size, false };
		size_t offered = self->in.len;
		bool ok = self->decoder->step(self, &step);
		done = size - step.room;
		self->in = step.in;
		if (step.at_end) {
			self->decoder->stop(self);
			self->running = false;
		}
		bool stuck = !done && !step.at_end && self->input_end && step.in.len == offered;
		if (!ok || stuck)
			return damaged(self, err);
		self->total += done;
		if (self->total > self->max_bytes)
			return too_large(self, err);
	}
	return (int64_t)done;
}

void inflate_close(struct inflate *self)
{
	if (!self)
		return;
	if (self->running)
		self->decoder->stop(self);
	free(self);
}
