#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs the example of docs/http.md and then a property-based client (schemathesis) against docs/openapi.json and a
# server of its own: scripts/api-check.sh [debug|release] [EXAMPLES per call, 15 by default]
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-debug}
examples=${2:-15}

if [ ! -x .venv/bin/python ]; then python3 -m venv .venv; fi
.venv/bin/python -c 'import schemathesis' 2>/dev/null \
    || .venv/bin/pip install --quiet 'schemathesis>=4.32,<5'

swift build --configuration "$configuration" --product chat-server
folder=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap finish EXIT

"$(swift build --configuration "$configuration" --show-bin-path)/chat-server" --store memory \
    --files "$folder/files" --auth both --limits off --ws-port 0 --tcp-port 0 >"$folder/out" 2>"$folder/log" &
server=$!
until grep -q '^HTTP API:' "$folder/out"; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
done
api=$(sed -n 's/^HTTP API: *//p' "$folder/out")

echo "The example of docs/http.md:"
# shellcheck disable=SC2016
sed -n '/^```sh$/,/^```$/p' docs/http.md | sed '/^```/d' >"$folder/example.sh"
BASE=${api%/api} bash -euo pipefail "$folder/example.sh" >"$folder/example.out"
grep -q '"duplicate":true' "$folder/example.out"
grep -q '"excerpt":"hello"' "$folder/example.out"
echo "  ran"

field() { python3 -c 'import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1].split("."): value = value[key]
print(value)' "$1"; }
post() { curl --silent --fail-with-body "$api/$1" -H 'Content-Type: application/json' "${@:3}" -d "$2"; }

ana=$(post auth/guest '{"name":"api-check"}')
token=$(field token <<<"$ana")
CHECK_USER=$(field user.id <<<"$ana")
CHECK_OTHER=$(post auth/guest '{"name":"api-check-other"}' | field user.id)
CHECK_ROOM=$(post rooms '{"name":"tea"}' -H "Authorization: Bearer $token" | field room.id)
CHECK_CODE=$(post rooms/tea/join-links '{"uses":10000}' -H "Authorization: Bearer $token" | field code)
CHECK_UPLOAD=$(post rooms/tea/uploads '{"name":"a.txt","bytes":100}' -H "Authorization: Bearer $token" | field id)
CHECK_FILE=$(post rooms/tea/uploads '{"name":"b.txt","bytes":5}' -H "Authorization: Bearer $token" | field id)
curl --silent --fail-with-body -X PATCH "$api/uploads/$CHECK_FILE" -H "Authorization: Bearer $token" -H 'Upload-Offset: 0' \
    -H 'Content-Type: application/octet-stream' -d hello >/dev/null
export CHECK_USER CHECK_OTHER CHECK_ROOM CHECK_CODE CHECK_UPLOAD CHECK_FILE
for number in 1 2 3 4 5 6; do
    post rooms/tea/messages "{\"text\":\"tea $number\"}" -H "Authorization: Bearer $token" >/dev/null
done

check() {
    .venv/bin/st --config-file Tests/API/schemathesis.toml run docs/openapi.json --url "$api" \
        --checks all --max-examples "$examples" --workers 1 --seed 1 --no-color \
        --header "Authorization: Bearer $1" "${@:2}"
}

# A guest's token outlives logging out, so that every call can be tried.
check "$token"

# An account's, for the calls that only accounts have.
account=$(post auth/register '{"username":"api-check-account","password":"correct horse"}')
check "$(field access_token <<<"$account")" --include-path-regex '^/auth/(me|password|username|email|login|register|refresh)$'

kill -0 "$server"
echo "No violation."
