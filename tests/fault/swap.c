/* SPDX-License-Identifier: Apache-2.0
 *
 * swap: exchanges two names for as long as it lives, as a customer would who
 * wants root to change another file than the one it looked at.
 *
 *     swap A B [C D ...]
 */
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	for (;;)
		for (int i = 1; i + 1 < argc; i += 2)
			renameat2(AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], RENAME_EXCHANGE);
}
