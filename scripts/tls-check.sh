#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What an examiner of TLS says about the running server, and what 1 000 half-open connections do to others:
# scripts/tls-check.sh [debug|release] [report]
#
# sslyze (from PyPI, into .venv/tls) compares both ports with Mozilla's "intermediate" profile and looks for known
# weaknesses: any fault fails the check. Authority and certificate are made here. With `report` the times beside half-open
# connections are told and not judged: for machines that are busy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

configuration=${1:-release}
swift build -c "$configuration" --product chat-server --quiet
server=$(swift build -c "$configuration" --show-bin-path)/chat-server
venv=.venv/tls
if [ ! -x "$venv/bin/sslyze" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet sslyze
fi

folder=$(mktemp -d)
pid=
finish() {
    if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap finish EXIT
make_certificate() {
    cd "$folder"
    openssl ecparam -name prime256v1 -genkey -noout -out authority.key
    openssl req -x509 -new -key authority.key -days 90 -subj "/CN=Test authority" -out authority.pem \
        -addext keyUsage=critical,keyCertSign,cRLSign
    openssl ecparam -name prime256v1 -genkey -noout -out key.pem
    openssl req -new -key key.pem -subj /CN=localhost -out request.pem
    printf '%s\n' subjectAltName=DNS:localhost basicConstraints=critical,CA:FALSE extendedKeyUsage=serverAuth \
        keyUsage=critical,digitalSignature subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >extensions
    openssl x509 -req -in request.pem -CA authority.pem -CAkey authority.key -CAcreateserial -days 60 \
        -extfile extensions -out leaf.pem
    cat leaf.pem authority.pem >chain.pem
}
(make_certificate) >"$folder/made" 2>&1 || { cat "$folder/made" >&2; exit 1; }
"$server" --ws-port 0 --tcp-port 0 --store memory --tls-cert "$folder/chain.pem" --tls-key "$folder/key.pem" \
    --handshake-ms 60000 >"$folder/out" 2>"$folder/log" &
pid=$!
for _ in $(seq 100); do
    if grep -q '^Endpoint: *tls:' "$folder/out"; then break; fi
    sleep 0.1
done
web=$(sed -nE 's|^Endpoint: *wss://[^:]*:([0-9]+)/.*|\1|p' "$folder/out")
lines=$(sed -nE 's|^Endpoint: *tls://[^:]*:([0-9]+)$|\1|p' "$folder/out")

status=0
for port in "$web" "$lines"; do
    if PYTHONWARNINGS=ignore "$venv/bin/sslyze" --certinfo_ca_file="$folder/authority.pem" --mozilla_config=intermediate \
        "localhost:$port" >"$folder/$port.txt"; then
        echo "tls-check: port $port: no fault found"
    else
        sed -n '/COMPLIANCE/,$p' "$folder/$port.txt" >&2
        status=1
    fi
    if grep -n VULNERABLE "$folder/$port.txt" >&2; then status=1; fi
done
python3 scripts/slow-loris.py "$web" "$lines" "$folder/authority.pem" ${2:+"$2"} || status=1
exit $status
