/* SPDX-License-Identifier: Apache-2.0
 *
 * csv: the plain-file inventory, and look-up by range.
 */
#include <stdlib.h>

#include "desk/inventory/inventory.h"

enum { CELLS_MAX = 40, ROWS_MAX = 1000000 };

/* Where each column's text belongs; ip and valid_until need more than copying. */
static const struct column {
	const char *name;
	size_t offset;
} columns[] = {
	{ "hostname", offsetof(struct place, host) },
	{ "client_id", offsetof(struct place, client_id) },
	{ "client_name", offsetof(struct place, client_name) },
	{ "email", offsetof(struct place, email) },
	{ "panel", offsetof(struct place, panel) },
	{ "ssh_host", offsetof(struct place, ssh_host) },
	{ "ssh_port", offsetof(struct place, ssh_port) },
	{ "ssh_user", offsetof(struct place, ssh_user) },
	{ "note", offsetof(struct place, note) },
};

struct table {
	struct inventory *inventory;
	str name, rest;
	unsigned line;
	str header[CELLS_MAX];
	size_t header_count;
};

/* A quoted cell; "" inside stands for one quote, and line ends belong to it. */
static str cut_quoted(struct table *table, str *rest)
{
	char *at = arena_alloc(&table->inventory->arena, rest->len + 1);
	size_t len = 0, from = 1;
	for (; from < rest->len; from++) {
		if (rest->at[from] == '"' && (from + 1 == rest->len || rest->at[from + 1] != '"'))
			break;
		from += rest->at[from] == '"';
		table->line += rest->at[from] == '\n';
		at[len++] = rest->at[from];
	}
	*rest = str_from_at(*rest, from + 1);
	return (str){ at, len };
}

/* One row; cells beyond CELLS_MAX are dropped. */
static size_t cut_row(struct table *table, str cells[CELLS_MAX])
{
	size_t count = 0;
	table->line++;
	for (bool more = true; more;) {
		size_t end = 0;
		str cell = { 0 };
		if (str_starts(table->rest, STR("\"")))
			cell = cut_quoted(table, &table->rest);
		while (end < table->rest.len && table->rest.at[end] != ',' && table->rest.at[end] != '\n')
			end++;
		if (!cell.at)
			cell = str_trim(str_head(table->rest, end));
		more = end < table->rest.len && table->rest.at[end] == ',';
		table->rest = str_from_at(table->rest, end + 1);
		if (count < CELLS_MAX)
			cells[count++] = cell;
	}
	return count;
}

static struct ip last_of(struct ip_net net)
{
	struct ip ip = net.base;
	for (unsigned bit = net.bits; bit < 128; bit++)
		ip.byte[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	return ip;
}

static int ip_cmp(struct ip a, struct ip b)
{
	return memcmp(a.byte, b.byte, sizeof(a.byte));
}

static bool parse_range(str text, struct place *place)
{
	struct ip_net net;
	str last = text;
	str first = str_cut(&last, '-');
	if (first.len < text.len)
		return ip_parse(str_trim(first), &place->first) && ip_parse(str_trim(last), &place->last) &&
		       ip_cmp(place->first, place->last) <= 0;
	if (!ip_net_parse(text, &net))
		return false;
	place->first = net.base;
	place->last = last_of(net);
	return true;
}

static bool take_cell(struct table *table, str name, str value, struct place *place)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (str_eq(name, str_from(columns[i].name)))
			*(str *)((char *)place + columns[i].offset) = arena_copy(&table->inventory->arena, value);
	if (str_eq(name, STR("valid_until")) && value.len)
		return clock_parse(value, USEC_NEVER, &place->valid_until);
	return !str_eq(name, STR("ip")) || parse_range(value, place);
}

static int check_twice(const struct table *table, const struct place *place, struct err *err)
{
	for (size_t i = 0; i < table->inventory->places.count; i++) {
		const struct place *other = &table->inventory->places.at[i];
		if (str_eq(other->source, place->source) && ip_cmp(other->first, place->first) == 0 &&
		    ip_cmp(other->last, place->last) == 0)
			return err_set(err, ERR_INPUT, "%.*s: lines %u and %u are about the same range",
				       STR_ARG(table->name), other->line, place->line);
	}
	return 0;
}

static int read_row(struct table *table, struct err *err)
{
	str cells[CELLS_MAX];
	size_t count = cut_row(table, cells);
	struct place place = { .valid_until = USEC_NEVER, .line = table->line, .source = table->name };
	if (count == 1 && !cells[0].len)
		return 0;
	if (count != table->header_count)
		return err_set(err, ERR_INPUT, "%.*s:%u: %zu cells, the header has %zu", STR_ARG(table->name),
			       table->line, count, table->header_count);
	for (size_t i = 0; i < count; i++)
		if (!take_cell(table, table->header[i], cells[i], &place))
			return err_set(err, ERR_INPUT, "%.*s:%u: \"%.*s\" is no %.*s", STR_ARG(table->name),
				       table->line, STR_ARG(str_head(cells[i], 60)),
				       STR_ARG(str_head(table->header[i], 20)));
	int rc = check_twice(table, &place, err);
	if (!rc)
		*VEC_PUSH(&table->inventory->places) = place;
	return rc;
}

static bool has_column(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->header_count; i++)
		if (str_eq(table->header[i], str_from(name)))
			return true;
	return false;
}

int inventory_add_csv(struct inventory *inventory, str name, str text, struct err *err)
{
	struct table table = { .inventory = inventory, .name = arena_copy(&inventory->arena, name), .rest = text };
	str_skip(&table.rest, STR("\xef\xbb\xbf")); /* spreadsheets write a byte order mark */
	table.header_count = cut_row(&table, table.header);
	if (!has_column(&table, "ip") || !has_column(&table, "hostname"))
		return err_set(err, ERR_INPUT, "%.*s: the header line needs the columns ip and hostname",
			       STR_ARG(name));
	int rc = 0;
	while (table.rest.len && !rc && inventory->places.count < ROWS_MAX)
		rc = read_row(&table, err);
	return rc;
}

static bool holds(const struct place *place, struct ip ip)
{
	return ip_cmp(place->first, ip) <= 0 && ip_cmp(ip, place->last) <= 0;
}

/* Of two ranges that hold the same address the narrower one begins later or ends earlier. */
static bool is_narrower(const struct place *a, const struct place *b)
{
	return ip_cmp(a->first, b->first) > 0 || (ip_cmp(a->first, b->first) == 0 && ip_cmp(a->last, b->last) < 0);
}

static const struct place *find(const struct inventory *inventory, struct ip ip, str not_source)
{
	const struct place *best = NULL;
	for (size_t i = 0; i < inventory->places.count; i++) {
		const struct place *place = &inventory->places.at[i];
		if (!holds(place, ip) || str_eq(place->source, not_source))
			continue;
		if (best && !str_eq(best->source, place->source))
			break;
		if (!best || is_narrower(place, best))
			best = place;
	}
	return best;
}

const struct place *inventory_find(const struct inventory *inventory, struct ip ip)
{
	return find(inventory, ip, STR(""));
}

const struct place *inventory_differs(const struct inventory *inventory, struct ip ip, const struct place *from)
{
	const struct place *other = find(inventory, ip, from->source);
	return other && !str_eq_nocase(other->host, from->host) ? other : NULL;
}

void inventory_done(struct inventory *inventory)
{
	free(inventory->places.at);
	arena_done(&inventory->arena);
	*inventory = (struct inventory){ 0 };
}
