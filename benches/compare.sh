#!/usr/bin/env bash
# The command line and the library against their peers: installs them, makes files, runs
# everything interleaved, checks that all have read the same records, and writes the section
# "Command line" of benches/RESULTS.md. About ten minutes on two cores.
#
#   benches/compare.sh [--quick] [--slow] [--rounds N] [--limit SECONDS] [--keep DIR]
#
#   --quick   three rounds, no files of 1 GiB (which need 5 GiB of disk)
#   --slow    also build s4 (super_speedy_syslog_searcher), for an hour at most
#   --rounds  how often a command runs that takes less than a third of a second; default 9
#   --limit   how long a command may take; default 20
#   --keep    work in DIR and leave it: installed peers and made files are used again
#
# LOGINREC names another binary than the one built here. What does not install is skipped
# with a printed reason.
set -euo pipefail
cd "$(dirname "$0")/.."

big=1 slow="" rounds=9 limit=20 work=""
while [ $# -gt 0 ]; do
    case "$1" in
        --quick) big="" rounds=3 ;;
        --slow) slow=1 ;;
        --rounds) rounds=$2; shift ;;
        --limit) limit=$2; shift ;;
        --keep) work=$2; shift ;;
        *) sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 2 ;;
    esac
    shift
done
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"/bin "$work"/files
work=$(realpath "$work")
export PATH="$work/bin:$PATH"

skip() { printf 'skipped: %s\n' "$*"; }
# SECONDS COMMAND...: without its output.
quietly() {
    local limit=$1
    shift
    timeout "$limit" "$@" >"$work/log" 2>&1
}

command -v python3 >/dev/null || { echo "python3 is needed to measure"; exit 3; }

echo "== loginrec, the yardsticks, the generator"
target=${CARGO_TARGET_DIR:-$PWD/target}
if [ -z "${LOGINREC:-}" ]; then
    cargo build --release -q -p loginrec-cli
    LOGINREC="$target/release/loginrec"
fi
cargo build --release -q --manifest-path benches/library/Cargo.toml --target-dir "$target/library-bench"
ln -sf "$(realpath "$LOGINREC")" "$work/bin/loginrec"
ln -sf "$target/library-bench/release/loginrec-library-bench" "$work/bin/library"
ln -sf "$target/library-bench/release"/{generate,limits} "$work/bin/"
rustc -O --edition 2024 benches/compare/yardstick.rs -o "$work/bin/yardstick"
echo 'fn main() {}' | rustc -O --crate-name empty -o "$work/bin/empty" -

echo "== peers"
missing=""
for tool in utmpdump last file gzip grep rg time; do
    type -P "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ] && command -v apt-get >/dev/null; then
    quietly 120 apt-get update -qq || true
    for package in util-linux util-linux-extra file gzip grep ripgrep time; do
        quietly 120 apt-get install -y -qq "$package" || true
    done
fi
for tool in utmpdump last file gzip grep rg time; do
    type -P "$tool" >/dev/null || skip "$tool: no package of this system has it"
done
if [ ! -x "$work/venv/bin/python" ]; then
    quietly 60 python3 -m venv "$work/venv" || skip "PyPI: python3 has no venv"
fi
for package in utmp lastlogcsv dissect.target; do
    quietly 60 "$work/venv/bin/pip" show "$package" && continue
    quietly 300 "$work/venv/bin/pip" install -q "$package" || skip "$package: pip fails"
done
skip "plaso: hundreds of MiB to install"
if ! type -P s4 >/dev/null && [ -z "$slow" ]; then
    skip "s4: builds for most of an hour (--slow)"
elif ! type -P s4 >/dev/null; then
    # Later versions need a newer compiler.
    quietly 3600 cargo install --root "$work" super_speedy_syslog_searcher@0.10.83 ||
        skip "s4: does not build within an hour"
fi
if ! command -v go >/dev/null; then
    skip "neko-neko/utmpdump (Go): there is no go"
elif [ ! -x "$work/bin/go-utmpdump" ]; then
    if GOBIN="$work/go" quietly 300 go install github.com/neko-neko/utmpdump@latest; then
        cp "$work/go/utmpdump" "$work/bin/go-utmpdump"
    else
        skip "neko-neko/utmpdump (Go): does not install"
    fi
fi

echo "== files"
files="$work/files"
# FILE ARGUMENT...: unless it is there already.
make_file() {
    local file=$files/$1
    shift
    [ -e "$file" ] || { generate "$@" "$file.new" >"$work/log" && mv "$file.new" "$file"; }
}
make_file wtmp.1M wtmp --size 1M
make_file wtmp.64M wtmp --size 64M
make_file endless endless --records 20000
make_file endless.80k endless --records 80000
make_file paired paired --records 80000
make_file lastlog lastlog --users 50000 --highest 2000000
make_file tree tree --files 10000
for ground in random text zeros; do
    make_file "ground.$ground" image --size 256M --ground "$ground" --layout none
done
make_file "image.256M" image --size 256M
if [ -n "$big" ]; then
    make_file wtmp.1G wtmp --size 1G
    make_file image.1G image --size 1G
fi
[ -e "$files/wtmp.64M.gz" ] || gzip -k "$files/wtmp.64M"

if command -v sqlite3 >/dev/null && [ ! -e "$files/wtmp.db" ]; then
    python3 benches/compare/big_database.py "$files/wtmp.db" || skip "wtmp.db: python3 has no sqlite3"
fi

echo "== runs"
python3 benches/compare/measure.py "$work" "$rounds" "$limit" benches/RESULTS.md
