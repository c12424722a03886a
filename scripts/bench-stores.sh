#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# How fast messages become durable, beside the least that the database needs for them: docs/performance.md,
# "Durable appends". SQLite with synchronous=FULL and a throwaway Postgres that syncs, both on the package's disk.
#   scripts/bench-stores.sh [sqlite] [postgres]      [appends] [server]
#   ROUNDS=5 SECONDS_EACH=0.5 BATCHES=1,10,100,1000
# `appends`: the store's calls, and a bare loop. `server`: 64 senders through chat-server, from sending to the
# acknowledgement, and the bare loop with batches of 64, the largest that so many senders can fill.
# Medians of the rounds, with the lowest and the highest ratio, go to test-output/bench-stores.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
results_name=bench-stores
SECONDS_EACH=${SECONDS_EACH:-0.5}
# shellcheck source=scripts/bench-lib.sh
source scripts/bench-lib.sh
batches=${BATCHES:-1,10,100,1000}
engines=() parts=()
for word in "$@"; do
    case $word in
    sqlite | postgres) engines+=("$word") ;;
    appends | server) parts+=("$word") ;;
    *) fail "unknown: $word" ;;
    esac
done
if [ ${#engines[@]} = 0 ]; then engines=(sqlite postgres); fi
if [ ${#parts[@]} = 0 ]; then parts=(appends server); fi

prepare store-bench chat-server chat-load
: >"$work/lines"
cluster=
postgres() {
    local program=$1 path
    shift
    path=$(find /usr/lib/postgresql/*/bin/"$program" 2>/dev/null | sort -V | tail -n 1)
    path=${path:-$(command -v "$program")} || fail "$program is missing: run scripts/setup.sh test"
    local words=(env "PGDATA=$cluster/data" "$path" "$@")
    if [ "$(id -u)" = 0 ]; then words=(runuser -u postgres -- "${words[@]}"); fi
    (cd / && "${words[@]}")
}
finish() {
    stop
    if [ -n "$cluster" ]; then
        postgres pg_ctl -s -m immediate stop || true
        rm -rf "$cluster" "$socket"
    fi
    rm -rf "$work"
}
trap finish EXIT

start_postgres() {
    cluster=$PWD/$work/postgres
    # A socket's path may have a hundred bytes at most.
    socket=$(mktemp -d)
    mkdir "$cluster"
    if [ "$(id -u)" = 0 ]; then chown postgres "$cluster" "$socket"; fi
    chmod 711 "$work"
    postgres initdb -U chat -A trust -E UTF8 --no-locale >/dev/null
    # No checkpoint within a round: it would hit one side.
    postgres pg_ctl -w -s -l "$cluster/log" \
        -o "-c listen_addresses= -c unix_socket_directories=$socket -c max_wal_size=8GB -c checkpoint_timeout=1h -c shared_buffers=256MB" start
}

# bench ENGINE BATCHES
bench() {
    local where=(--directory "$work")
    if [ "$1" = postgres ]; then where=(--postgres "host=$socket user=chat dbname=postgres"); fi
    "$bin/store-bench" "${where[@]}" --batches "$2" --seconds "$SECONDS_EACH"
}

# row LABEL FLOOR OURS
row() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$work/lines"; }

appends() {
    bench "$1" "$batches" >"$work/appends"
    while read -r line; do
        echo "{\"round\":$round,\"appends\":$line}" >>"$results.jsonl"
        row "$1, batches of $(number batch)" "$(number bare_per_s)" "$(number store_per_s)"
        row "$1, batches of $(number batch), two appenders" "$(number bare_per_s)" "$(number pair_per_s)"
    done <"$work/appends"
}

server() {
    local floor
    line=$(bench "$1" 64)
    floor=$(number bare_per_s)
    echo "{\"round\":$round,\"appends\":$line}" >>"$results.jsonl"
    if [ "$1" = sqlite ]; then
        server_cpu=0-$(($(nproc) - 1)) start_ours sqlite
    else
        bench_schema_gone
        server_cpu=0-$(($(nproc) - 1)) start_ours "postgres:///postgres?host=$socket&user=chat"
    fi
    local before=0 after=0
    if [ "$1" = postgres ]; then before=$(commits); fi
    # Neither spinning nor bound to cores: there are two, and the database wants some of them as well.
    line=$("$loadgen" rooms --rooms 64 --members 1 --senders 1 --window 1 --port "$port" --pid "$process" \
        --warmup 0.7 --duration 2 --json --name "$1") || fail "the run failed: $line"
    echo "{\"round\":$round,\"server\":$line}" >>"$results.jsonl"
    # What SQLite commits nobody counts.
    if [ "$1" = postgres ]; then
        sleep 1
        after=$(commits)
        echo "postgres: $(number acks) acknowledged in $((after - before)) transactions, sign-in included" >&2
    fi
    stop
    row "$1, through the server, 64 senders" "$floor" "$(number deliveries_per_s)"
}
commits() { postgres psql -X -q -A -t -h "$socket" -U chat -d postgres -c "SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'"; }
bench_schema_gone() {
    postgres psql -X -q -h "$socket" -U chat -d postgres -c "SET client_min_messages = error; DROP SCHEMA IF EXISTS chat CASCADE" >/dev/null
}

for engine in "${engines[@]}"; do
    if [ "$engine" = postgres ]; then start_postgres; fi
done
for round in $(seq "$rounds"); do
    for part in "${parts[@]}"; do
        for engine in "${engines[@]}"; do "$part" "$engine"; done
    done
    echo "round $round of $rounds" >&2
done
python3 - "$work/lines" >"$results.md" <<'PYTHON'
import collections, statistics, sys
rows = collections.defaultdict(list)
for line in open(sys.argv[1]):
    label, floor, ours = line.rstrip("\n").split("\t")
    rows[label].append((float(floor), float(ours)))
print("| messages/s | bare loop | ours | ours / bare loop |\n| --- | --- | --- | --- |")
for label, pairs in rows.items():
    ratios = [ours / floor for floor, ours in pairs]
    floor, ours = (statistics.median(side) for side in zip(*pairs))
    print(f"| {label} | {floor:.0f} | {ours:.0f} | {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) |")
PYTHON
cat "$results.md"
