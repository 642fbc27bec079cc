#!/usr/bin/env bash
# Every fuzz target for a while: fuzz/run.sh [seconds each, default 60]. Needs `cargo install cargo-fuzz`
# and a nightly toolchain.
set -euo pipefail
cd "$(dirname "$0")"
command -v cargo-fuzz >/dev/null || { echo "cargo-fuzz is missing: cargo install cargo-fuzz" >&2; exit 1; }
for target in $(cargo +nightly fuzz list); do
    echo "== $target"
    cargo +nightly fuzz run "$target" -- -max_total_time="${1:-60}" -max_len=4096
done
