# SPDX-License-Identifier: Apache-2.0
# bash completion for quell; made by tools/docs.py from the program's own tables.
_quell() {
	local current=${COMP_WORDS[COMP_CWORD]} word command= words
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		scan|why|stop|disable|enable|hold|release|suspend|unsuspend|passwd|rootpw|freeze|thaw|purge|restore|archive|block|unblock|apply|undo|verify|journal|recover|malware|queue|top|trace|doctor|remote|config|state|help|version) command=$word; break ;;
		esac
	done
	case $command in
	'') words='--root --config --state --now --output --color --quiet --verbose --help scan why stop disable enable hold release suspend unsuspend passwd rootpw freeze thaw purge restore archive block unblock apply undo verify journal recover malware queue top trace doctor remote config state help version' ;;
	scan) words='--since --until --all-ids --threads --log --spool --dovecot --access --passwd' ;;
	why) words='--since --until --all-ids --threads --log --spool --dovecot --access --passwd' ;;
	stop) words='--archive --apply --yes --log --spool --dovecot --access --passwd' ;;
	disable) words='--account --crontab --immutable --apply --yes --log --spool --dovecot --access --passwd' ;;
	enable) words='' ;;
	hold) words='--show-password --password-fd --note --apply --yes --log --spool --dovecot --access --passwd' ;;
	release) words='' ;;
	suspend) words='--show-password --password-fd --note --apply --yes --log --spool --dovecot --access --passwd' ;;
	unsuspend) words='' ;;
	passwd) words='--show-password --password-fd --note --apply --yes --log --spool --dovecot --access --passwd' ;;
	rootpw) words='--show-password --password-fd --note --apply --yes --log --spool --dovecot --access --passwd' ;;
	freeze) words='--account --login --sender --incident --frozen --ids --all --archive --apply --yes --log --spool --dovecot --access --passwd' ;;
	thaw) words='--account --login --sender --incident --frozen --ids --all --archive --apply --yes --log --spool --dovecot --access --passwd' ;;
	purge) words='--account --login --sender --incident --frozen --ids --all --archive --apply --yes --log --spool --dovecot --access --passwd' ;;
	restore) words='--all --last --restore-old-password --archive' ;;
	archive) words='list drop' ;;
	block) words='--for --sync --wide --apply --yes --log --spool --dovecot --access --passwd' ;;
	unblock) words='' ;;
	apply) words='--last --unattended --archive --yes --log --spool --dovecot --access --passwd' ;;
	undo) words='--all --last --restore-old-password --archive' ;;
	verify) words='--log --spool --dovecot --access --passwd' ;;
	journal) words='' ;;
	recover) words='' ;;
	malware) words='--limit --scanner --log --spool --dovecot --access --passwd' ;;
	queue) words='--sender --recipient --login --account --pattern --older --younger --size --frozen --not-frozen --newest --by --count --ids --brief --long --all --undelivered --reverse --log --spool --dovecot --access --passwd list count show' ;;
	top) words='--by --number --since --until --log --spool --dovecot --access --passwd' ;;
	trace) words='--pattern --related --since --until --log --spool --dovecot --access --passwd' ;;
	doctor) words='--install-hold --remove-hold --apply --yes --log --spool --dovecot --access --passwd' ;;
	remote) words='--allow-act' ;;
	config) words='check dump' ;;
	state) words='show drop' ;;
	help) words='scan why stop disable enable hold release suspend unsuspend passwd rootpw freeze thaw purge restore archive block unblock apply undo verify journal recover malware queue top trace doctor remote config state help version' ;;
	version) words='--licenses' ;;
	esac
	case "$command ${COMP_WORDS[COMP_CWORD-1]}" in
	' -o'|' --output') words='text json jsonl tsv html' ;;
	' --color') words='auto always never' ;;
	'queue --by') words='sender login account script domain host age state' ;;
	'top --by') words='login account script dir sender ip subject domain host hour' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _quell quell
