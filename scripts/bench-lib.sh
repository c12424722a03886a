# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What bench.sh and bench-peers.sh share: servers that are started and stopped, chat-load against them, figures that
# are gathered and put into a table. To be sourced from the package's folder.

rounds=${ROUNDS:-5}
duration=${SECONDS_EACH:-3}
warmup=${WARMUP:-0.7}
store=${STORE:-memory}
reactor=${REACTOR:-epoll}
conns=${CONNS:-1000}
rooms=${ROOMS:-500}
server_cpu=${SERVER_CPU:-1}
loadgen_cpu=${LOADGEN_CPU:-0}
results=test-output/${results_name:-bench}
work=
process=

fail() {
    echo "bench: $1" >&2
    exit 1
}

# As many descriptors as are allowed; $1 connections must fit.
raise_descriptors() {
    ulimit -n "$(ulimit -Hn)" || true
    if [ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -lt $(($1 + 200)) ]; then
        fail "$1 connections need more descriptors than the $(ulimit -n) that are allowed (ulimit -n)"
    fi
}

prepare() {
    for product in "$@"; do swift build -c release --product "$product"; done
    bin=$(swift build -c release --show-bin-path)
    loadgen=${LOADGEN:-$bin/chat-load}
    mkdir -p test-output
    # On the disk that the package is on: /tmp may be memory.
    work=$(mktemp -d -p test-output bench.XXXXXX)
    trap 'stop; rm -rf "$work"' EXIT
    : >"$results.jsonl"
    : >"$work/values"
}

stop() {
    if [ -n "$process" ]; then kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true; fi
    process=
}

pinned() {
    local cpu=$1
    shift
    if command -v taskset >/dev/null 2>&1; then exec taskset -c "$cpu" "$@"; else exec "$@"; fi
}

# start COMMAND...: a server on its core, as $process; what it prints goes to $work/server.
start() {
    : >"$work/server"
    pinned "$server_cpu" "$@" >>"$work/server" 2>&1 &
    process=$!
}

free_port() { echo $((20000 + RANDOM % 12000)); }

# Until $port answers; fails if it does not.
wait_for_port() {
    for _ in $(seq 100); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
        kill -0 "$process" 2>/dev/null || break
        sleep 0.1
    done
    echo "bench: the server did not start: $(tail -n 3 "$work/server")" >&2
    return 1
}

# wait_for_endpoint PATTERN: until the server has printed it (a sed pattern whose group is the port), as $port.
wait_for_endpoint() {
    port=
    for _ in $(seq 100); do
        port=$(sed -nE "s|^Endpoint: *$1.*|\\1|p" "$work/server")
        if [ -n "$port" ]; then return; fi
        kill -0 "$process" 2>/dev/null || fail "the server did not start: $(tail -n 3 "$work/server")"
        sleep 0.1
    done
    fail "the server does not tell where it listens"
}

# in_flight W N: the options for W messages in flight in one room of N.
in_flight() {
    local senders=10
    if [ $(($1 % 10)) -ne 0 ]; then senders=1; fi
    shape_options=(fanout --conns "$2" --senders "$senders" --window $(($1 / senders)))
}

start_floor() {
    if [ -n "${FLOOR:-}" ]; then
        port=$(free_port)
        start "$FLOOR" --port "$port"
        wait_for_port
    else
        start "$bin/broadcast-floor" --port 0
        wait_for_endpoint 'ws://.*:([0-9]+)/'
    fi
}

# start_ours [STORE]
start_ours() {
    local database=${1:-$store}
    if [ "$database" = sqlite ]; then
        rm -rf "$work"/bench.sqlite*
        database=sqlite:$work/bench.sqlite
    fi
    # shellcheck disable=SC2086 # SERVER_OPTIONS are several words.
    start "$bin/chat-server" --ws-port 0 --tcp-port 0 --store "$database" --limits off --reactors 1 \
        --reactor "$reactor" --log-level error ${SERVER_OPTIONS:-}
    wait_for_endpoint 'ws://.*:([0-9]+)/ws'
}

# measure NAME OPTIONS...: one run of chat-load against $process; its report is in $line. Fails if anything was lost.
measure() {
    local name=$1 status=0
    shift
    line=$(pinned "$loadgen_cpu" "$loadgen" "$@" --port "$port" --pid "$process" --warmup "$warmup" \
        --duration "$duration" --spin --json --name "$name") || status=$?
    if [ -n "$line" ]; then
        echo "{\"shape\":\"$shape\",\"round\":$round,\"store\":\"$store\",\"run\":$line}" >>"$results.jsonl"
    fi
    return "$status"
}

# load NAME OPTIONS...: the same, where a failure is the end: with a loss the figures would mean nothing.
load() { measure "$@" || fail "the run failed: $* $line"; }

# number NAME: a figure of the last report.
number() { sed -nE "s/.*\"$1\":(-?[0-9.]+).*/\\1/p" <<<"$line"; }

# note LINE SIDE VALUE [FACTOR]: a figure of this round. LINE is "what it is|unit".
note() { awk -v l="$1" -v s="$2" -v v="$3" -v f="${4:-1}" 'BEGIN { printf "%s\t%s\t%.6g\n", l, s, v * f }' >>"$work/values"; }

# table COLUMN...: Markdown. A column is a side (the median of its figures) or A/B: the median of the rounds' ratios of
# side A to side B, with the least and the greatest of them.
table() {
    awk -F '\t' -v columns="$*" '
        function sort(list, n,    i, j, t) {
            for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) {
                t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
            }
        }
        function median(list, n) {
            sort(list, n)
            return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
        }
        function figure(line, side,    i, list, n) {
            n = count[line, side]
            for (i = 1; i <= n; i++) list[i] = value[line, side, i]
            return n ? sprintf("%.4g", median(list, n)) : ""
        }
        function ratio(line, side, base,    i, list, n, middle) {
            n = 0
            for (i = 1; i <= count[line, side] && i <= count[line, base]; i++)
                if (value[line, base, i] != 0) list[++n] = value[line, side, i] / value[line, base, i]
            if (!n) return ""
            middle = median(list, n)
            return sprintf("%.2f (%.2f-%.2f)", middle, list[1], list[n])
        }
        {
            if (!($1 in seen)) order[++lines] = $1
            seen[$1] = 1
            value[$1, $2, ++count[$1, $2]] = $3
        }
        END {
            n = split(columns, column, " ")
            printf "| what | unit |"
            for (c = 1; c <= n; c++) printf " %s |", column[c]
            printf "\n| --- | --- |"
            for (c = 1; c <= n; c++) printf " --- |"
            for (i = 1; i <= lines; i++) {
                split(order[i], label, "|")
                printf "\n| %s | %s |", label[1], label[2]
                for (c = 1; c <= n; c++)
                    printf " %s |", split(column[c], pair, "/") == 2 ? ratio(order[i], pair[1], pair[2]) : figure(order[i], column[c])
            }
            printf "\n"
        }
    ' "$work/values"
}

# describe_machine: what the figures were measured on.
describe_machine() {
    local model
    model=$(sed -nE 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
    echo "$(date -u +%Y-%m-%d), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown), $(nproc) x ${model:-$(uname -m)}," \
        "$(uname -sr), $(swift --version 2>/dev/null | sed -nE 's/.*(Swift version [0-9.]+).*/\1/p' | head -n 1)," \
        "$rounds rounds of $duration s."
}
