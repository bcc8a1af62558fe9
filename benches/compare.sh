#!/usr/bin/env bash
# The command line against its peers: installs them, makes files, runs everything
# interleaved, checks that all have read the same records, and writes the section
# "Command line" of benches/RESULTS.md.
#
#   benches/compare.sh [--big] [--slow] [--rounds N] [--keep DIR]
#
#   --big     also files of 1 GiB (needs 2 GiB of disk)
#   --slow    also peers that take long to install or to run
#   --rounds  how often each command runs; default 9
#   --keep    work in DIR and leave it: installed peers and made files are used again
#
# LOGINREC names another binary than the one built here. What does not install is skipped
# with a printed reason.
set -euo pipefail
cd "$(dirname "$0")/.."

big="" slow="" rounds=9 work=""
while [ $# -gt 0 ]; do
    case "$1" in
        --big) big=1 ;;
        --slow) slow=1 ;;
        --rounds) rounds=$2; shift ;;
        --keep) work=$2; shift ;;
        *) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 2 ;;
    esac
    shift
done
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"/bin "$work"/files
export PATH="$work/bin:$PATH"

skip() { printf 'skipped: %s\n' "$*"; }
quietly() { "$@" >"$work/log" 2>&1; }

command -v python3 >/dev/null || { echo "python3 is needed to measure"; exit 3; }

echo "== loginrec, the yardstick, the generator"
if [ -z "${LOGINREC:-}" ]; then
    cargo build --release -q -p loginrec-cli
    LOGINREC="${CARGO_TARGET_DIR:-target}/release/loginrec"
fi
ln -sf "$(realpath "$LOGINREC")" "$work/bin/loginrec"
for source in yardstick generate; do
    rustc -O --edition 2024 "benches/compare/$source.rs" -o "$work/bin/$source"
done
echo 'fn main() {}' >"$work/empty.rs"
rustc -O "$work/empty.rs" -o "$work/bin/empty"

echo "== peers"
missing=""
for tool in utmpdump last file gzip grep rg time; do
    type -P "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ] && command -v apt-get >/dev/null; then
    quietly apt-get update -qq || true
    for package in util-linux util-linux-extra coreutils file gzip grep ripgrep time; do
        quietly apt-get install -y -qq "$package" || true
    done
fi
for tool in utmpdump last file gzip grep rg time; do
    type -P "$tool" >/dev/null || skip "$tool: no package of this system has it"
done
if [ ! -x "$work/venv/bin/lastlogcsv" ]; then
    quietly python3 -m venv "$work/venv" || skip "PyPI: python3 has no venv"
    quietly "$work/venv/bin/pip" install -q utmp lastlogcsv || skip "utmp, lastlogcsv: pip fails"
fi
if [ -n "$slow" ]; then
    [ -x "$work/venv/bin/target-query" ] || quietly "$work/venv/bin/pip" install -q dissect.target ||
        skip "dissect.target: pip fails"
else
    skip "dissect.target, plaso, s4: take minutes to install (--slow tries dissect.target)"
fi
if [ ! -x "$work/bin/utmp-rs" ]; then
    mkdir -p "$work/utmp-rs/src"
    printf '[package]\nname = "utmp-rs-count"\nedition = "2021"\n[dependencies]\nutmp-rs = "0.4"\n%s' \
        $'[profile.release]\nlto = true\ncodegen-units = 1\n[workspace]\n' >"$work/utmp-rs/Cargo.toml"
    cat >"$work/utmp-rs/src/main.rs" <<'RUST'
use std::fs::File;
use std::io::BufReader;
fn main() {
    let path = std::env::args_os().nth(1).unwrap();
    let file = BufReader::with_capacity(256 << 10, File::open(path).unwrap());
    let records = utmp_rs::Utmp32Parser::from_reader(file);
    println!("{}", records.filter(|record| record.is_ok()).count());
}
RUST
    if quietly cargo build --release -q --manifest-path "$work/utmp-rs/Cargo.toml" --target-dir "$work/utmp-rs/target"; then
        cp "$work/utmp-rs/target/release/utmp-rs-count" "$work/bin/utmp-rs"
    else
        skip "utmp-rs: does not build"
    fi
fi
if ! command -v go >/dev/null; then
    skip "neko-neko/utmpdump (Go): there is no go"
elif [ ! -x "$work/bin/go-utmpdump" ]; then
    if GOBIN="$work/go" quietly go install github.com/neko-neko/utmpdump/cmd/utmpdump@latest; then
        cp "$work/go/utmpdump" "$work/bin/go-utmpdump"
    else
        skip "neko-neko/utmpdump (Go): does not install"
    fi
fi

echo "== files"
files="$work/files"
make_file() { [ -e "$files/${!#}" ] || generate "${@:1:$#-1}" -o "$files/${!#}"; }
make_file wtmp --size 1M wtmp.1M
make_file wtmp --size 64M wtmp.64M
make_file nologout --records 20000 neverending
make_file lastlog --uids 50000 --high-uid 2000000 lastlog
make_file dir --files 10000 tree
make_file image --size 256M image
[ -z "$big" ] || make_file wtmp --size 1G wtmp.1G
[ -e "$files/wtmp.64M.gz" ] || gzip -k "$files/wtmp.64M"

echo "== runs"
python3 benches/compare/measure.py "$work" "$rounds" benches/RESULTS.md
