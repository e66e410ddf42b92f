/* SPDX-License-Identifier: Apache-2.0
 *
 * act_gate: addresses that are never blocked, accounts and files that are never touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/gate.h"
#include "base/own.h"

struct place {
	char path[64];
	int root;
	struct gate gate;
};

static const struct {
	const char *path, *text;
} files[] = {
	{ "etc/passwd", "root:x:0:0::/root:/bin/sh\nmail:x:8:8::/var/mail:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
			"anna:x:1001:1001::/home/anna:/bin/sh\nann:x:1002:1002::/home/ann:/bin/sh\n" },
	{ "etc/login.defs", "# UID_MIN 1\nUID_MIN\t\t 1000\n" },
	{ "etc/resolv.conf", "search example.test\nnameserver 198.51.100.53\nnameserver 2001:db8::53\n" },
	{ "etc/csf/csf.allow", "198.51.100.1 # office\ntcp|in|d=22|s=198.51.100.2\n2001:db8:aa::/48\n"
			       "Include /etc/csf/office.allow\nInclude /etc/csf/csf.allow\nInclude /etc/csf/none\n" },
	{ "etc/csf/office.allow", "198.51.100.11 # branch\n" },
	{ "etc/ssh/sshd_config", "#Port 1\nPort 2222\nListenAddress 0.0.0.0:2223\nListenAddress 192.0.2.10\n" },
	{ "etc/ssh/sshd_config.d/more.conf", "port=2224\n" },
	{ "etc/csf/csf.ignore", "198.51.100.3\n# 198.51.100.4\n" },
	{ "etc/apf/allow_hosts.rules", "198.51.100.5\n" },
	{ "etc/fail2ban/jail.local", "[DEFAULT]\nignoreip = 127.0.0.1/8 198.51.100.6\n\t198.51.100.7, 198.51.100.8\nbantime = 1\n"
				      "[x]\nlogpath = 198.51.100.9\n" },
	{ "etc/fail2ban/jail.d/own.local", "[DEFAULT]\nignoreip = 198.51.100.10\n" },
};

static void put(int root, const char *path, const char *text)
{
	char folder[128];
	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		mkdirat(root, folder, 0755);
	}
	OWN_FD int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static int furnish(void **state)
{
	struct place *world = calloc(1, sizeof(*world));
	struct err err;
	struct ip_net net;
	snprintf(world->path, sizeof(world->path), "/tmp/gate_test.XXXXXX");
	assert_non_null(mkdtemp(world->path));
	world->root = open(world->path, O_DIRECTORY | O_RDONLY);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		put(world->root, files[i].path, files[i].text);
	setenv("SSH_CONNECTION", "198.51.100.22 40000 192.0.2.10 22", 1);
	assert_int_equal(gate_open(&world->gate, world->root, true, &err), 0);
	assert_true(ip_net_parse(STR("198.51.100.80/28"), &net));
	gate_add(&world->gate, net, "a configured proxy");
	*state = world;
	return 0;
}

static int clear(void **state)
{
	struct place *world = *state;
	static const char *const folders[] = { "etc/csf", "etc/apf", "etc/fail2ban/jail.d", "etc/fail2ban", "etc/ssh/sshd_config.d", "etc/ssh",
					       "etc" };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlinkat(world->root, files[i].path, 0);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		unlinkat(world->root, folders[i], AT_REMOVEDIR);
	gate_close(&world->gate);
	close(world->root);
	assert_int_equal(rmdir(world->path), 0);
	free(world);
	return 0;
}

static void never_blocked(void **state)
{
	static const char *const forms[] = {
		"0.0.0.0", "0.0.0.0/0", "127.0.0.1", "127.1", "127.0.0.1/8", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "127.0.0.53",
		"::1", "::", "::/0", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1",
		"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1",
		"255.255.255.255", "240.0.0.1", "localhost", "example.test", "", " ", "203.0.113.9 ", "203.0.113.9/8",
		"203.0.113.0/24", "2001:db8:bb::/48", "010.0.0.1", "203.0.113.9/33", "203.0.113.9/", "203.0.113.9;id", "-d",
		"198.51.100.53", "2001:db8::53", "198.51.100.1", "198.51.100.2", "2001:db8:aa::7", "2001:db8:aa:1::/64",
		"198.51.100.3", "198.51.100.5", "198.51.100.6", "198.51.100.7", "198.51.100.8", "198.51.100.10", "198.51.100.11", "198.51.100.22", "198.51.100.85",
		"::ffff:198.51.100.22", "[2001:db8::9]", "203.0.113.09",
	};
	struct place *world = *state;
	struct ip_net net;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct err err = { 0 };
		if (gate_check_address(&world->gate, str_from(forms[i]), false, &net, &err) != ERR_REFUSED || !err.text[0])
			fail_msg("\"%s\" would be blocked", forms[i]);
	}
	print_message("%zu forms refused\n", sizeof(forms) / sizeof(forms[0]));
}

static void ssh_ports(void **state)
{
	const struct place *world = *state;
	static const unsigned ports[] = { 22, 2222, 2223, 2224 };
	assert_int_equal(world->gate.ssh_ports.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(world->gate.ssh_ports.at[i], ports[i]);
}

/* Wide networks stay refused when anything on the list lies inside. */
static void wide(void **state)
{
	struct place *world = *state;
	struct ip_net net;
	struct err err;
	assert_int_equal(gate_check_address(&world->gate, STR("203.0.113.0/24"), true, &net, &err), 0);
	assert_int_equal(gate_check_address(&world->gate, STR("198.51.100.0/24"), true, &net, &err), ERR_REFUSED);
	assert_int_equal(gate_check_address(&world->gate, STR("0.0.0.0/0"), true, &net, &err), ERR_REFUSED);
	assert_int_equal(gate_check_address(&world->gate, STR("::/0"), true, &net, &err), ERR_REFUSED);
}

