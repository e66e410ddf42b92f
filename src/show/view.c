/* SPDX-License-Identifier: Apache-2.0
 *
 * view: cells, then rows of cells, then forms.
 */
#include "show/view.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/own.h"
#include "base/print.h"
#include "show/html.h"
#include "show/pager.h"

enum { TEXT_CELL_MAX = 110, COLUMNS_MAX = 32, CODE_BLIND = 3 };

/* --- members ------------------------------------------------------------------ */

static str string_of(const json_t *value)
{
	return json_is_string(value) ? (str){ json_string_value(value), json_string_length(value) } : STR("");
}

str view_str(const json_t *object, const char *key)
{
	return string_of(json_object_get(object, key));
}

long long view_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool view_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* --- cells --------------------------------------------------------------------- */

static void list_cell(struct buf *out, const json_t *list)
{
	size_t i;
	const json_t *item;
	json_array_foreach(list, i, item) {
		if (i)
			buf_char(out, ' ');
		buf_add(out, json_is_object(item) ? view_str(item, "address") : string_of(item));
	}
}

/* One of eight bars for each number, the highest full. */
static void hours_cell(struct buf *out, const json_t *list)
{
	static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	size_t i;
	const json_t *item;
	long long most = 1;
	json_array_foreach(list, i, item)
		if (json_integer_value(item) > most)
			most = json_integer_value(item);
	json_array_foreach(list, i, item) {
		long long number = json_integer_value(item);
		buf_add(out, number > 0 ? str_from(bars[(number * 8 - 1) / most]) : STR("."));
	}
}

static void hours_numbers(struct buf *out, const json_t *list)
{
	size_t i;
	const json_t *item;
	json_array_foreach(list, i, item)
		buf_printf(out, i ? " %lld" : "%lld", (long long)json_integer_value(item));
}

/* The value as outside text, unescaped. people: as they read it, else as programs do. */
static void cell(struct buf *out, const json_t *row, const struct column *column, bool people)
{
	const json_t *value = json_object_get(row, column->key);
	if (!value || json_is_null(value)) {
		buf_add(out, people ? STR("-") : STR(""));
		return;
	}
	switch (column->kind) {
	case COLUMN_TEXT:
	case COLUMN_TIME: buf_add(out, string_of(value)); break;
	case COLUMN_NUMBER: buf_printf(out, "%lld", (long long)json_integer_value(value)); break;
	case COLUMN_SHARE:
		buf_printf(out, people ? "%.0f %%" : "%.2f", json_number_value(value) * (people ? 100 : 1));
		break;
	case COLUMN_AGE:
		if (people)
			clock_print_age(out, json_integer_value(value) * USEC_PER_SEC);
		else
			buf_printf(out, "%lld", (long long)json_integer_value(value));
		break;
	case COLUMN_SIZE:
		if (people)
			size_print(out, (uint64_t)json_integer_value(value));
		else
			buf_printf(out, "%lld", (long long)json_integer_value(value));
		break;
	case COLUMN_YES: buf_add(out, json_is_true(value) ? STR("yes") : STR("no")); break;
	case COLUMN_LIST: list_cell(out, value); break;
	case COLUMN_HOURS: (people ? hours_cell : hours_numbers)(out, value); break;
	}
}

static bool is_right(enum column_kind kind)
{
	return kind == COLUMN_NUMBER || kind == COLUMN_SHARE || kind == COLUMN_AGE || kind == COLUMN_SIZE;
}

/* --- text ------------------------------------------------------------------------ */

struct cells {
	struct buf text;
	VEC(size_t) ends;
};

static size_t width_of(str text)
{
	size_t width = 0;
	for (size_t i = 0; i < text.len; i++)
		width += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return width;
}

static str cell_at(const struct cells *cells, size_t number)
{
	size_t from = number ? cells->ends.at[number - 1] : 0;
	return (str){ cells->text.at + from, cells->ends.at[number] - from };
}

static void add_cell(struct cells *cells, size_t *width, str raw)
{
	print_text_max(&cells->text, raw, TEXT_CELL_MAX);
	*VEC_PUSH(&cells->ends) = cells->text.len;
	size_t own = width_of(cell_at(cells, cells->ends.count - 1));
	if (own > *width)
		*width = own;
}

static void pad(struct buf *out, size_t count)
{
	while (count--)
		buf_char(out, ' ');
}

static void print_cells(struct buf *out, const struct cells *cells, const size_t *widths, const bool *right, size_t count)
{
	for (size_t i = 0; i < cells->ends.count; i++) {
		str text = cell_at(cells, i);
		size_t column = i % count, blanks = widths[column] - width_of(text);
		pad(out, right[column] ? blanks : 0);
		buf_add(out, text);
		if (column + 1 == count)
			buf_char(out, '\n');
		else
			pad(out, (right[column] ? 0 : blanks) + 2);
	}
}

void view_table(struct buf *out, const struct column *columns, const json_t *rows)
{
	size_t widths[COLUMNS_MAX] = { 0 }, count = 0, i;
	bool right[COLUMNS_MAX] = { 0 };
	struct cells cells = { 0 };
	struct buf raw = BUF_INIT;
	const json_t *row;
	for (const struct column *column = columns; column->key; column++)
		if (column->title) {
			right[count] = is_right(column->kind);
			add_cell(&cells, &widths[count++], str_from(column->title));
		}
	json_array_foreach(rows, i, row) {
		size_t number = 0;
		for (const struct column *column = columns; column->key; column++) {
			if (!column->title)
				continue;
			raw.len = 0;
			cell(&raw, row, column, true);
			add_cell(&cells, &widths[number++], str_trim(buf_str(&raw)));
		}
	}
	print_cells(out, &cells, widths, right, count);
	buf_done(&raw);
	buf_done(&cells.text);
	free(cells.ends.at);
}

