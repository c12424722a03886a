#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Puts other servers beside ours and the floor, under the same load: node's ws, Python's websockets, Redis, NATS, ngIRCd.
#   scripts/bench-peers.sh [shape ...]        shapes: W or W@N (messages in flight, connections), rooms
#
# Installs what is missing from Debian and PyPI where it may; what cannot be installed or does not bear the load is
# told and left out. Writes test-output/bench-peers.md and .jsonl. Settings: those of bench.sh, and
#   PEERS="node-ws python-websockets redis nats ngircd"  INSTALL=no to install nothing
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
results_name=bench-peers
# shellcheck source=scripts/bench-lib.sh
source scripts/bench-lib.sh

read -ra peers <<<"${PEERS:-node-ws python-websockets redis nats ngircd}"
shapes=("$@")
if [ "${#shapes[@]}" -eq 0 ]; then shapes=(1 100 rooms); fi
for shape in "${shapes[@]}"; do
    if ! [[ $shape =~ ^(rooms|[1-9][0-9]*(@[1-9][0-9]*)?)$ ]]; then
        echo "bench-peers: no such shape: $shape (W, W@N, rooms)" >&2
        exit 2
    fi
done
export NODE_PATH=${NODE_PATH:-/usr/share/nodejs}
python=.build/peers/bin/python

is_there() {
    case $1 in
    node-ws) node -e 'require("ws")' ;;
    python-websockets) "$python" -c 'import websockets.asyncio.server' ;;
    redis) command -v redis-server ;;
    nats) command -v nats-server ;;
    ngircd) PATH=$PATH:/usr/sbin command -v ngircd ;;
    *) return 1 ;;
    esac >/dev/null 2>&1
}

apt_install() {
    local as=(env DEBIAN_FRONTEND=noninteractive)
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" != 0 ]; then as=(sudo -n "${as[@]}"); fi
    "${as[@]}" apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$1"
}

install_peer() {
    case $1 in
    node-ws) apt_install node-ws ;;
    python-websockets)
        mkdir -p .build && python3 -m venv .build/peers && "$python" -m pip install --quiet websockets
        ;;
    redis) apt_install redis-server ;;
    nats) apt_install nats-server ;;
    ngircd) apt_install ngircd ;;
    *) return 1 ;;
    esac >"$work/install" 2>&1
}

# start_peer PEER: as $process on $port; what chat-load has to speak is in $speaks.
start_peer() {
    port=$(free_port)
    case $1 in
    node-ws)
        speaks=raw
        start node scripts/peers/node-ws.js "$port"
        ;;
    python-websockets)
        speaks=raw
        start "$python" scripts/peers/python-websockets.py "$port"
        ;;
    redis)
        speaks=redis
        start redis-server --bind 127.0.0.1 --port "$port" --save "" --appendonly no --maxclients 15000 \
            --client-output-buffer-limit "pubsub 0 0 0"
        ;;
    nats)
        speaks=nats
        start nats-server --addr 127.0.0.1 --port "$port"
        ;;
    ngircd)
        speaks=irc
        printf '%s\n' '[Global]' 'Name = bench.invalid' 'Info = bench' 'Listen = 127.0.0.1' "Ports = $port" \
            '[Limits]' 'MaxConnections = 0' 'MaxConnectionsIP = 0' 'MaxJoins = 0' 'MaxNickLength = 20' \
            'MaxPenaltyTime = 0' 'PingTimeout = 600' '[Options]' 'DNS = no' 'Ident = no' 'PAM = no' \
            >"$work/ngircd.conf"
        PATH=$PATH:/usr/sbin start ngircd --nodaemon --config "$PWD/$work/ngircd.conf"
        ;;
    esac
    wait_for_port
}

# note_run NAME: the last report as NAME's, beside the floor of the same round.
note_run() {
    note "$1, $label|us CPU per delivery" server "$(number cpu_us_per_unit)"
    note "$1, $label|us CPU per delivery" floor "$floor_cpu"
    note "$1, $label|p99 ms" server "$(number p99)" 0.001
    note "$1, $label|p99 ms" floor "$floor_p99" 0.001
}

one_round() {
    local peer
    start_floor
    load floor "${shape_options[@]}" --raw
    floor_cpu=$(number cpu_us_per_unit)
    floor_p99=$(number p99)
    stop
    start_ours
    load ours "${shape_options[@]}"
    note_run ours
    stop
    for peer in "${present[@]}"; do
        if start_peer "$peer" && measure "$peer" "${shape_options[@]}" --protocol "$speaks"; then
            note_run "$peer"
        else
            echo "bench-peers: $peer did not bear $shape: no figure" >&2
        fi
        stop
    done
}

raise_descriptors $((conns > rooms * 10 ? conns : rooms * 10))
prepare chat-server chat-load broadcast-floor
present=()
for peer in "${peers[@]}"; do
    if ! is_there "$peer" && [ "${INSTALL:-yes}" != no ]; then
        echo "bench-peers: installing $peer" >&2
        install_peer "$peer" || true
    fi
    if is_there "$peer"; then
        present+=("$peer")
    else
        echo "bench-peers: $peer cannot be had here, left out: $(tail -n 1 "$work/install" 2>/dev/null || true)" >&2
    fi
done

for shape in "${shapes[@]}"; do
    if [ "$shape" = rooms ]; then
        label="$rooms rooms of 10, 1 in flight each"
        shape_options=(rooms --rooms "$rooms" --members 10)
    else
        if [[ $shape != *@* ]]; then shape=$shape@$conns; fi
        label="${shape%@*} in flight, room of ${shape#*@}"
        in_flight "${shape%@*}" "${shape#*@}"
    fi
    for round in $(seq "$rounds"); do
        echo "bench-peers: $shape, round $round of $rounds" >&2
        one_round
    done
done
{
    describe_machine
    echo
    table floor server server/floor
} | tee "$results.md"
echo "every run: $results.jsonl"
