#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Man pages and completions out of the program's own tables, as `quell help` and `quell config dump` print them, so that
no option is described twice; and the README's example, as the program prints it.

usage: docs.py QUELL [--check]       writes doc/, completions/ and README.md, or with --check tells what is stale (exit code 1)
"""
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
OPTION = re.compile(r"^  (-\w|  ) (--[a-z-]+)? ?([A-Z]+)? +(.+)$")
INPUTS = {"--log", "--spool", "--dovecot", "--access", "--passwd"}
SCHEMAS = {"scan": "incidents, who was cleared, what was hidden", "why": "the evidence", "top": "ranked senders",
           "trace": "messages and their events", "queue": "queued messages, groups or counts", "doctor": "checks and fixes",
           "plan": "steps of a plan", "journal": "what was done", "verify": "what is still in force"}


def run(quell, *words, root="/"):
    return subprocess.run([quell, "--root", root, *words], stdout=subprocess.PIPE, check=False, text=True).stdout


def options(text):
    found = (OPTION.match(line) for line in text.split("\n"))
    return [(m[1].strip(), m[2] or "", m[3] or "", m[4]) for m in found if m]


class Tables:
    def __init__(self, quell):
        self.quell = quell
        top = run(quell, "help")
        names = re.findall(r"^  ([a-z]+) ", top.split("commands:\n")[1].split("\n\n")[0], re.M)
        self.globals = options(top.split("\noptions:\n")[1])
        self.commands = {}
        for name in names:
            text = run(quell, "help", name)
            usage, _, rest = text.partition("\n\n")
            self.commands[name] = (usage.split(f"[OPTIONS] {name}", 1)[1].strip(), rest.split("\n")[0], options(rest))
        self.settings = run(quell, "config", "dump")


def escape(text):
    """For scdoc: no marks inside, and no list, heading or table at its beginning."""
    text = re.sub(r"([\\_*~])", r"\\\1", text)
    return "\\" + text if text[:1] in "-.#|[]+" and text else text


def option_list(rows):
    for letter, name, value, text in rows:
        flags = ", ".join(f"*{escape(f)}*" for f in (letter, name) if f)
        yield f"{flags}{f' _{value}_' if value else ''}\n\t{escape(text)[0].upper()}{escape(text)[1:]}.\n"


def man(tables):
    commands = []
    for name, (operands, summary, rows) in tables.commands.items():
        commands.append(f"## {name}{f' {escape(operands)}' if operands else ''}\n\n{escape(summary)[0].upper()}{escape(summary)[1:]}.\n")
        commands += option_list(row for row in rows if row[1] not in INPUTS)
        if any(row[1] in INPUTS for row in rows):
            commands.append("It also takes the options of INPUTS.\n")
    inputs = [row for row in tables.commands["scan"][2] if row[1] in INPUTS]
    return f"""quell(8)

# NAME

quell - find, stop and undo outbound spam on an Exim host

# SYNOPSIS

*quell* [OPTIONS] [COMMAND ...]

# DESCRIPTION

*quell* says who sends spam from this host, how, from where and with what proof. Without a command it scans, explains and
changes nothing. Commands that act show a plan first. Addresses match exactly; patterns are asked for with *-E*.

# OPTIONS

{chr(10).join(option_list(tables.globals))}
# COMMANDS

{chr(10).join(commands)}
# INPUTS

{chr(10).join(option_list(inputs))}
# EXIT STATUS

*0* nothing was found. *1* a blamed or inbound incident is listed, or something was undone. *2* wrong usage or configuration.
*3* nothing was found, but something needed could not be read. *4* an action was refused or failed.

# FILES

_/etc/quell/quell.conf_, _/etc/quell/quell.conf.d/\\*.conf_
	Configuration, see *quell.conf*(5).

_/var/lib/quell_
	State: last scan, plans, journal, sealed files.

# SEE ALSO

*quell.conf*(5), *quell-json*(5), *exim*(8), *exiqgrep*(8), *exigrep*(8)
"""


def settings(tables):
    out, reason = [], ""
    for line in tables.settings.split("\n"):
        if re.match(r"^(# )?\[", line):
            out.append(f"# SECTION {escape(line.removeprefix('# '))}\n")
        elif m := re.match(r"^(?:# )?([a-z_]+) =(?: (.*))?$", line):
            default = f" Default: {escape(m[2])}." if m[2] else ""
            out.append(f"*{escape(m[1])}*\n\t{escape(reason)[0].upper()}{escape(reason)[1:].rstrip('.')}.{default}\n")
        elif line.startswith("# "):
            reason = line[2:]
    return f"""quell.conf(5)

# NAME

quell.conf - configuration of quell

# DESCRIPTION

Sections in brackets, *key = value* below them, comments behind a hash. An unknown section or key is an error with file and
line. _/etc/quell/quell.conf_ is read first, then _/etc/quell/quell.conf.d/\\*.conf_ in the order of their names; later files
override single keys. *quell config check* reads everything, *quell config dump* prints what holds.

{chr(10).join(out)}
# SEE ALSO

