#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Plays days of IRC logs into a fresh server and compares what the server then has with what was sent:
#   [DATA=folder] [DAYS=20] scripts/replay.sh [more options of `chat-cli replay`]
# The folder has files *.txt of lines `[HH:MM] <nick> text`, actions and notices; lines that begin with `===` are passed over.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

DATA=${DATA:-../shared/data/irc-log}
if [ ! -d "$DATA" ]; then
    echo "replay: DATA must name a folder of IRC logs, for example: make replay DATA=logs" >&2
    exit 2
fi

swift build -c release --product chat-server
swift build -c release --product chat-cli
bin=$(swift build -c release --show-bin-path)
work=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT

: >"$work/out"
"$bin/chat-server" --ws-port 0 --tcp-port 0 --store "sqlite:$work/chat.sqlite" --limits off \
    --log-level error >"$work/out" &
server=$!
for _ in $(seq 100); do
    if grep -q '^Endpoint: *tcp' "$work/out"; then break; fi
    kill -0 "$server" 2>/dev/null || { echo "replay: the server did not start" >&2; exit 1; }
    sleep 0.1
done
port() { sed -nE "s|^Endpoint: *$1://.*:([0-9]+).*|\\1|p" "$work/out"; }

"$bin/chat-cli" replay --data "$DATA" --days "${DAYS:-20}" --tcp-port "$(port tcp)" --ws-port "$(port ws)" "$@"
