/* SPDX-License-Identifier: Apache-2.0
 *
 * net, host: which of our networks an address is in, and what stands behind
 * it: the inventory's word, checked against the host's own names.
 */
#include "desk/cmd/app.h"

#include <fcntl.h>

#include "base/jsonw.h"
#include "base/own.h"
#include "base/print.h"
#include "desk/inventory/banner.h"

enum { INVENTORY_BYTES_MAX = 64 * 1024 * 1024 };

static int parse_operand(const struct app *app, struct ip *out, struct err *err)
{
	const char *text = app_operand(app, 0);
	return ip_parse(str_from(text), out) ? 0 : err_set(err, ERR_USAGE, "\"%s\" is no address", text ? text : "");
}

/* --- net ----------------------------------------------------------------- */

static void print_network(struct jsonw *w, const struct network *network)
{
	struct buf range = BUF_INIT;
	ip_net_print(&range, network->range);
	jsonw_open(w, '{');
	jsonw_field_str(w, "network", network->name);
	jsonw_field_str(w, "range", buf_str(&range));
	jsonw_field_str(w, "role", str_from(network_role_name(network->role)));
	jsonw_field_time(w, "from", network->from);
	jsonw_field_time(w, "to", network->to);
	jsonw_close(w, '}');
	buf_done(&range);
}

static void print_network_line(struct buf *out, const struct network *network)
{
	ip_net_print(out, network->range);
	buf_printf(out, "  %s  ", network_role_name(network->role));
	print_text(out, network->name);
	buf_char(out, '\n');
}

static int run_net(struct app *app, struct err *err)
{
	OWN(buf_done) struct buf out = BUF_INIT;
	struct jsonw w;
	struct ip ip;
	const struct network *found = NULL;
	int rc = app->opts.operands.count ? parse_operand(app, &ip, err) : 0;
	if (rc)
		return rc;
	if (app->opts.operands.count) {
		found = networks_find(&app->networks, ip, app->now);
		if (!found)
			return err_set(err, ERR_GONE, "not in a network of ours");
	}
	jsonw_init(&w, &out, true);
	for (size_t i = 0; i < app->networks.list.count; i++) {
		const struct network *network = &app->networks.list.at[i];
		if (found && network != found)
			continue;
		if (app->json)
			print_network(&w, network);
		else
			print_network_line(&out, network);
	}
	return app_print(&out, err);
}

const struct cmd cmd_net = { "net", "[ADDRESS]", "our networks, or the one that holds an address", NULL, run_net };

/* --- host ---------------------------------------------------------------- */

static const struct opt host_options[] = {
	{ "offline", 0, NULL, false, "ask the inventory only, neither the DNS nor the host" },
	OPT_END,
};

static int load_csv(struct inventory *inventory, const char *path, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT;
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	int rc = buf_read(&text, fd, INVENTORY_BYTES_MAX, err);
	return rc ? err_context(err, "%s", path) : inventory_add_csv(inventory, str_from(path), buf_str(&text), err);
}

int app_load_inventory(const struct app *app, struct inventory *inventory, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; i < app->conf.entries.count && !rc; i++) {
		const struct conf_entry *entry = &app->conf.entries.at[i];
		if (strcmp(entry->row->section, "inventory") == 0)
			rc = load_csv(inventory, arena_cstring(&inventory->arena, entry->value), err);
	}
	return rc;
}

struct findings {
	struct ip ip;
	const struct network *network;
	const struct place *place, *other;
	bool online;
	struct banner banner;
	struct rdns rdns;
	VEC(str) disagree;
};

static bool is_among(const struct rdns *rdns, str name)
{
	for (size_t i = 0; i < rdns->names.count; i++)
		if (str_eq_nocase(rdns->names.at[i], name))
			return true;
	return false;
}

/* Sources that contradict each other are shown, never settled silently. */
static void compare(struct findings *found, struct arena *arena)
{
	str host = found->place ? found->place->host : STR("");
	if (found->other)
		*VEC_PUSH(&found->disagree) = arena_printf(arena, "%.*s says %.*s", STR_ARG(found->other->source),
							   STR_ARG(found->other->host));
	if (!found->online || !host.len)
		return;
	if (found->banner.host.len && !str_eq_nocase(found->banner.host, host))
		*VEC_PUSH(&found->disagree) =
			arena_printf(arena, "the mail server calls itself %.*s", STR_ARG(found->banner.host));
	if (found->rdns.result == FCRDNS_PASS && !is_among(&found->rdns, host))
		*VEC_PUSH(&found->disagree) =
			arena_printf(arena, "the DNS calls it %.*s", STR_ARG(found->rdns.names.at[0]));
	if (found->rdns.result == FCRDNS_MISMATCH)
		*VEC_PUSH(&found->disagree) = STR("its name in the DNS does not lead back to it");
}

