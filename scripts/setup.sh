#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Finds what is missing and installs it: scripts/setup.sh [build|test]
#
# Debian and Ubuntu: apt-get, as root or through `sudo -n`. macOS: brew. Anything else, or without the right
# to install: prints the one command to run and fails. Asks nothing; touches no network if nothing is missing.
set -euo pipefail

purpose=${1:-build}
apt=()
brew=()

has() { command -v "$1" >/dev/null 2>&1; }

# need APT-PACKAGE BREW-FORMULA COMMAND...: the package is missing if the command fails; "-" for no formula.
need() {
    local package=$1 formula=$2
    shift 2
    if "$@" >/dev/null 2>&1; then return; fi
    apt+=("$package")
    if [ "$formula" != - ]; then brew+=("$formula"); fi
}

# A C library: known to pkg-config, or its header is found by the compiler's usual folders.
library() {
    if has pkg-config && pkg-config --exists "$1"; then return 0; fi
    local folder
    for folder in /usr/include /usr/local/include /opt/homebrew/include; do
        if [ -e "$folder/$2" ]; then return 0; fi
    done
    [ "$(uname)" = Darwin ] && [ -e "$(xcrun --show-sdk-path)/usr/include/$2" ]
}

# Debian keeps the programs of a cluster out of PATH.
postgres_server() {
    has initdb && return 0
    local folder
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ]; then return 0; fi
    done
    return 1
}

check_swift() {
    local found
    if ! has swift; then
        echo "setup: Swift is missing: install 6.3 or newer, see https://www.swift.org/install" >&2
        exit 1
    fi
    found=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
    local major minor
    read -r major minor <<<"${found:-0 0}"
    if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 3 ]; }; then
        echo "setup: Swift 6.3 or newer is needed, this is ${found// /.}: see https://www.swift.org/install" >&2
        exit 1
    fi
}

install_with_apt() {
    local as=(env DEBIAN_FRONTEND=noninteractive)
    if [ "$(id -u)" != 0 ]; then
        if ! has sudo || ! sudo -n true 2>/dev/null; then
            give_up "sudo apt-get update && sudo apt-get install -y ${apt[*]}"
        fi
        as=(sudo -n env DEBIAN_FRONTEND=noninteractive)
    fi
    echo "setup: installing ${apt[*]}"
    if ! "${as[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null \
        || ! "${as[@]}" apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends \
            "${apt[@]}" >/dev/null; then
        give_up "apt-get update && apt-get install -y ${apt[*]}"
    fi
}

give_up() {
    echo "setup: missing: ${apt[*]}" >&2
    echo "setup: run this and try again:  $1" >&2
    exit 1
}

check_swift
need pkg-config pkgconf has pkg-config
need libsqlite3-dev sqlite library sqlite3 sqlite3.h
need zlib1g-dev zlib library zlib zlib.h
need libsodium-dev libsodium library libsodium sodium.h
need libpq-dev libpq library libpq libpq-fe.h
need libssl-dev openssl library openssl openssl/ssl.h
if [ "$purpose" = test ]; then
    need git git has git
    need netcat-openbsd netcat has nc
    need tmux tmux has tmux
    need procps - has pgrep
    need chromium chromium has chromium
    need chromium-driver chromedriver has chromedriver
    need valgrind - has valgrind
    need postgresql postgresql@17 postgres_server
    need python3-venv python3 python3 -c "import ensurepip, venv"
fi

if [ "${#apt[@]}" -eq 0 ]; then exit 0; fi
if has apt-get; then
    install_with_apt
elif has brew; then
    if [ "${#brew[@]}" -gt 0 ]; then
        brew install "${brew[@]}" || give_up "brew install ${brew[*]}"
    fi
else
    give_up "install with your package manager what Debian calls: ${apt[*]}"
fi
