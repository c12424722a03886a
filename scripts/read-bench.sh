#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs read-bench with a throwaway file and a throwaway Postgres server:
#   [DIR=folder] scripts/read-bench.sh compare --data FOLDER
#   [DIR=folder] [FILL=command] [MEASURE=command] scripts/read-bench.sh measure [--rooms N] [--messages N] [--pages N]
# DIR is where both put their data (5 million messages are 3 GB); what is made there is deleted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || { sed -n '4,8p' "$0" >&2; exit 2; }
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
[ -n "$programs" ] || programs=$(dirname "$(command -v initdb || { echo "run: make setup" >&2; exit 1; })")
swift build -c release --product read-bench
bin=$(swift build -c release --show-bin-path)
work=$(mktemp -d "${DIR:-/tmp}/chat-read-XXXXXX")
# The socket's path must be short, wherever the data is.
socket=$(mktemp -d /tmp/chat-socket-XXXXXX)
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    # A server does not run as root.
    chown postgres "$work" "$socket"
    chmod 755 "$work"
    as() { runuser -u postgres -- "$@"; }
fi
finish() {
    as "$programs/pg_ctl" -D "$work/postgres" -s -m immediate stop 2>/dev/null || true
    rm -rf "$work" "$socket"
}
trap finish EXIT
as "$programs/initdb" -D "$work/postgres" -U chat -A trust -E UTF8 --no-locale --no-sync >"$work/initdb.log"
as "$programs/pg_ctl" -D "$work/postgres" -w -s -l "$work/postgres/server.log" \
    -o "-c listen_addresses='' -c unix_socket_directories=$socket -c max_wal_size=4GB" start
stores=(--sqlite "$work/chat.sqlite" --postgres "host=$socket user=chat dbname=postgres")
if [ "$1" = measure ]; then ${FILL:-} "$bin/read-bench" fill "${@:2}" "${stores[@]}"; fi
# FILL and MEASURE: commands that start these two, for example one that waits until the machine is quiet.
${MEASURE:-} "$bin/read-bench" "$@" "${stores[@]}"
