#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs read-bench with a throwaway file and a throwaway Postgres server:
#   [DIR=folder] scripts/read-bench.sh compare --data FOLDER
#   [DIR=folder] [FILL=command] [MEASURE=command] scripts/read-bench.sh measure [--rooms N] [--messages N] [--pages N]
#   … scripts/read-bench.sh measure-search [--rooms N] [--messages N] [--searches N]
# DIR is where both put their data (5 million messages are 3 GB); what is made there is deleted. Before measuring all of
# it is read once, so that it is in the system's memory; with COLD=1 it is put out of it, and Postgres started again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || { sed -n '4,9p' "$0" >&2; exit 2; }
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
case $1 in
measure*)
    ${FILL:-} "$bin/read-bench" "fill${1#measure}" "${@:2}" "${stores[@]}"
    if [ -n "${COLD:-}" ]; then
        as "$programs/pg_ctl" -D "$work/postgres" -w -s -m fast -l "$work/postgres/server.log" restart
        find "$work" -type f -size +64k -exec dd of={} oflag=nocache conv=notrunc,fdatasync count=0 status=none \;
    else
        find "$work" -type f -exec cat {} + >/dev/null
    fi
    ;;
esac
# FILL and MEASURE: commands that start these two, for example one that waits until the machine is quiet.
${MEASURE:-} "$bin/read-bench" "$@" "${stores[@]}"
