#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Compares chat-server with a floor: the least work that a broadcast server can do (Examples/Floor).
#   scripts/bench.sh [shape ...]          docs/performance.md says what the shapes and the columns mean
#
# In each round the sides take turns, so that they see the same machine; the medians of the figures and of the rounds'
# ratios are written to test-output/bench.md, every run to test-output/bench.jsonl.
#   ROUNDS=5 SECONDS_EACH=3 WARMUP=0.7 STORE=memory REACTOR=epoll CONNS=1000 ROOMS=500 RATE=100 IDLE=5000 CONNECTS=10000 SLOW=1
#   SERVER_CPU=1 LOADGEN_CPU=0 SERVER_OPTIONS="--log-level debug" FLOOR=another-floor LOADGEN=another-chat-load
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/bench-lib.sh
source scripts/bench-lib.sh

rate=${RATE:-100}
slow_members=${SLOW:-1}
idle=${IDLE:-5000}
connects=${CONNECTS:-10000}
shapes=("$@")
if [ "${#shapes[@]}" -eq 0 ]; then
    shapes=(1 30 100 1000 100@100 100@5000 rooms rooms-all sqlite rate slow slow-full idle connects syscalls appends)
fi

# note_load SIDE: what a run under load has cost and brought.
note_load() {
    note "$label|us CPU per delivery" "$1" "$(number cpu_us_per_unit)"
    note "$label|p99 ms" "$1" "$(number p99)" 0.001
    if [ -z "${is_open_loop:-}" ]; then
        note "$label|1000 deliveries per s" "$1" "$(number deliveries_per_s)" 0.001
    else
        note "$label|p50 ms" "$1" "$(number p50)" 0.001
    fi
}

# under_load: floor, server, and the floor once more with frames as long as the server's.
under_load() {
    local length
    start_floor
    load floor "${shape_options[@]}" --raw --verify --size 128
    note_load floor
    stop
    start_ours
    load ours "${shape_options[@]}" --size 128
    note_load ours
    length=$(number bytes_per_delivery)
    stop
    start_floor
    load floor-long "${shape_options[@]}" --raw --verify --size "$(printf '%.0f' "$length")"
    note_load floor-long
    stop
}

# Members who do not read shall cost the others nothing: the same server without them, as the floor, and with them.
slow_consumer() {
    local slow side=floor
    for slow in 0 "$slow_members"; do
        start_ours
        load "slow-$slow" "${shape_options[@]}" --slow "$slow"
        note "$label|p50 ms" "$side" "$(number p50)" 0.001
        note "$label|p99 ms" "$side" "$(number p99)" 0.001
        note "$label|us CPU per delivery" "$side" "$(number cpu_us_per_unit)"
        stop
        side=ours
    done
}

memory() {
    start_floor
    load floor idle --raw --conns "$idle" --hold 1
    note "memory per idle connection|KiB" floor "$(number rss_bytes_per_conn)" 0.0009765625
    note "memory per connection, signed in and in a room|KiB" floor "$(number rss_bytes_per_conn)" 0.0009765625
    stop
    start_ours
    load bare idle --bare --conns "$idle" --hold 1
    note "memory per idle connection|KiB" ours "$(number rss_bytes_per_conn)" 0.0009765625
    stop
    start_ours
    load signed-in idle --conns "$idle" --hold 1
    note "memory per connection, signed in and in a room|KiB" ours "$(number rss_bytes_per_conn)" 0.0009765625
    stop
}

connecting() {
    start_floor
    load floor connects --raw --conns "$connects" --duration 60
    note "connect and upgrade|us CPU" floor "$(number cpu_us_per_unit)"
    note "connect, hello and join|us CPU" floor "$(number cpu_us_per_unit)"
    stop
    start_ours
    load bare connects --bare --conns "$connects" --duration 60
    note "connect and upgrade|us CPU" ours "$(number cpu_us_per_unit)"
    stop
    start_ours
    load signed-in connects --conns "$connects" --duration 60
    note "connect, hello and join|us CPU" ours "$(number cpu_us_per_unit)"
    stop
}

