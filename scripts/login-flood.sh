#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What a flood of logins does to a room that chats: `make login-flood`.
#
# A room of MEMBERS posts RATE messages a second (open loop: latency counts from when a message was due) for SECONDS,
# without anything else, beside a program that only counts (it takes a core and never touches the server: what the
# machine makes of a busy core), and beside PARALLEL logins that are in flight all the time, each with a right password;
# ROUNDS times in turn, one server for all. In the end BURST logins come at once. Fails if a login gets no answer, a
# message is missing, or the median of the rounds' p99 is above MOST times what it is without and beside the counter.
#
# With PRELOAD (by default jemalloc, if it is installed) the server allocates with that library: glibc grows the memory of
# a thread page by page, and each of these calls waits for the 19 MiB that a hash has the kernel fill (docs/performance.md).
# PRELOAD= is glibc's own.
#   ROUNDS=5 SECONDS_EACH=6 PARALLEL=200 RATE=1000 MEMBERS=10 BURST=1000 MOST=2 SERVER_OPTIONS=
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-6} parallel=${PARALLEL:-200} rate=${RATE:-1000} members=${MEMBERS:-10}
burst=${BURST:-1000} most=${MOST:-2}
if [ -z "${BIN:-}" ]; then
    swift build -c release --product chat-server
    swift build -c release --product chat-load
    BIN=$(swift build -c release --show-bin-path)
fi

preload=${PRELOAD-$(ldconfig -p | sed -nE 's|.* => (.*/libjemalloc\.so\.2)$|\1|p' | head -n 1)}

work=$(mktemp -d)
server=
counter=
trap 'if [ -n "$counter" ]; then kill "$counter" 2>/dev/null || true; fi
if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
# shellcheck disable=SC2086
LD_PRELOAD=$preload "$BIN/chat-server" --store memory --auth both --limits off --ws-port 0 --tcp-port 0 --log-level error \
    ${SERVER_OPTIONS:-} >"$work/server" &
server=$!
until grep -q '^Endpoint: *tcp:' "$work/server"; do
    kill -0 "$server" || exit 1
    sleep 0.1
done
tcp=$(sed -nE 's|^Endpoint: *tcp://[^:]*:([0-9]+).*|\1|p' "$work/server")
peak() { sed -nE 's/^VmHWM:[[:space:]]*([0-9]+) kB/\1/p' "/proc/$server/status"; }
field() { python3 -c 'import json, sys
value = json.load(open(sys.argv[1]))
for key in sys.argv[2].split("."): value = value[key]
print(value)' "$1" "$2"; }
# chat NAME: the room for a round.
chat() {
    "$BIN/chat-load" fanout --tcp --port "$tcp" --conns "$members" --senders "$members" --rate "$rate" --warmup 1 \
        --duration "$seconds" --users "$1" --room "$1" --json >"$work/chat" || { cat "$work/chat" >&2; exit 1; }
}

python3 scripts/login-flood.py register "$tcp" "$parallel" >/dev/null
chat warm
echo "allocator: ${preload:-of the C library}"
echo "memory before: $(($(peak) / 1024)) MiB at most"
for ((round = 1; round <= rounds; round++)); do
    chat "quiet$round"
    without=$(field "$work/chat" lat_us.p99)
    # With the niceness of the threads that hash.
    nice -n 10 bash -c 'while :; do :; done' &
    counter=$!
    chat "counter$round"
    counting=$(field "$work/chat" lat_us.p99)
    kill "$counter"
    wait "$counter" 2>/dev/null || true
    counter=
    python3 scripts/login-flood.py flood "$tcp" "$parallel" "$parallel" "$((seconds + 2))" >"$work/flood" &
    flood=$!
    sleep 0.5
    chat "beside$round"
    beside=$(field "$work/chat" lat_us.p99)
    wait "$flood" || { echo "login-flood: some logins were not answered: $(cat "$work/flood")" >&2; exit 1; }
    echo "$without $counting $beside" >>"$work/ratios"
    echo "round $round: chat p99 $without us without, $counting us beside a counter, $beside us beside logins; $(cat "$work/flood")"
done
python3 scripts/login-flood.py flood "$tcp" "$parallel" "$burst" 0 >"$work/burst" \
    || { echo "login-flood: some logins were not answered: $(cat "$work/burst")" >&2; exit 1; }
echo "$burst at once: $(cat "$work/burst")"
echo "memory at the end: $(($(peak) / 1024)) MiB at most"
python3 - "$work/ratios" "$most" <<'PYTHON'
import statistics, sys
rounds = [tuple(map(float, line.split())) for line in open(sys.argv[1])]
without, counting, beside = (statistics.median(column) for column in zip(*rounds))
print("medians: chat p99 %.0f us without, %.0f us beside a counter, %.0f us beside logins; %.2f and %.2f times"
      % (without, counting, beside, beside / without, beside / counting))
sys.exit(0 if beside <= float(sys.argv[2]) * max(without, counting) else 1)
PYTHON
