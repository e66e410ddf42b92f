/* SPDX-License-Identifier: Apache-2.0
 *
 * recipe: the plans that each panel, firewall and mail server describes, against golden files
 * (tests/case/panel-NAME/plan.json; QUELL_WRITE=1 makes them anew, to be read before committing), and what is not taken as
 * a name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/own.h"
#include "platform/firewalls.h"
#include "platform/panels.h"

#define NOW ((usec)1700000000 * USEC_PER_SEC)

static const struct recipe_value values[] = {
	{ "user", { "anna", 4 } },
	{ "hostname", { "host.test", 9 } },
	{ "login", { "tina@shop.test", 14 } },
	{ "mailbox", { "tina@shop.test", 14 } },
	{ "local", { "tina", 4 } },
	{ "domain", { "shop.test", 9 } },
	{ "file", { "/etc/dovecot/users", 18 } },
	{ "key", { "tina@shop.test", 14 } },
	{ "host", { "203.0.113.7", 11 } },
	{ "seconds", { "86400", 5 } },
	{ "note", { "incident 0123456789ab", 21 } },
	{ NULL },
};

static const struct {
	const char *name;
	const struct recipe *table;
} tables[] = {
	{ "panel-plain", panel_plain },	      { "panel-cpanel", panel_cpanel },
	{ "panel-hestia", panel_hestia },     { "panel-directadmin", panel_directadmin },
	{ "panel-dovecot", dovecot_control }, { "panel-exim", exim_control },
	{ "firewall-nft", firewall_nft },     { "firewall-csf", firewall_csf },
	{ "firewall-hestia", firewall_hestia }, { "firewall-iptables", firewall_iptables },
	{ "firewall-firewalld", firewall_firewalld }, { "firewall-fail2ban", firewall_fail2ban },
	{ "firewall-ufw", firewall_ufw },	      { "firewall-apf", firewall_apf },
};

static void describe(const struct recipe *table, struct buf *out)
{
	struct plan plan;
	struct step *step;
	struct err err;
	plan_init(&plan, STR("golden"), STR("/"), STR(""), NOW);
	for (; table->verb; table++)
		if (recipe_add(&plan, table, values, STR("anna"), &step, &err))
			fail_msg("%s: %s", table->verb, err.text);
	plan_seal(&plan);
	plan_print(out, &plan);
	plan_done(&plan);
}

static void compare(const char *name, const struct buf *got)
{
	char path[512];
	struct buf want = BUF_INIT;
	struct err err;
	const char *cases = getenv("QUELL_CASES");
	bool writes = getenv("QUELL_WRITE") != NULL;
	snprintf(path, sizeof(path), "%s/%s", cases ? cases : "tests/case", name);
	if (writes)
		mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/plan.json", cases ? cases : "tests/case", name);
	OWN_FD int fd = open(path, writes ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY, 0644);
	assert_true(fd >= 0);
	if (writes) {
		assert_int_equal(buf_write(got, fd, &err), 0);
		return;
	}
	assert_int_equal(buf_read(&want, fd, 1 << 20, &err), 0);
	if (!str_eq(buf_str(got), buf_str(&want)))
		fail_msg("%s differs: %.*s", path, STR_ARG(buf_str(got)));
	buf_done(&want);
}

static void golden_plans(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct buf got = BUF_INIT;
		describe(tables[i].table, &got);
		compare(tables[i].name, &got);
		buf_done(&got);
	}
}

static const struct recipe echo[] = {
	{ "user", "switch", "x", "x", false, { { "do", "/bin/echo {user}" } } },
	{ "login", "switch", "x", "x", false, { { "do", "/bin/echo {login}" } } },
	{ "domain", "switch", "x", "x", false, { { "do", "/bin/echo {domain}" } } },
	{ "host", "switch", "x", "x", false, { { "do", "/bin/echo {host}" } } },
	{ "file", "switch", "x", "x", false, { { "do", "/bin/echo {file}" } } },
	{ "note", "switch", "x", "x", false, { { "do", "/bin/echo {note}" } } },
	{ "seconds", "switch", "x", "x", false, { { "do", "/bin/echo {seconds}" } } },
	{ NULL },
};

static int try(const char *verb, const char *value)
{
	struct plan plan;
	struct step *step;
	struct err err;
	const struct recipe_value one[] = { { verb, str_from(value) }, { NULL } };
	plan_init(&plan, STR("try"), STR("/"), STR(""), NOW);
	int rc = recipe_add(&plan, recipe_find(echo, verb), one, STR(""), &step, &err);
	if (!rc) { /* whatever it was, it is one word of the command */
		assert_int_equal(facts_find(&step->facts, "do")->count, 2);
		assert_true(str_eq(facts_find(&step->facts, "do")->values[1], str_from(value)));
	}
	plan_done(&plan);
	return rc;
}

static void names_that_are_not_taken(void **state)
{
	(void)state;
	static const char *const refused[][2] = {
		{ "user", "" },		     { "user", "-rf" },		 { "user", "a b" },	    { "user", "a;b" },
		{ "user", "Anna" },	     { "user", "a/b" },		 { "user", "$(id)" },	    { "user", "a\nb" },
		{ "login", "*@shop.test" },  { "login", "t?@shop.test" }, { "login", "a:b@shop.test" }, { "login", "../x@shop.test" },
		{ "login", "a..b@shop.test" }, { "login", "@shop.test" }, { "login", "a@" },	    { "login", "-a@shop.test" },
		{ "login", "a@b@c.test" },   { "domain", "Shop.test" },	 { "domain", "-a.test" },   { "domain", "a..test" },
		{ "domain", "a.test." },     { "domain", "a_b.test" },	 { "host", "127.1" },	    { "host", "203.0.113.7/8" },
		{ "host", "localhost" },     { "host", "203.0.113.7 " }, { "file", "etc/x" },	    { "file", "/a\nb" },
		{ "note", "a # b" },	     { "note", "-x" },		 { "note", "a\"b" },	    { "seconds", "1h" },
		{ "seconds", "-1" },
	};
	static const char *const taken[][2] = {
		{ "user", "anna_1-x" }, { "login", "a.b+c@shop.test" }, { "login", "anna" }, { "host", "2001:db8::/64" },
		{ "file", "/home/a b/x" }, { "note", "incident 12" }, { "domain", "xn--bcher-kva.test" },
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (try(refused[i][0], refused[i][1]) != ERR_REFUSED)
			fail_msg("%s \"%s\" is taken", refused[i][0], refused[i][1]);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (try(taken[i][0], taken[i][1]))
			fail_msg("%s \"%s\" is refused", taken[i][0], taken[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(golden_plans), cmocka_unit_test(names_that_are_not_taken) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
