#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the browser tests against built binaries: scripts/browser-test.sh [debug|release [SUBJECT ...]]
set -eu
cd "$(dirname "$0")/.."
configuration=${1:-debug}
if [ $# -gt 0 ]; then shift; fi

missing=
for pair in chromium:chromium chromedriver:chromium-driver nc:netcat-openbsd; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
root=
[ "$(id -u)" = 0 ] || root="sudo -n"
install() {
    $root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"
}
if [ -n "$missing" ]; then
    if ! $root true 2>/dev/null; then
        echo "please install:$missing" >&2
        exit 1
    fi
    # Word by word: the list of packages.
    # shellcheck disable=SC2086
    install $missing
fi
# Without them emoji are boxes on the screenshots; the tests do not need them.
if ! fc-list 2>/dev/null | grep -q "Noto Color Emoji" && $root true 2>/dev/null; then
    install fonts-noto-color-emoji fonts-inter || echo "no fonts: the screenshots are plain" >&2
fi

if [ ! -x .venv/bin/python ]; then python3 -m venv .venv; fi
.venv/bin/python -c 'import selenium' 2>/dev/null || .venv/bin/pip install --quiet 'selenium>=4.20,<5'

swift build --configuration "$configuration" --product chat-server
swift build --configuration "$configuration" --product chat-cli
bin=$(swift build --configuration "$configuration" --show-bin-path)
exec .venv/bin/python Tests/Browser/run.py --server "$bin/chat-server" --cli "$bin/chat-cli" \
    --output test-output "$@"