static void look(const struct app *app, struct arena *arena, const struct inventory *inventory, struct findings *found)
{
	str port = conf_get(&app->conf, "lookup", STR(""), "banner_port");
	uint64_t number = 25;
	str_u64(port, 65535, &number);
	found->network = networks_find(&app->networks, found->ip, app->now);
	found->place = inventory_find(inventory, found->ip);
	found->other = found->place ? inventory_differs(inventory, found->ip, found->place) : NULL;
	found->online =
		!opts_get(&app->opts, "offline") && found->network; /* only our own hosts are ever connected to */
	if (found->online) {
		banner_read(arena, found->ip, (unsigned)number, &found->banner);
		rdns_look_up(arena, found->ip, conf_get(&app->conf, "lookup", STR(""), "resolver"), &found->rdns);
	}
	compare(found, arena);
}

static void print_words(struct jsonw *w, const char *key, const str *words, size_t count)
{
	jsonw_key(w, key);
	jsonw_open(w, '[');
	for (size_t i = 0; i < count; i++)
		jsonw_str(w, words[i]);
	jsonw_close(w, ']');
}

static void show_json(const struct findings *found, struct buf *out)
{
	static const struct place nowhere = { 0 };
	const struct place *place = found->place ? found->place : &nowhere;
	struct jsonw w;
	jsonw_init(&w, out, false);
	jsonw_open(&w, '{');
	jsonw_key(&w, "ip");
	jsonw_ip(&w, found->ip);
	jsonw_field_str(&w, "network", found->network ? found->network->name : STR(""));
	jsonw_field_str(&w, "host", place->host);
	jsonw_field_str(&w, "client_id", place->client_id);
	jsonw_field_str(&w, "client_name", place->client_name);
	jsonw_field_str(&w, "email", place->email);
	jsonw_field_str(&w, "panel", place->panel);
	jsonw_field_str(&w, "source", place->source);
	jsonw_field_str(&w, "banner", found->banner.line);
	jsonw_field_str(&w, "banner_host", found->banner.host);
	jsonw_field_str(&w, "fcrdns", found->online ? str_from(fcrdns_name(found->rdns.result)) : STR(""));
	print_words(&w, "names", found->rdns.names.at, found->rdns.names.count);
	print_words(&w, "disagree", found->disagree.at, found->disagree.count);
	jsonw_close(&w, '}');
}

static void print_line(struct buf *out, const char *label, str value)
{
	if (!value.len)
		return;
	buf_printf(out, "%-10s ", label);
	print_text(out, value);
	buf_char(out, '\n');
}

static void show_text(const struct findings *found, struct buf *out)
{
	ip_print(out, found->ip);
	buf_char(out, '\n');
	print_line(out, "network", found->network ? found->network->name : STR("not ours"));
	print_line(out, "host", found->place ? found->place->host : STR("not in the inventory"));
	if (found->place) {
		print_line(out, "client", found->place->client_name);
		print_line(out, "contact", found->place->email);
		print_line(out, "panel", found->place->panel);
		print_line(out, "source", found->place->source);
	}
	print_line(out, "banner", found->banner.line);
	if (found->online)
		print_line(out, "fcrdns", str_from(fcrdns_name(found->rdns.result)));
	for (size_t i = 0; i < found->disagree.count; i++)
		print_line(out, "disagrees", found->disagree.at[i]);
}

static int run_host(struct app *app, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	OWN(buf_done) struct buf out = BUF_INIT;
	OWN(inventory_done) struct inventory inventory = { 0 };
	struct findings found = { 0 };
	int rc = parse_operand(app, &found.ip, err);
	if (!rc)
		rc = app_load_inventory(app, &inventory, err);
	if (rc)
		return rc;
	look(app, &arena, &inventory, &found);
	if (app->json)
		show_json(&found, &out);
	else
		show_text(&found, &out);
	rdns_done(&found.rdns);
	free(found.disagree.at);
	return app_print(&out, err);
}

const struct cmd cmd_host = { "host", "ADDRESS", "the host behind an address, and whether its own names agree",
			      host_options, run_host };
