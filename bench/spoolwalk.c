/* SPDX-License-Identifier: Apache-2.0
 *
 * spoolwalk: the least that reading a queue costs, as a yardstick.
 *
 *     spoolwalk INPUT
 *
 * Opens, reads and closes every -H of a spool's input folder, split or not, in the order of the listing and into one
 * buffer, looks at no byte of them, and prints how many there were.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"

static char block[256 * 1024];

static void read_head(int folder, const char *name)
{
	OWN_FD int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	while (fd >= 0 && read(fd, block, sizeof(block)) == sizeof(block))
		;
}

static unsigned long walk(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	unsigned long count = 0;
	for (const struct dirent *item; dir && (item = readdir(dir));) {
		size_t len = strlen(item->d_name);
		if (len == 1 && item->d_name[0] != '.')
			count += walk(fd, item->d_name);
		if (len < 3 || item->d_name[len - 1] != 'H')
			continue;
		read_head(fd, item->d_name);
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	printf("%lu\n", walk(AT_FDCWD, argv[1]));
	return 0;
}
