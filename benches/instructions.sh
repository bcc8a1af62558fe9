#!/usr/bin/env bash
# Instructions per record under callgrind, where the noise of a busy machine does not reach:
# a run over 101,000 records less one over 1,000. Fails beyond a gate.
#   benches/instructions.sh [LAYOUT]
set -euo pipefail
cd "$(dirname "$0")/.."
layout=${1:-linux-glibc-384-le}
command -v valgrind >/dev/null || { echo "skipped: there is no valgrind"; exit 0; }

target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build -q --release -p loginrec-cli
cargo build -q --release --manifest-path benches/library/Cargo.toml --target-dir "$target/library-bench"
loginrec=$target/release/loginrec
library=$target/library-bench/release/loginrec-library-bench
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
"$library" generate "$layout" 1000 "$work/few"
"$library" generate "$layout" 101000 "$work/many"

# count FILE COMMAND...: FILE is appended to the command.
count() {
    local file=$1
    shift
    LC_ALL=C TZ=UTC valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" "$file" 2>&1 >/dev/null |
        awk '/Collected/ { print $4 }'
}

failed=0
row() {
    local name=$1 gate=$2 few many each verdict=""
    shift 2
    few=$(count "$work/few" "$@")
    many=$(count "$work/many" "$@")
    each=$(((many - few) / 100000))
    if [ "$gate" != - ] && [ "$layout" = linux-glibc-384-le ]; then
        verdict=ok
        [ "$each" -le "$gate" ] || { verdict="too many"; failed=1; }
    fi
    printf '%-22s %8s %6s  %s\n' "$name" "$each" "$gate" "$verdict"
}

printf '%s\n%-22s %8s %6s\n' "$layout" work per-record gate
row "decode, yardstick" - "$library" count yardstick "$layout"
row "decode, for_each" 210 "$library" count for_each "$layout"
row "decode, entries loop" - "$library" count entries "$layout"
row "decode, records loop" - "$library" count records "$layout"
row "dump text" 1300 "$loginrec" dump --layout "$layout"
row "dump jsonl" 1500 "$loginrec" dump --layout "$layout" --format jsonl
row "dump csv" - "$loginrec" dump --layout "$layout" --format csv
row "last" 400 "$loginrec" last --layout "$layout" -f
row "sessions" - "$loginrec" sessions --layout "$layout"
exit $failed
