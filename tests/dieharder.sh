#!/usr/bin/env bash
# The raw words of stream v1 through dieharder (Debian package `dieharder`). Takes an hour for all of it;
# arguments are dieharder's (default: -a, everything): tests/dieharder.sh -d 0
set -euo pipefail
cd "$(dirname "$0")/.."
command -v dieharder >/dev/null || { echo "dieharder is missing: apt-get install dieharder" >&2; exit 1; }
words=$(mktemp -u)
mkfifo "$words"
trap 'rm -f "$words"' EXIT
cargo test --release --lib --no-run
FANIN_RAW_WORDS=$words cargo test --release --lib -- --ignored --exact stream::lanes::tests::write_raw_words >/dev/null 2>&1 &
# Generator 200 reads raw 32-bit words from standard input.
dieharder -g 200 "${@:--a}" < "$words"
