#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What a message costs, compared with what it may cost: scripts/cost-check.sh [--update]
#
# Instructions per operation (chat-bench under callgrind) against Tests/Costs/instructions.tsv, and allocations
# per message and delivery (allocation-check) against Tests/Costs/allocations.tsv. Both counts repeat, whatever
# else the machine does. --update writes what is found into the tables. Background: docs/performance.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tolerance=${COST_TOLERANCE:-5}
table=Tests/Costs/instructions.tsv
bounds=Tests/Costs/allocations.tsv
update=no
if [ "${1:-}" = --update ]; then update=yes; fi

if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "cost-check: NOT CHECKED: the tables are for x86-64 Linux, this is $(uname -sm)" >&2
    exit 0
fi
if ! command -v valgrind >/dev/null; then
    echo "cost-check: valgrind is missing: scripts/setup.sh test installs it" >&2
    exit 1
fi

swift build -c release --product chat-bench --quiet
swift build -c release --product allocation-check --quiet
products=$(swift build -c release --show-bin-path)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Callgrind writes a file at each mark: set-up, N operations, 2 N operations, for each benchmark in turn.
count_instructions() {
    # Valgrind cannot read every compiler's debug information, and needs none of it.
    strip --strip-debug -o "$folder/chat-bench" "$products/chat-bench"
    if ! SWIFT_DETERMINISTIC_HASHING=1 valgrind --tool=callgrind --callgrind-out-file="$folder/counts" \
        --dump-before='*instrumentmark*' "$folder/chat-bench" --marks 400 \
        >"$folder/benchmarks" 2>"$folder/log"; then
        cat "$folder/log" >&2
        exit 1
    fi
    local number=0 name operations once twice
    while read -r name operations; do
        once=$(instructions $((number + 2)))
        twice=$(instructions $((number + 3)))
        printf '%s\t%s\n' "$name" $(((twice - once + operations / 2) / operations))
        number=$((number + 3))
    done <"$folder/benchmarks"
}

instructions() { sed -nE 's/^(summary|totals): ([0-9]+).*/\2/p' "$folder/counts.$1" | head -n 1; }

# compare EXPECTED FOUND: a line for each benchmark; fails if one is dearer, cheaper, new or gone.
compare() {
    awk -F '\t' -v tolerance="$tolerance" '
        /^#/ { next }
        FNR == NR { expected[$1] = $2; next }
        {
            if (!($1 in expected)) { verdict = "NEW: not in the table"; bad = 1 }
            else {
                change = ($2 - expected[$1]) * 100 / expected[$1]
                verdict = sprintf("%+.1f %%", change)
                if (change > tolerance) { verdict = verdict "  TOO DEAR"; bad = 1 }
                if (change < -tolerance) { verdict = verdict "  CHEAPER: write that down"; bad = 1 }
            }
            printf "%-24s %10d instructions  %10s in the table  %s\n", $1, $2, expected[$1], verdict
            delete expected[$1]
        }
        END {
            for (name in expected) { printf "%-24s is gone\n", name; bad = 1 }
            exit bad
        }' "$1" "$2"
}

bound() { awk -v name="$1" '$1 == name { print $2 }' "$bounds"; }

status=0
count_instructions >"$folder/found"
if [ "$update" = yes ]; then
    { grep '^#' "$table"; cat "$folder/found"; } >"$folder/table"
    cp "$folder/table" "$table"
fi
if ! compare "$table" "$folder/found"; then
    status=1
    cat >&2 <<END

cost-check: instructions per operation differ by more than $tolerance % from $table.
  dearer: look where they go before you accept it:
      valgrind --tool=callgrind $products/chat-bench NAME --iterations 1000; callgrind_annotate callgrind.out.*
  cheaper, new, or dearer for a good reason (say which in the commit; a new compiler is one):
      scripts/cost-check.sh --update
END
fi
if ! "$products/allocation-check" --per-delivery "$(bound per-delivery)" \
    --per-message-alone "$(bound per-message-alone)" --per-message "$(bound per-message)"; then
    status=1
    cat >&2 <<END

cost-check: the engine allocates more than $bounds allows. From where:
      $products/allocation-check --sites | swift demangle --simplified
END
fi
exit $status
