#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the unit tests as built by `swift build --build-tests` and says at the end what failed: in a run of a thousand
# tests a failure is far above the last lines, and a log that was cut off at its beginning has lost it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
code=0
swift test --skip-build --disable-xctest --experimental-maximum-parallelization-width 16 "$@" 2>&1 | tee "$log" || code=$?
if [ "$code" -ne 0 ]; then
    printf '\nThe tests failed (exit code %s). What they said of it:\n' "$code"
    grep -A 6 -E 'recorded an issue|Fatal error|crashed|Time limit was exceeded' "$log" | grep -vE '^◇|^✔|passed after' | head -n 120 || true
fi
exit "$code"
