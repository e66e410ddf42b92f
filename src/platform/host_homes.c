/* SPDX-License-Identifier: Apache-2.0
 *
 * host_homes: the other names of home folders. Logs hold what the kernel
 * calls a directory; passwd may name a link to it (/home -> /data/home, an
 * account moved to /home2), and CloudLinux's cage shows each home a second
 * time below /home/virtfs.
 */
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/own.h"
#include "base/root.h"
#include "platform/host.h"

static str parent_of(str path)
{
	size_t slash = str_rfind(path, '/');
	return slash == STR_NONE ? STR("") : str_head(path, slash);
}

/* Where a folder's link points, without following further ones; "" when it is none. */
static str link_target(struct host *host, str folder)
{
	char target[PATH_MAX];
	const char *path = arena_printf(&host->arena, "%.*s", STR_ARG(folder)).at;
	OWN_FD int fd = root_open(host->root_fd, path, O_PATH | O_NOFOLLOW, NULL);
	ssize_t len = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target));
	while (len > 1 && target[len - 1] == '/')
		len--;
	if (len < 2 || (size_t)len == sizeof(target))
		return STR("");
	if (target[0] == '/')
		return arena_copy(&host->arena, (str){ target, (size_t)len });
	return arena_printf(&host->arena, "%.*s/%.*s", STR_ARG(parent_of(folder)), (int)len, target);
}

static void learn_link(struct host *host, str folder)
{
	str target = folder.len > 1 ? link_target(host, folder) : STR("");
	if (!target.len || names_get(&host->real_homes, target))
		return;
	names_add(&host->real_homes, target);
	*VEC_PUSH(&host->usual_homes) = folder;
}

void host_learn_homes(struct host *host)
{
	struct names seen;
	names_init(&seen);
	for (size_t i = 0; i < host->accounts.count; i++) {
		const struct account *account = &host->accounts.at[i];
		if (!account->customer)
			continue;
		learn_link(host, account->home);
		if (!names_get(&seen, parent_of(account->home)))
			learn_link(host, parent_of(account->home));
		names_add(&seen, parent_of(account->home));
	}
	names_done(&seen);
}

/* "/home/virtfs/U/home/U/x" -> "/home/U/x" */
static str without_virtfs(str path)
{
	str rest = path;
	if (!str_skip(&rest, STR("/home/virtfs/")))
		return path;
	size_t at = str_find(rest, '/');
	return at == STR_NONE ? path : str_from_at(rest, at);
}

str host_usual_path(const struct host *host, str path, struct buf *room)
{
	path = without_virtfs(path);
	if (!host->usual_homes.count)
		return path;
	for (size_t end = path.len; end != STR_NONE && end > 0; end = str_rfind(str_head(path, end), '/')) {
		uint32_t number = names_get(&host->real_homes, str_head(path, end));
		if (!number)
			continue;
		room->len = 0;
		buf_add(room, host->usual_homes.at[number - 1]);
		buf_add(room, str_from_at(path, end));
		return buf_str(room);
	}
	return path;
}
