# SPDX-License-Identifier: Apache-2.0
# Sourced by run and test: installs Debian packages that are missing, and keeps build folders below build/.

top=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/..
top=$(realpath "$top")

build_packages=(gcc libc6-dev linux-libc-dev meson ninja-build pkgconf python3
	zlib1g-dev libzstd-dev liblzma-dev libbz2-dev libseccomp-dev libjansson-dev libpcre2-dev)
desk_packages=(libgmime-3.0-dev libsqlite3-dev libpq-dev libcurl4-gnutls-dev libc-ares-dev)
test_packages=(libcmocka-dev clang libclang-rt-14-dev strace binutils python3-jsonschema
	acl attr e2fsprogs nftables postgresql openssh-server scdoc zsh valgrind)
# What the browser tests drive, PROGRAM=PACKAGE: a program from elsewhere will do as well.
browser_programs=(chromium=chromium node=nodejs npm=npm)

fail() {
	echo "$*" >&2
	exit 125
}

# with_policy COMMAND...: runs it while invoke-rc.d is told to start nothing.
with_policy() {
	local policy=/usr/sbin/policy-rc.d result=0
	[ -e "$policy" ] && { "$@"; return; }
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	trap "rm -f $policy" EXIT
	"$@" || result=$?
	rm -f "$policy"
	trap - EXIT
	return $result
}

apt_install() {
	export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
	local install=(apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300)
	"${install[@]}" "$@" || { apt-get update -q && "${install[@]}" "$@"; }
}

# need PACKAGE...: installs those that are missing.
need() {
	local missing=() package
	local installed
	installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null)
	for package; do
		grep -qx "ii  *$package" <<<"$installed" || missing+=("$package")
	done
	[ ${#missing[@]} = 0 ] && return
	[ "$(id -u)" = 0 ] || fail "missing packages (install them, or run this once as root): ${missing[*]}"
	echo "installing ${missing[*]}" >&2
	with_policy apt_install "${missing[@]}" </dev/null >&2 || fail "cannot install: ${missing[*]}"
}

# want PROGRAM=PACKAGE...: installs packages whose program is not there; the tests that need them are skipped when that fails.
want() {
	local missing=() pair
	for pair; do
		command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
	done
	[ ${#missing[@]} = 0 ] || [ "$(id -u)" != 0 ] || (need "${missing[@]}") || echo "not installed: ${missing[*]}" >&2
}

# configure FOLDER OPTION...: sets up build/FOLDER, or gives it the options that it lacks.
configure() {
	local folder=$top/build/$1 option lacking=() verb=(meson setup)
	shift
	for option; do
		grep -qxFe "$option" "$folder/options" 2>/dev/null || lacking+=("$option")
	done
	[ ${#lacking[@]} = 0 ] && return
	[ -e "$folder/options" ] && verb+=(--reconfigure)
	mkdir -p "$folder"
	(cd "$top" && "${verb[@]}" "${folder#"$top/"}" "${lacking[@]}") >"$folder/configure.log" 2>&1 ||
		{ cat "$folder/configure.log" >&2; fail "cannot configure $folder"; }
	printf '%s\n' "${lacking[@]}" >>"$folder/options"
}

# build FOLDER [TARGET...]: rebuilds what changed; silent when nothing did.
build() {
	local folder=$top/build/$1
	shift
	ninja --quiet -C "$folder" "$@" | grep -vx 'ninja: no work to do.' >&2
	[ "${PIPESTATUS[0]}" = 0 ] || fail "cannot build $folder"
}