# counted NAME OPTIONS...: a run under load, during one second of which the kernel counts the server's system calls.
counted() {
    local calls
    (sleep "$(awk -v w="$warmup" 'BEGIN { print w + 1 }')" &&
        perf stat -x, -e raw_syscalls:sys_enter -p "$process" -o "$work/calls" -- sleep 1) &
    local counter=$!
    load "$@"
    wait "$counter" || return 1
    calls=$(sed -nE 's/^([0-9]+),.*raw_syscalls.*/\1/p' "$work/calls")
    note "system calls at 100 in flight|per delivery" "$1" \
        "$(awk -v c="${calls:-0}" -v d="$(number deliveries_per_s)" 'BEGIN { print c / d }')"
}

system_calls() {
    local duration=3
    in_flight 100 "$conns"
    start_floor
    counted floor "${shape_options[@]}" --raw --verify
    stop
    start_ours
    counted ours "${shape_options[@]}"
    stop
}

# The store alone beside a loop over one prepared statement; store-bench has its own rounds.
appends() {
    "$bin/store-bench" --directory "$work" --seconds "$(awk -v d="$duration" 'BEGIN { print d / 3 }')" >"$work/appends"
    while read -r line; do
        echo "{\"shape\":\"appends\",\"round\":$round,\"run\":$line}" >>"$results.jsonl"
        label="durable appends, batches of $(number batch)"
        note "$label; floor: a bare loop|messages per s" floor "$(number bare_per_s)"
        note "$label; floor: a bare loop|messages per s" ours "$(number store_per_s)"
        note "$label; floor: without the index|messages per s" floor "$(number bare_unindexed_per_s)"
        note "$label; floor: without the index|messages per s" ours "$(number store_per_s)"
    done <"$work/appends"
}

run_shape() {
    is_open_loop=
    case $shape in
    rooms)
        label="$rooms rooms of 10, 1 in flight each"
        shape_options=(rooms --rooms "$rooms" --members 10)
        under_load
        ;;
    rooms-all)
        label="$rooms rooms of 10, all send, 1 in flight each"
        shape_options=(rooms --rooms "$rooms" --members 10 --senders 10)
        under_load
        ;;
    sqlite)
        label="100 in flight, room of $conns, SQLite full"
        in_flight 100 "$conns"
        store=sqlite under_load
        ;;
    rate)
        label="$((rate * conns)) deliveries/s, open loop"
        shape_options=(fanout --conns "$conns" --senders 10 --rate "$rate")
        is_open_loop=yes
        under_load
        ;;
    slow)
        label="$slow_members slow among $conns, $rate messages/s; floor: ours without"
        shape_options=(fanout --conns "$conns" --senders 10 --rate "$rate")
        slow_consumer
        ;;
    slow-full)
        label="$slow_members slow among $conns, 100 in flight; floor: ours without"
        in_flight 100 "$conns"
        slow_consumer
        ;;
    idle) memory ;;
    connects) connecting ;;
    syscalls)
        if perf stat -e raw_syscalls:sys_enter true >/dev/null 2>&1; then
            system_calls
        elif [ "$round" = 1 ]; then
            echo "bench: system calls are not counted: perf is not there, or may not" >&2
        fi
        ;;
    appends) appends ;;
    *)
        label="${shape%@*} in flight, room of ${shape#*@}"
        in_flight "${shape%@*}" "${shape#*@}"
        under_load
        ;;
    esac
}

most=0
for index in "${!shapes[@]}"; do
    shape=${shapes[$index]}
    if [[ $shape =~ ^[1-9][0-9]*$ ]]; then shape=$shape@$conns; fi
    shapes[index]=$shape
    case $shape in
    rooms | rooms-all) needed=$((rooms * 10)) ;;
    idle) needed=$idle ;;
    sqlite | rate | slow | slow-full | connects | syscalls | appends) needed=$conns ;;
    *)
        if ! [[ $shape =~ ^[1-9][0-9]*@[1-9][0-9]*$ ]]; then
            echo "bench: no such shape: $shape (W, W@N, rooms, rooms-all, sqlite, rate, slow, slow-full, idle, connects, syscalls, appends)" >&2
            exit 2
        fi
        needed=${shape#*@}
        ;;
    esac
    most=$((needed > most ? needed : most))
done
raise_descriptors "$most"
prepare chat-server chat-load broadcast-floor store-bench

for shape in "${shapes[@]}"; do
    for round in $(seq "$rounds"); do
        echo "bench: $shape, round $round of $rounds" >&2
        run_shape
    done
done
{
    describe_machine
    echo
    table floor ours ours/floor floor-long ours/floor-long
} | tee "$results.md"
echo "every run: $results.jsonl"
