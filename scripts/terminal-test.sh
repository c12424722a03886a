#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs chat-cli in real terminals (tmux): scripts/terminal-test.sh [debug|release [WORD ...]]
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-debug}
if [ $# -gt 0 ]; then shift; fi

for program in tmux python3 pgrep; do
    if ! command -v "$program" >/dev/null; then
        echo "terminal-test: $program is missing: scripts/setup.sh test installs it" >&2
        exit 1
    fi
done
swift build --configuration "$configuration" --product chat-server
swift build --configuration "$configuration" --product chat-cli
bin=$(swift build --configuration "$configuration" --show-bin-path)
exec python3 Tests/Terminal/run.py --server "$bin/chat-server" --cli "$bin/chat-cli" "$@"