static void may_be_blocked(void **state)
{
	static const char *const forms[] = { "203.0.113.9", "::ffff:203.0.113.9", "2001:db8:cc::9", "2001:db8:cc:1::/64",
					     "203.0.113.9/32", "198.51.100.4", "198.51.100.9" };
	struct place *world = *state;
	struct ip_net net;
	struct err err;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (gate_check_address(&world->gate, str_from(forms[i]), false, &net, &err))
			fail_msg("%s: %s", forms[i], err.text);
}

static int check_file(struct place *world, const char *account, uint64_t uid, const char *home, const char *path)
{
	struct arena arena = ARENA_INIT;
	struct deed deed = { .arena = &arena, .account = str_from(account) };
	struct err err;
	facts_set(&deed.facts, &arena, "path", str_from(path));
	facts_set(&deed.facts, &arena, "home", str_from(home));
	facts_set_number(&deed.facts, &arena, "uid", uid);
	int rc = gate_check(&world->gate, &op_disable, &deed, &err);
	arena_done(&arena);
	return rc;
}

static void accounts_and_files(void **state)
{
	struct place *world = *state;
	assert_int_equal(check_file(world, "anna", 1001, "/home/anna", "/home/anna/public_html/x.php"), 0);
	assert_int_equal(check_file(world, "anna", 1001, "/home/anna", "/home/anna/public_html/a/index.php"), 0);
	static const char *const paths[] = { "/home/anna/public_html/index.php", "/home/anna/public_html",
					     "/home/anna/public_html/INDEX.PHP", "/home/anna/x/class-phpmailer.php",
					     "/home/anna/public_html/wp-config.php" };
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(check_file(world, "anna", 1001, "/home/anna", paths[i]), ERR_REFUSED);
	assert_int_equal(check_file(world, "anna", 1002, "/home/anna", "/home/anna/x.php"), ERR_REFUSED);
	assert_int_equal(check_file(world, "ann", 1002, "/home/anna", "/home/anna/x.php"), ERR_REFUSED);
	assert_int_equal(check_file(world, "an", 1002, "/home/an", "/home/an/x.php"), ERR_REFUSED);
	assert_int_equal(check_file(world, "root", 0, "/root", "/root/x.php"), ERR_REFUSED);
	assert_int_equal(check_file(world, "mail", 8, "/var/mail", "/var/mail/x.php"), ERR_REFUSED);
	assert_int_equal(check_file(world, "", 0, "", "/x.php"), ERR_REFUSED);
}

static int check_shadow(struct place *world, const char *key, const char *change, const char *asked)
{
	struct arena arena = ARENA_INIT;
	struct deed deed = { .arena = &arena };
	struct err err;
	facts_set(&deed.facts, &arena, "file", STR("/etc/shadow"));
	facts_set(&deed.facts, &arena, "key", str_from(key));
	facts_set(&deed.facts, &arena, "change", str_from(change));
	facts_set(&deed.facts, &arena, "asked_twice", str_from(asked));
	int rc = gate_check(&world->gate, &op_edit_line, &deed, &err);
	arena_done(&arena);
	return rc;
}

static void shadow(void **state)
{
	struct place *world = *state;
	assert_int_equal(check_shadow(world, "anna", "lock", ""), 0);
	assert_int_equal(check_shadow(world, "mail", "lock", ""), ERR_REFUSED);
	assert_int_equal(check_shadow(world, "root", "lock", "yes"), ERR_REFUSED);
	assert_int_equal(check_shadow(world, "root", "password", ""), ERR_REFUSED);
	assert_int_equal(check_shadow(world, "root", "password", "yes"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(never_blocked), cmocka_unit_test(ssh_ports), cmocka_unit_test(wide),
					    cmocka_unit_test(may_be_blocked), cmocka_unit_test(accounts_and_files),
					    cmocka_unit_test(shadow) };
	return cmocka_run_group_tests(tests, furnish, clear);
}
