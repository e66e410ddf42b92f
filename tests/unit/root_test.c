/* SPDX-License-Identifier: Apache-2.0
 *
 * root: an image's links stay inside it, with openat2 and by hand; an image
 * folder is opened at its root/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/root.h"

struct image {
	char path[64];
	int base;
};

static void put(int base, const char *name, const char *text)
{
	OWN_FD int fd = openat(base, name, O_CREAT | O_WRONLY, 0644);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static int furnish(void **state)
{
	struct image *image = calloc(1, sizeof(*image));
	snprintf(image->path, sizeof(image->path), "/tmp/root_test.XXXXXX");
	assert_non_null(mkdtemp(image->path));
	image->base = open(image->path, O_DIRECTORY | O_RDONLY);
	assert_int_equal(mkdirat(image->base, "root", 0755) | mkdirat(image->base, "root/etc", 0755), 0);
	put(image->base, "MANIFEST.tsv", "");
	put(image->base, "secret", "outside");
	put(image->base, "root/etc/hostname", "inside");
	put(image->base, "root/secret", "inside");
	assert_int_equal(symlinkat("/etc/hostname", image->base, "root/absolute"), 0);
	assert_int_equal(symlinkat("../../../secret", image->base, "root/etc/up"), 0);
	assert_int_equal(symlinkat("loop", image->base, "root/loop"), 0);
	*state = image;
	return 0;
}

static int clear(void **state)
{
	static const char *const names[] = { "root/loop", "root/etc/up", "root/absolute", "root/secret", "root/etc/hostname",
					     "secret", "MANIFEST.tsv", "root/etc", "root" };
	struct image *image = *state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (unlinkat(image->base, names[i], 0))
			unlinkat(image->base, names[i], AT_REMOVEDIR);
	close(image->base);
	rmdir(image->path);
	free(image);
	return 0;
}

typedef int opener(int root_fd, const char *path, int flags, struct err *err);

static bool is_inside(opener *open_it, int root, const char *path)
{
	char text[8] = "";
	OWN_FD int fd = open_it(root, path, O_RDONLY, NULL);
	return fd >= 0 && read(fd, text, sizeof(text)) == 6 && memcmp(text, "inside", 6) == 0;
}

static void links_stay_inside(void **state)
{
	const struct image *image = *state;
	static opener *const openers[] = { root_open, root_open_by_hand };
	OWN_FD int root = openat(image->base, "root", O_PATH | O_DIRECTORY);
	for (size_t i = 0; i < 2; i++) {
		assert_true(is_inside(openers[i], root, "/etc/hostname"));
		assert_true(is_inside(openers[i], root, "absolute"));
		assert_true(is_inside(openers[i], root, "etc/up"));
		assert_true(is_inside(openers[i], root, "../../secret"));
		assert_true(openers[i](root, "loop", O_RDONLY, NULL) < 0);
	}
}

static void image_folder(void **state)
{
	const struct image *image = *state;
	OWN_FD int folder = root_open_root(image->path, NULL);
	assert_true(is_inside(root_open, folder, "/etc/hostname"));
	assert_int_equal(mkdirat(image->base, "etc", 0755), 0); /* now it looks like a host itself */
	OWN_FD int host = root_open_root(image->path, NULL);
	assert_true(root_exists(host, "/root/etc/hostname"));
	assert_int_equal(unlinkat(image->base, "etc", AT_REMOVEDIR), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(links_stay_inside, furnish, clear),
		cmocka_unit_test_setup_teardown(image_folder, furnish, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
