#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Kills the server with SIGKILL again and again while a replay runs, and lets the replay compare at the end: what
# was acknowledged is there, once, in order.
#   scripts/crash-test.sh [debug|release]      KILLS=5   DATA=folder of IRC logs (else made here)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
configuration=${1:-debug}
kills=${KILLS:-5}

swift build --configuration "$configuration" --product chat-server
swift build --configuration "$configuration" --product chat-cli
bin=$(swift build --configuration "$configuration" --show-bin-path)
work=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ]; then kill -9 "$server" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT

data=${DATA:-$work/logs}
if [ ! -d "$data" ]; then
    mkdir -p "$data"
    python3 - "$data" <<'PYTHON'
import random, sys
source = random.Random(7)
words = "[hi] {there} ünïcödé 🙂 /join a:b \\n tabs\there \"quoted\" back\\slash 日本語 x".split(" ")
for day in range(12):
    with open(f"{sys.argv[1]}/2026-01-{day + 1:02d}-a.txt", "w", encoding="utf-8") as file:
        for line in range(1500):
            text = " ".join(source.choice(words) for _ in range(source.randint(1, 20)))
            file.write(f"[{line // 60 % 24:02d}:{line % 60:02d}] <nick{source.randint(0, 39)}> {text} {line}\n")
PYTHON
fi

start() {
    "$bin/chat-server" --ws-port "$1" --tcp-port "$2" --store "sqlite:$work/chat.sqlite" --limits off \
        --log-level error >"$work/out" &
    server=$!
    for _ in $(seq 200); do
        if grep -q '^Endpoint: *tcp' "$work/out"; then return; fi
        kill -0 "$server" 2>/dev/null || { echo "crash-test: the server did not start" >&2; exit 1; }
        sleep 0.05
    done
    echo "crash-test: the server did not get ready" >&2
    exit 1
}
port() { sed -nE "s|^Endpoint: *$1://.*:([0-9]+).*|\\1|p" "$work/out"; }
# How many bytes the log holds: the sign that the replay has made progress since the last kill.
stored() { cat "$work"/chat.sqlite* 2>/dev/null | wc -c; }

start 0 0
ws=$(port ws)
tcp=$(port tcp)
"$bin/chat-cli" replay --data "$data" --days 12 --window 4 --tcp-port "$tcp" --ws-port "$ws" \
    --resume-log "$work/resume" >"$work/replay" 2>&1 &
replay=$!
done_kills=0
for kill in $(seq "$kills"); do
    before=$(stored)
    for _ in $(seq 400); do
        if [ "$(stored)" -gt $((before + 100000)) ]; then break; fi
        kill -0 "$replay" 2>/dev/null || break
        sleep 0.01
    done
    kill -0 "$replay" 2>/dev/null || break
    kill -9 "$server"
    wait "$server" 2>/dev/null || true
    start "$ws" "$tcp"
    done_kills=$kill
    echo "killed and restarted: $kill"
done
rc=0
wait "$replay" || rc=$?
tail -n 1 "$work/replay"
if [ "$done_kills" -lt 2 ]; then
    echo "crash-test: the replay was over before the server could be killed twice" >&2
    exit 1
fi
exit "$rc"
