/* SPDX-License-Identifier: Apache-2.0
 *
 * jail: capabilities, Landlock, seccomp.
 */
#include "base/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"

#ifdef JAIL_WITHOUT_SECCOMP /* the runtime of sanitizers makes calls of its own */
static const bool with_seccomp = false;
#else
static const bool with_seccomp = true;
#endif

/* Keeps CAP_DAC_READ_SEARCH if it is there, and nothing else; nothing can be gained back. */
static int drop_capabilities(struct err *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	if (syscall(SYS_capget, &header, data) < 0)
		return err_errno(err, "capget");
	unsigned kept = data[0].permitted & (1u << CAP_DAC_READ_SEARCH);
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (prctl(PR_CAPBSET_READ, cap) == 1)
			prctl(PR_CAPBSET_DROP, cap); /* refused without CAP_SETPCAP: then there is nothing to drop */
	data[0] = (struct __user_cap_data_struct){ .effective = kept, .permitted = kept };
	data[1] = (struct __user_cap_data_struct){ 0 };
	if (syscall(SYS_capset, &header, data) < 0)
		return err_errno(err, "capset");
	return 0;
}

static int allow_beneath(int ruleset, int folder, struct err *err)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
		.parent_fd = folder,
	};
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return err_errno(err, "landlock_add_rule");
	return 0;
}

/* A kernel without Landlock is no error: seccomp and capabilities stay. */
static int enter_landlock(const struct jail *jail, struct err *err)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
	OWN_FD int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : err_errno(err, "landlock_create_ruleset");
	for (size_t i = 0; i < jail->readable_count; i++) {
		int rc = allow_beneath(ruleset, jail->readable[i], err);
		if (rc)
			return rc;
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return err_errno(err, "landlock_restrict_self");
	return 0;
}

static const int plain_calls[] = {
	SCMP_SYS(read),	      SCMP_SYS(pread64),     SCMP_SYS(lseek),	    SCMP_SYS(close),
	SCMP_SYS(fstat),      SCMP_SYS(newfstatat),  SCMP_SYS(statx),	    SCMP_SYS(getdents64),
	SCMP_SYS(readlinkat), SCMP_SYS(mremap),	     SCMP_SYS(munmap),	    SCMP_SYS(brk),
	SCMP_SYS(madvise),    SCMP_SYS(futex),	     SCMP_SYS(exit),	    SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime), SCMP_SYS(getpid),
	SCMP_SYS(gettid),     SCMP_SYS(tgkill),	     SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigaction),
	SCMP_SYS(fcntl),      SCMP_SYS(sigaltstack), SCMP_SYS(sched_yield), SCMP_SYS(getrandom),
	SCMP_SYS(sysinfo), /* glibc's qsort asks for the size of memory */
};

/* mmap and mprotect without PROT_EXEC; openat for reading only; write only to the given descriptors. */
static int add_bounded_calls(scmp_filter_ctx filter, const struct jail *jail)
{
	int writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
	int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, 4, 0));
	rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, 4, 0));
	if (jail->readable_count)
		rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, (scmp_datum_t)writing, 0));
	else /* no file at all, also where Landlock is missing; an errno, since libraries look for files that may be absent */
		rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 0);
	for (size_t i = 0; i < jail->writable_count; i++) {
		struct scmp_arg_cmp fd = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)jail->writable[i]);
		rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, fd);
		rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(writev), 1, fd);
	}
	return rc;
}

/* openat2 cannot be judged by seccomp (its flags lie in memory), so it is answered with ENOSYS. */
static int enter_seccomp(const struct jail *jail, struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = filter ? 0 : -1;
	for (size_t i = 0; !rc && i < sizeof(plain_calls) / sizeof(*plain_calls); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain_calls[i], 0);
	if (!rc)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
	if (!rc)
		rc = add_bounded_calls(filter, jail);
	if (!rc)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc ? err_set(err, ERR_SYSTEM, "seccomp: cannot set the filter (%d)", rc) : 0;
}

int jail_enter(const struct jail *jail, struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(err, "no_new_privs");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_errno(err, "dumpable");
	int rc = drop_capabilities(err);
	if (!rc && !jail->without_landlock)
		rc = enter_landlock(jail, err);
	return rc || !with_seccomp ? rc : enter_seccomp(jail, err);
}
