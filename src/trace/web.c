/* SPDX-License-Identifier: Apache-2.0
 *
 * web: a request of an access log to the program it runs.
 *
 * The URL is the visitor's: it is decoded, must stay below the document root
 * and only then becomes a path. What is no file of its own runs the site's
 * front controller (index.php of the document root).
 */
#include "trace/join.h"

enum { TARGET_MAX = 2048 };

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes and folds "//"; false for "..", NUL and over-long targets. */
static bool decode_path(str target, char out[TARGET_MAX], size_t *out_len)
{
	size_t len = 0;
	if (target.len >= TARGET_MAX)
		return false;
	for (size_t i = 0; i < target.len; i++) {
		char c = target.at[i];
		if (c == '%' && i + 2 < target.len && hex_digit(target.at[i + 1]) >= 0 && hex_digit(target.at[i + 2]) >= 0) {
			c = (char)(hex_digit(target.at[i + 1]) * 16 + hex_digit(target.at[i + 2]));
			i += 2;
		}
		if (!c)
			return false;
		if (c == '/' && len && out[len - 1] == '/')
			continue;
		out[len++] = c;
	}
	*out_len = len;
	return str_search((str){ out, len }, STR("/..")) == STR_NONE;
}

/* The part of a path that names a program file: up to the first component with a script's ending ("/a.php/path/info"). */
static str script_part(str path)
{
	static const char *const endings[] = { ".php", ".phtml", ".php5", ".php7", ".php8", ".cgi", ".pl", ".py", ".fcgi" };
	for (size_t from = 0; from < path.len;) {
		size_t slash = str_find(str_from_at(path, from + 1), '/');
		size_t end = slash == STR_NONE ? path.len : from + 1 + slash;
		for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
			if (str_ends(str_head(path, end), str_from(endings[i])))
				return str_head(path, end);
		from = end;
	}
	return STR("");
}

static bool is_static(str path)
{
	static const char *const endings[] = { ".css", ".js", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".woff",
					       ".woff2", ".ttf", ".map", ".txt", ".xml", ".pdf", ".webp", ".mp4", ".html",
					       ".htm", ".json", ".zip", ".gz", ".eot", ".avif", ".webm", ".mp3" };
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (path.len > strlen(endings[i]) &&
		    str_eq_nocase(str_from_at(path, path.len - strlen(endings[i])), str_from(endings[i])))
			return true;
	return false;
}

/* Parameters by which front controllers and dispatchers choose what runs. */
static bool is_dispatching(str parameter)
{
	static const char *const keys[] = { "route", "rest_route", "action", "controller", "option", "page", "q", "do", "task",
					    "module", "fc" };
	str value = parameter;
	str key = str_cut(&value, '=');
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (str_eq(key, str_from(keys[i])))
			return value.len > 0;
	return false;
}

static str dispatch_of(str query)
{
	while (query.len) {
		str parameter = str_cut(&query, '&');
		if (is_dispatching(parameter))
			return parameter;
	}
	return STR("");
}

static bool is_webmail_target(str target)
{
	static const char *const marks[] = { "_task=mail", "_action=send", "/roundcube", "/webmail", "/squirrelmail", "/horde",
					     "/rainloop", "/snappymail", "/SOGo/", "/3rdparty/roundcube", "/src/compose.php" };
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (str_search(target, str_from(marks[i])) != STR_NONE)
			return true;
	return false;
}

/* "ines%40maple-tech.example" */
static uint32_t login_name(struct world *world, str user)
{
	char decoded[TARGET_MAX];
	size_t len;
	if (str_eq(user, STR("-")) || !decode_path(user, decoded, &len))
		return 0;
	return world_address(world, (str){ decoded, len });
}

static uint32_t count_visitor(struct world *world, uint32_t account, const struct request *request, bool page_only)
{
	uint32_t number = world_visitor(world, account, request->ip);
	struct visitor *visitor = &world->visitors.at[number];
	uint32_t agent = names_add(&world->names, str_head(request->agent, 256));
	if (!visitor->agent)
		visitor->agent = agent;
	visitor->several_agents |= agent != visitor->agent;
	visitor->with_referer += request->referer.len && !str_eq(request->referer, STR("-"));
	if (str_eq(request->method, STR("POST")))
		visitor->posts++;
	else if (page_only)
		visitor->statics++;
	else
		visitor->pages++;
	return number;
}

/* The program that a request of a site runs. */
static uint32_t site_program(struct world *world, uint32_t account, str docroot, str vhost, str path, str query, bool post)
{
	struct buf file = BUF_INIT, url = BUF_INIT;
	str script = script_part(path);
	bool front = !script.len;
	buf_add(&file, docroot);
	buf_add(&file, front ? STR("/index.php") : script);
	buf_add(&url, vhost);
	buf_add(&url, script.len ? script : path);
	str dispatch = dispatch_of(query);
	if (dispatch.len)
		buf_printf(&url, "?%.*s", STR_ARG(str_head(dispatch, 128)));
	struct program program = {
		.kind = PROGRAM_SCRIPT, .account = account, .url = names_add(&world->names, buf_str(&url)),
		.path = docroot.len ? names_add(&world->names, buf_str(&file)) : 0, .post = post,
		.front = front || dispatch.len > 0 || str_ends(script, STR("/index.php")),
	};
	buf_done(&file);
	buf_done(&url);
	return world_program(world, &program);
}

/* The site calling its own scheduler: from the host's own address, or as WordPress does it. */
static bool is_self_call(struct world *world, const struct request *request, str path)
{
	bool wordpress = str_eq(path, STR("/wp-cron.php")) && str_starts(request->agent, STR("WordPress/"));
	return wordpress || ip_is_loopback(request->ip) || index_get(&world->own_ips, world_ip(world, request->ip));
}

void join_request(struct join *join, const struct event *event, str vhost, uint32_t account, struct place place)
{
	struct world *world = join->world;
	const struct request *request = &event->request;
	char decoded[TARGET_MAX];
	size_t len;
	str docroot = STR("");
	if (request->vhost.len)
		vhost = request->vhost;
	bool known = vhost.len && join->host->site_of(join->host->context, vhost, &account, &docroot);
	str query = request->target;
	str path = str_cut(&query, '?');
	bool webmail = !known && is_webmail_target(request->target);
	if (!join_in_window(join, event->at) || !decode_path(path, decoded, &len))
		return;
	path = (str){ decoded, len };
	bool page_only = is_static(path);
	uint32_t visitor = count_visitor(world, account, request, page_only);
	if (page_only || (request->status >= 400 && request->status < 500 && request->status != 403 && !webmail))
		return;
	bool post = str_eq(request->method, STR("POST"));
	uint32_t program = webmail || !vhost.len ? NONE : site_program(world, account, docroot, vhost, path, query, post);
	*VEC_PUSH(&world->requests) = (struct request_row){
		.at = event->at, .user = login_name(world, request->user), .program = program, .visitor = visitor,
		.status = (uint16_t)request->status, .post = post,
		.webmail = webmail, .self = is_self_call(world, request, path), .place = place,
	};
}