*quell*(8)
"""


def formats(_):
    rows = "\n".join(f"*quell.{name}/1*\n\t{text[0].upper()}{text[1:]}. Schema: schema/quell.{name}-1.schema.json.\n"
                     for name, text in SCHEMAS.items())
    return f"""quell-json(5)

# NAME

quell-json - what quell prints for programs

# DESCRIPTION

*-o json* prints one document that names its schema. *-o jsonl* prints the rows of its list, one object a line, each with the
schema's name. *-o tsv* prints the same rows with a line of column names first; tab, newline, carriage return and backslash are
written as \\\\t \\\\n \\\\r \\\\\\\\ and a cell that starts with = + - or @ gets a leading quote. *-o html* prints one file without
script or network. Times are ISO 8601 in UTC. Bytes that are no UTF-8 appear as the text \\\\xHH. Fields and columns may be added
at the end within a version, never removed or changed. The same input gives the same bytes.

# DOCUMENTS

{rows}
# SEE ALSO

*quell*(8)
"""


def words(rows):
    return " ".join(name for _, name, _, _ in rows if name)


def operand_words(name, operands, tables):
    """What may be typed as it stands in the usage line: "[list|count|show ID]"."""
    return list(tables.commands) if name == "help" else re.findall(r"(?<!-)\b[a-z]+\b", operands)


def choices(text):
    """The values that a help text lists: "auto, always or never"."""
    found = re.match(r"((?:\w+, )+\w+) or (\w+)(?: \(|:|$)", text)
    return [*found[1].split(", "), found[2]] if found else []


def bash_values(tables):
    """Cases of "COMMAND OPTION" for options whose values are listed."""
    for command, rows in {"": tables.globals, **{name: rows for name, (_, _, rows) in tables.commands.items()}}.items():
        for letter, name, _, text in rows:
            if choices(text):
                patterns = "|".join(f"'{command} {flag}'" for flag in (letter, name) if flag)
                yield f"\t{patterns}) words='{' '.join(choices(text))}' ;;"


def bash(tables):
    cases = "\n".join(f"\t{name}) words='{' '.join([words(rows), *operand_words(name, operands, tables)]).strip()}' ;;"
                      for name, (operands, _, rows) in tables.commands.items())
    return f"""# SPDX-License-Identifier: Apache-2.0
# bash completion for quell; made by tools/docs.py from the program's own tables.
_quell() {{
	local current=${{COMP_WORDS[COMP_CWORD]}} word command= words
	for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
		case $word in
		{'|'.join(tables.commands)}) command=$word; break ;;
		esac
	done
	case $command in
	'') words='{words(tables.globals)} {' '.join(tables.commands)}' ;;
{cases}
	esac
	case "$command ${{COMP_WORDS[COMP_CWORD-1]}}" in
{chr(10).join(bash_values(tables))}
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _quell quell
"""


def zsh_quote(text):
    return re.sub(r"([\[\]:])", r"\\\1", text).replace("'", "'\\''")


def zsh_options(rows):
    for letter, name, value, text in rows:
        for flag in filter(None, (name, letter)):
            listed = f"({' '.join(choices(text))})" if choices(text) else "_files"
            yield f"'*{flag}[{zsh_quote(text)}]{f':{value.lower()}:{listed}' if value else ''}'"


def zsh_operands(name, operands, tables):
    listed = operand_words(name, operands, tables)
    return (f"'1: :({' '.join(listed)})' " if listed else "") + "'*: :_files'"


def zsh(tables):
    cases = "\n".join(f"\t\t{name}) _arguments {' '.join(zsh_options(rows))} {zsh_operands(name, operands, tables)} ;;"
                      for name, (operands, _, rows) in tables.commands.items())
    listed = " ".join(f"'{name}:{zsh_quote(summary)}'" for name, (_, summary, _) in tables.commands.items())
    return f"""#compdef quell
# SPDX-License-Identifier: Apache-2.0
# zsh completion for quell; made by tools/docs.py from the program's own tables.
_quell() {{
	local context state line
	_arguments -C {' '.join(zsh_options(tables.globals))} '1: :->command' '*:: :->rest'
	case $state in
	command) local -a commands=({listed}); _describe command commands ;;
	rest)
		case $line[1] in
{cases}
		esac ;;
	esac
}}
_quell "$@"
"""


def readme(tables):
    """README.md with its example as the program prints it now."""
    scan = run(tables.quell, "scan", root=TOP / "samples/host")
    shown = "".join(f"    {line}" if line.strip() else line for line in scan.splitlines(True)).rstrip("\n")
    return re.sub(r"(?<=    \$ \./run\n).*?(?=\n\n\S)", lambda _: shown, (TOP / "README.md").read_text(), count=1, flags=re.S)


FILES = {"README.md": readme, "doc/quell.8.scd": man, "doc/quell.conf.5.scd": settings, "doc/quell-json.5.scd": formats, "completions/quell.bash": bash,
         "completions/_quell": zsh}


def main():
    tables, stale = Tables(sys.argv[1]), []
    for name, make in FILES.items():
        path, text = TOP / name, make(tables)
        if "--check" in sys.argv:
            if not path.exists() or path.read_text() != text:
                stale.append(name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    if stale:
        print(f"stale: {' '.join(stale)}; make them anew with tools/docs.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