void view_blind(struct buf *out, const json_t *report)
{
	size_t i;
	const json_t *row, *list = json_object_get(report, "blind");
	if (json_array_size(list))
		buf_add(out, STR("Not visible:\n"));
	json_array_foreach(list, i, row) {
		buf_add(out, STR("  "));
		print_text(out, view_str(row, "missing"));
		buf_add(out, STR(" - hides "));
		print_text(out, view_str(row, "hides"));
		buf_char(out, '\n');
	}
}

/* --- programs ---------------------------------------------------------------------- */

static void show_tsv(struct buf *out, const struct view *view, const json_t *rows)
{
	size_t i;
	const json_t *row;
	struct buf raw = BUF_INIT;
	for (const struct column *column = view->columns; column->key; column++)
		buf_printf(out, column == view->columns ? "%s" : "\t%s", column->key);
	buf_char(out, '\n');
	json_array_foreach(rows, i, row) {
		for (const struct column *column = view->columns; column->key; column++) {
			raw.len = 0;
			cell(&raw, row, column, false);
			if (column != view->columns)
				buf_char(out, '\t');
			if (column->kind == COLUMN_TEXT || column->kind == COLUMN_LIST)
				print_tsv(out, buf_str(&raw));
			else
				buf_add(out, buf_str(&raw));
		}
		buf_char(out, '\n');
	}
	buf_done(&raw);
}

static void add_json(struct buf *out, const json_t *value, size_t flags)
{
	OWN_MEM char *text = json_dumps(value, flags | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(4));
	buf_printf(out, "%s\n", text ? text : "");
}

/* Each line names its schema, since lines get parted from their file. */
static void show_jsonl(struct buf *out, const json_t *report, const json_t *rows)
{
	size_t i;
	const json_t *row;
	json_array_foreach(rows, i, row) {
		json_t *line = json_object();
		json_object_set(line, "schema", json_object_get(report, "schema"));
		json_object_update(line, (json_t *)row);
		add_json(out, line, JSON_COMPACT);
		json_decref(line);
	}
}

/* --- HTML ----------------------------------------------------------------------------- */

static void html_row(struct buf *out, const struct column *columns, const json_t *row, struct buf *raw)
{
	buf_add(out, STR("<tr>"));
	for (const struct column *column = columns; column->key; column++) {
		if (!column->title)
			continue;
		raw->len = 0;
		cell(raw, row, column, true);
		buf_add(out, is_right(column->kind) ? STR("<td class=\"n\">") : STR("<td>"));
		print_html(out, buf_str(raw));
		buf_add(out, STR("</td>"));
	}
	buf_add(out, STR("</tr>\n"));
}

void view_html_table(struct buf *out, str label, const struct column *columns, const json_t *rows)
{
	size_t i;
	const json_t *row;
	struct buf raw = BUF_INIT;
	buf_add(out, STR("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\""));
	print_html(out, label);
	buf_add(out, STR("\"><table>\n<thead><tr>"));
	for (const struct column *column = columns; column->key; column++)
		if (column->title)
			buf_printf(out, "<th scope=\"col\"%s>%s</th>", is_right(column->kind) ? " class=\"n\"" : "",
				   column->title);
	buf_add(out, STR("</tr></thead>\n<tbody>\n"));
	json_array_foreach(rows, i, row)
		html_row(out, columns, row, &raw);
	buf_add(out, STR("</tbody></table></div>\n"));
	buf_done(&raw);
}

static void show_html(struct buf *out, const struct view *view, const json_t *report, const json_t *rows)
{
	html_begin(out, str_from(view->title));
	if (view->html)
		view->html(out, report);
	else
		view_html_table(out, str_from(view->title), view->columns, rows);
	html_end(out);
}

/* --- all -------------------------------------------------------------------------------- */

static bool is_blind(const json_t *report)
{
	size_t i;
	const json_t *row;
	json_array_foreach(json_object_get(report, "blind"), i, row)
		if (view_true(row, "blocking"))
			return true;
	return false;
}

static void show_text(struct buf *out, const struct view *view, const json_t *report, const json_t *rows, bool color)
{
	if (view->text) {
		view->text(out, report, view->context, color);
		return;
	}
	view_table(out, view->columns, rows);
	view_blind(out, report);
}

int view_print(const struct view *view, const json_t *report, enum output output, bool color, int fd, struct err *err)
{
	struct buf out = BUF_INIT;
	const json_t *rows = json_object_get(report, view->rows);
	switch (output) {
	case OUTPUT_TEXT: show_text(&out, view, report, rows, color); break;
	case OUTPUT_JSON: add_json(&out, report, JSON_INDENT(1)); break;
	case OUTPUT_JSONL: show_jsonl(&out, report, rows); break;
	case OUTPUT_TSV: show_tsv(&out, view, rows); break;
	case OUTPUT_HTML: show_html(&out, view, report, rows); break;
	}
	int rc = output == OUTPUT_TEXT ? pager_write(&out, fd, err) : buf_write(&out, fd, err);
	buf_done(&out);
	return rc ? rc : is_blind(report) ? CODE_BLIND : 0;
}

int view_show(const struct view *view, str report, enum output output, bool color, int fd, struct err *err)
{
	json_error_t error;
	json_t *root = json_loadb(report.at, report.len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return err_set(err, ERR_SYSTEM, "the reader's report is no JSON: %s", error.text);
	int rc = view_print(view, root, output, color, fd, err);
	json_decref(root);
	return rc;
}
