#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Compares chat-server with a floor: the least work that a broadcast server can do.
#   FLOOR=path LOADGEN=path scripts/bench.sh [shape ...]      docs/performance.md says what they must be
#
# Shapes: 1, 30, 100, 1000 (messages in flight in one room of 1000) and rooms (500 rooms of 10, one in flight each).
# Each round runs the floor, then the server, so that both see the same machine; the medians of the rounds'
# ratios are printed. Prints one line per run to test-output/bench.jsonl as well.
#   ROUNDS=5  SECONDS_EACH=3  WARMUP=0.7  STORE=memory  REACTOR=epoll  FLOOR_SIZE=128  CONNS=1000  ROOMS=500  SERVER_CPU=1  LOADGEN_CPU=0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for name in FLOOR LOADGEN; do
    if [ ! -x "${!name:-}" ]; then
        echo "bench: $name must be the path of a program; docs/performance.md says which" >&2
        exit 2
    fi
done
rounds=${ROUNDS:-5}
duration=${SECONDS_EACH:-3}
warmup=${WARMUP:-0.7}
store=${STORE:-memory}
reactor=${REACTOR:-epoll}
conns=${CONNS:-1000}
# Our events are longer than the floor's frames; with FLOOR_SIZE=340 both write the same number of bytes.
floor_size=${FLOOR_SIZE:-128}
rooms=${ROOMS:-500}
server_cpu=${SERVER_CPU:-1}
loadgen_cpu=${LOADGEN_CPU:-0}
shapes=("$@")
if [ "${#shapes[@]}" -eq 0 ]; then shapes=(1 30 100 1000 rooms); fi

needed=$((conns > rooms * 10 ? conns : rooms * 10))
needed=$((needed + 200))
if [ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -lt "$needed" ]; then ulimit -n "$needed"; fi

swift build -c release --product chat-server
bin=$(swift build -c release --show-bin-path)
work=$(mktemp -d)
mkdir -p test-output
results=test-output/bench.jsonl
: >"$results"
process=
stop() {
    if [ -n "$process" ]; then kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true; fi
    process=
}
trap 'stop; rm -rf "$work"' EXIT

pinned() {
    local cpu=$1
    shift
    if command -v taskset >/dev/null 2>&1; then exec taskset -c "$cpu" "$@"; else exec "$@"; fi
}

# load NAME OPTIONS...: one run of the generator against $port and $process; prints its line of JSON.
load() {
    local name=$1
    shift
    (pinned "$loadgen_cpu" "$LOADGEN" "${shape_options[@]}" --port "$port" --pid "$process" \
        --warmup "$warmup" --duration "$duration" --spin --name "$name" "$@")
}

run_floor() {
    port=$((20000 + RANDOM % 12000))
    pinned "$server_cpu" "$FLOOR" --port "$port" >"$work/floor" 2>&1 &
    process=$!
    for _ in $(seq 100); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
        kill -0 "$process" || { echo "bench: the floor did not start" >&2; exit 1; }
        sleep 0.1
    done
    load floor --size "$floor_size"
    stop
}

run_ours() {
    local database=$store
    if [ "$store" = sqlite ]; then
        rm -f "$work"/bench.sqlite*
        database=sqlite:$work/bench.sqlite
    fi
    # Emptied here, not by the redirection: that happens later, and the last run's ports are still in it.
    : >"$work/ours"
    pinned "$server_cpu" "$bin/chat-server" --ws-port 0 --tcp-port 0 --store "$database" --limits off \
        --reactors 1 --reactor "$reactor" --log-level error >"$work/ours" &
    process=$!
    for _ in $(seq 100); do
        if grep -q '^Endpoint: *tcp' "$work/ours"; then break; fi
        kill -0 "$process" || { echo "bench: the server did not start" >&2; exit 1; }
        sleep 0.1
    done
    port=$(sed -nE 's|^Endpoint: *ws://.*:([0-9]+)/ws.*|\1|p' "$work/ours")
    local room=general script=(--say '{"type":"hello","id":1,"name":"u%d"}' --wait '"type":"ok","id":1')
    if [ "${shape_options[0]}" = rooms ]; then
        room=bench%r
        # Whoever comes first makes the room; the others are refused and just join.
        script+=(--say '{"type":"room.create","id":2,"name":"bench%r"}' --wait '"id":2')
    fi
    script+=(--say '{"type":"room.join","id":3,"room":"'"$room"'"}' --wait '"type":"ok","id":3')
    # Without a client id: the generator sends bursts of equal messages, which are one message with one id.
    load ours --size 128 --path /ws --mark '"type":"message"' "${script[@]}" --message \
        '{"type":"send","id":4,"room":"'"$room"'","text":"%m"}'
    stop
}

number() { sed -nE "s/.*\"$1\":(-?[0-9.]+).*/\\1/p"; }
median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

check() {
    local expected delivered
    expected=$(number expected <<<"$1")
    delivered=$(number delivered <<<"$1")
    if [[ $1 != *'"ok":true'* ]] || [ "${expected:-0}" != "${delivered:-1}" ]; then
        echo "bench: the run failed: $1" >&2
        exit 1
    fi
}

printf '%-8s %14s %14s %8s %12s %12s\n' shape floor_us ours_us ratio floor_p99us ours_p99us
for shape in "${shapes[@]}"; do
    case $shape in
    1) shape_options=(fanout --conns "$conns" --senders 1 --window 1) ;;
    30) shape_options=(fanout --conns "$conns" --senders 10 --window 3) ;;
    100) shape_options=(fanout --conns "$conns" --senders 10 --window 10) ;;
    1000) shape_options=(fanout --conns "$conns" --senders 10 --window 100) ;;
    rooms) shape_options=(rooms --rooms "$rooms" --members 10 --senders 1 --window 1) ;;
    *) echo "bench: no such shape: $shape (1, 30, 100, 1000, rooms)" >&2; exit 2 ;;
    esac
    rm -f "$work"/shape.*
    for _ in $(seq "$rounds"); do
        run_floor >"$work/line.floor"
        run_ours >"$work/line.ours"
        for side in floor ours; do
            line=$(tail -n 1 "$work/line.$side")
            check "$line"
            echo "{\"shape\":\"$shape\",\"store\":\"$store\",\"run\":$line}" >>"$results"
            number cpu_us_per_unit <<<"$line" >>"$work/shape.$side.cpu"
            number p99 <<<"$line" >>"$work/shape.$side.p99"
        done
        paste "$work/shape.floor.cpu" "$work/shape.ours.cpu" | awk '{ print $2 / $1 }' >"$work/shape.ratios"
    done
    printf '%-8s %14s %14s %8.2f %12s %12s\n' "$shape" \
        "$(median <"$work/shape.floor.cpu")" "$(median <"$work/shape.ours.cpu")" \
        "$(median <"$work/shape.ratios")" \
        "$(median <"$work/shape.floor.p99")" "$(median <"$work/shape.ours.p99")"
done
echo "every run: $results"
