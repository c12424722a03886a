#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Memory and CPU of many connections, many rooms and one large room, against a chat-server of its own each time.
#   scripts/scale.sh [idle] [rooms] [members] [fanout]      all of them without a name
# idle:    CONNS connections, TCP and WebSocket, bare and signed in: memory each, CPU per connect.
# rooms:   ROOMS rooms are made and posted to, then nobody is there: what stays in memory (SQLite, so that it is
#          the engine's memory and not the store's).
# members: a room of MEMBERS: its memory, a join, a page of members, presence, a message.
# fanout:  CPU per delivery with 100, 1000 and MEMBERS members, 100 messages in flight.
#   CONNS=19000  ROOMS=100000  MEMBERS=10000  SERVER_CPU=1  LOAD_CPU=0  HOLD=2  CHAT_LOAD=path (built if not set)
# Each connection takes a descriptor of the server and one of chat-load.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

conns=${CONNS:-19000}
rooms=${ROOMS:-100000}
members=${MEMBERS:-10000}
server_cpu=${SERVER_CPU:-1}
load_cpu=${LOAD_CPU:-0}
shapes=("$@")
if [ "${#shapes[@]}" -eq 0 ]; then shapes=(idle rooms members fanout); fi

ulimit -n "$(ulimit -Hn)"
needed=$((conns > members ? conns : members))
if [ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -lt $((needed + 400)) ]; then
    echo "scale: $(ulimit -n) descriptors are too few for $needed connections: set CONNS and MEMBERS" >&2
    exit 2
fi

swift build -c release --product chat-server
bin=$(swift build -c release --show-bin-path)
load=${CHAT_LOAD:-}
if [ -z "$load" ]; then
    swift build -c release --product chat-load
    load=$bin/chat-load
fi
work=$(mktemp -d)
server=
background=
stop() {
    for process in $background $server; do
        kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true
    done
    server= background=
}
trap 'stop; rm -rf "$work"' EXIT

pinned() {
    local cpu=$1
    shift
    if command -v taskset >/dev/null 2>&1; then exec taskset -c "$cpu" "$@"; else exec "$@"; fi
}

# start STORE: a server; sets $server, $ws, $tcp.
start() {
    : >"$work/server"
    pinned "$server_cpu" "$bin/chat-server" --ws-port 0 --tcp-port 0 --store "$1" --limits off --reactors 1 \
        --log-level error >"$work/server" &
    server=$!
    for _ in $(seq 100); do
        if grep -q '^Endpoint: *tcp' "$work/server"; then break; fi
        kill -0 "$server" || { echo "scale: the server did not start" >&2; exit 1; }
        sleep 0.1
    done
    ws=$(sed -nE 's|^Endpoint: *ws://.*:([0-9]+)/ws.*|\1|p' "$work/server")
    tcp=$(sed -nE 's|^Endpoint: *tcp://.*:([0-9]+).*|\1|p' "$work/server")
}

run() { (pinned "$load_cpu" "$load" "$@" --pid "$server" --json) | tail -n 1; }
number() { sed -nE "s/.*\"$1\": *(-?[0-9.]+).*/\\1/p"; }

check() {
    if [[ $1 != *'"ok":true'* && $1 != *'"ok": true'* ]]; then
        echo "scale: the run failed: $1" >&2
        exit 1
    fi
}

idle() {
    printf '%-24s %12s %16s %16s\n' "$conns idle" bytes_each us_per_connect rss_KiB
    local name options line
    for name in "tcp bare" "websocket bare" "tcp signed_in" "websocket signed_in" "websocket sqlite"; do
        # With SQLite, what the memory store holds of users and rooms is not in the figure.
        if [[ $name == *sqlite ]]; then start "sqlite:$work/idle.sqlite"; else start memory; fi
        options=(--port "$ws")
        if [[ $name == tcp* ]]; then options=(--tcp --port "$tcp"); fi
        if [[ $name == *bare ]]; then options+=(--bare); fi
        line=$(run idle --conns "$conns" --hold "${HOLD:-2}" --sources 4 "${options[@]}")
        check "$line"
        printf '%-24s %12s %16s %16s\n' "$name" "$(number rss_bytes_per_conn <<<"$line")" \
            "$(number cpu_us_per_unit <<<"$line")" "$(number rss_kb <<<"$line")"
        stop
    done
}

many_rooms() {
    echo "$rooms rooms, each posted to once, nobody there afterwards"
    start "sqlite:$work/rooms.sqlite"
    (pinned "$load_cpu" python3 scripts/scale-probe.py rooms "$tcp" "$server" "$rooms")
    stop
}

large_room() {
    echo "one room of $members"
    start memory
    local before after
    before=$(awk '/^VmRSS/ { print $2 }' "/proc/$server/status")
    (pinned "$load_cpu" "$load" idle --tcp --port "$tcp" --conns "$members" --hold 600) >/dev/null 2>&1 &
    background=$!
    local count=0
    for _ in $(seq 600); do
        count=$(find "/proc/$server/fd" -type l 2>/dev/null | wc -l)
        if [ "$count" -ge "$members" ]; then break; fi
        sleep 0.1
    done
    sleep 3
    after=$(awk '/^VmRSS/ { print $2 }' "/proc/$server/status")
    echo "  bytes per member and connection: $(((after - before) * 1024 / members))"
    (pinned "$load_cpu" python3 scripts/scale-probe.py members "$tcp" "$server" general)
    stop
}

fan_out() {
    printf '%-24s %16s %16s\n' "100 in flight" us_per_delivery p99_us
    local size line
    for size in 100 1000 "$members"; do
        start memory
        line=$(run fanout --port "$ws" --conns "$size" --senders 10 --window 10 --duration 4 --spin)
        check "$line"
        printf '%-24s %16s %16s\n' "$size members" "$(number cpu_us_per_unit <<<"$line")" \
            "$(number p99 <<<"$line")"
        stop
    done
}

for shape in "${shapes[@]}"; do
    case $shape in
    idle) idle ;;
    rooms) many_rooms ;;
    members) large_room ;;
    fanout) fan_out ;;
    *) echo "scale: no such shape: $shape (idle, rooms, members, fanout)" >&2; exit 2 ;;
    esac
done
