#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Kills something again and again, at random moments of a replay, and lets the replay compare at the end: what was
# acknowledged is there, once, in order, and no log has a hole.
#   scripts/crash-test.sh [debug|release]
#     STORE=sqlite     (default) kills the server with SIGKILL; its file is checked as well
#     STORE=postgres   stops a throwaway Postgres as a crash does, under a server that goes on
#     KILLS=5          how often
#     DATA=folder      of IRC logs (else made here)
#     SEED=number      of the random moments
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
configuration=${1:-debug}
kills=${KILLS:-5}
kind=${STORE:-sqlite}
SEED=${SEED:-$(date +%s)}
RANDOM=$((SEED % 32768))

fail() {
    echo "crash-test: $1 (SEED=$SEED)" >&2
    exit 1
}

swift build --configuration "$configuration" --product chat-server
swift build --configuration "$configuration" --product chat-cli
bin=$(swift build --configuration "$configuration" --show-bin-path)
work=$(mktemp -d)
server=
replay=
finish() {
    for process in $replay $server; do
        kill -9 "$process" 2>/dev/null && wait "$process" 2>/dev/null || true
    done
    if [ -d "$work/postgres/data" ]; then postgres pg_ctl -m immediate stop >/dev/null 2>&1 || true; fi
    rm -rf "$work"
}
trap finish EXIT

data=${DATA:-$work/logs}
days=$((12 + kills / 2))
if [ ! -d "$data" ]; then
    mkdir -p "$data"
    python3 - "$data" "$days" <<'PYTHON'
import datetime, random, sys
source = random.Random(7)
words = "[hi] {there} ünïcödé 🙂 /join a:b \\n tabs\there \"quoted\" back\\slash 日本語 x".split(" ")
for day in range(int(sys.argv[2])):
    date = datetime.date(2026, 1, 1) + datetime.timedelta(days=day)
    with open(f"{sys.argv[1]}/{date}-a.txt", "w", encoding="utf-8") as file:
        for line in range(1500):
            text = " ".join(source.choice(words) for _ in range(source.randint(1, 20)))
            file.write(f"[{line // 60 % 24:02d}:{line % 60:02d}] <nick{source.randint(0, 39)}> {text} {line}\n")
PYTHON
fi

# postgres PROGRAM ARGUMENTS...: runs a program of the newest Postgres on the cluster, not as root.
postgres() {
    local program=$1 path
    shift
    path=$(find /usr/lib/postgresql/*/bin/"$program" 2>/dev/null | sort -V | tail -n 1)
    path=${path:-$(command -v "$program")} || fail "$program is missing: run scripts/setup.sh test"
    local words=(env "PGDATA=$work/postgres/data" "PGHOST=$work/postgres" PGUSER=chat "$path" "$@")
    if [ "$(id -u)" = 0 ]; then words=(runuser -u postgres -- "${words[@]}"); fi
    (cd / && "${words[@]}")
}
start_postgres() {
    postgres pg_ctl -w -s -l "$work/postgres/log" -o "-c listen_addresses= -c unix_socket_directories=$work/postgres" start
}

start_server() {
    "$bin/chat-server" --ws-port "$1" --tcp-port "$2" --store "$store" --limits off \
        --log-level error >"$work/out" &
    server=$!
    for _ in $(seq 1000); do
        if grep -q '^Endpoint: *tcp' "$work/out"; then return; fi
        kill -0 "$server" 2>/dev/null || fail "the server did not start"
        sleep 0.01
    done
    fail "the server did not get ready"
}
port() { sed -nE "s|^Endpoint: *$1://.*:([0-9]+).*|\\1|p" "$work/out"; }

crash() {
    case $kind in
    sqlite)
        kill -9 "$server"
        wait "$server" 2>/dev/null || true
        start_server "$ws" "$tcp"
        ;;
    postgres)
        postgres pg_ctl -w -s -m immediate stop
        kill -0 "$server" 2>/dev/null || fail "the server did not survive"
        start_postgres
        ;;
    esac
}

# How many bytes of acknowledgements the replay has noted.
noted() { stat -c %s "$work/resume" 2>/dev/null || stat -f %z "$work/resume" 2>/dev/null || echo 0; }

# wait_for_progress BYTES: until so much more is acknowledged; fails when the replay is over.
wait_for_progress() {
    local goal=$(($(noted) + $1))
    for _ in $(seq 6000); do
        if [ "$(noted)" -ge "$goal" ]; then return 0; fi
        kill -0 "$replay" 2>/dev/null || return 1
        sleep 0.01
    done
    fail "the replay does not get on"
}

# What the replay does not see: holes in a log, a damaged file.
check() {
    local holes="SELECT count(*) FROM (SELECT count(*) AS events, max(seq) AS head, min(seq) AS first
        FROM %sevents GROUP BY room) AS logs WHERE events <> head OR first <> 1"
    local found
    case $kind in
    sqlite)
        found=$(python3 - "$work/chat.sqlite" "$(printf "$holes" "")" <<'PYTHON'
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
print(database.execute("PRAGMA integrity_check").fetchone()[0], database.execute(sys.argv[2]).fetchone()[0])
PYTHON
        )
        [ "$found" = "ok 0" ] || fail "the file: $found"
        ;;
    postgres)
        found=$(postgres psql -X -q -A -t -d postgres -c "$(printf "$holes" chat.)")
        [ "$found" = 0 ] || fail "$found logs have holes"
        ;;
    esac
}

case $kind in
sqlite) store=sqlite:$work/chat.sqlite ;;
postgres)
    mkdir "$work/postgres"
    chmod 711 "$work"
    if [ "$(id -u)" = 0 ]; then chown postgres "$work/postgres"; fi
    postgres initdb -U chat -A trust -E UTF8 --no-locale --no-sync >/dev/null
    start_postgres
    store="postgres:///postgres?host=$work/postgres&user=chat"
    ;;
*) fail "STORE is sqlite or postgres" ;;
esac
start_server 0 0
ws=$(port ws)
tcp=$(port tcp)
: >"$work/resume"
"$bin/chat-cli" replay --data "$data" --days "$days" --window 4 --tcp-port "$tcp" --ws-port "$ws" \
    --resume-log "$work/resume" >"$work/replay" 2>&1 &
replay=$!
done_kills=0
for kill in $(seq "$kills"); do
    # A line is about 30 bytes; then up to 30 ms more, for moments between two answers.
    wait_for_progress $((500 + RANDOM % 6000)) || break
    sleep "0.0$((RANDOM % 3))$((RANDOM % 10))"
    crash
    done_kills=$kill
done
rc=0
wait "$replay" || rc=$?
replay=
tail -n 1 "$work/replay"
if [ "$rc" != 0 ]; then
    head -n 5 "$work/replay" >&2
    fail "the replay found a fault after $done_kills kills"
fi
[ "$done_kills" = "$kills" ] || fail "the replay was over after $done_kills of $kills kills"
check
echo "crash-test: $done_kills times ($kind): every acknowledged message is there, once, without holes (SEED=$SEED)"
