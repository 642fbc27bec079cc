#!/usr/bin/env bash
# The ends of the examples: a closed pipe, a full disk, bad usage, and the folder that the pictures go to. Linux.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --quiet --release --example gradient_flow --example schemes
cargo build --quiet --release --all-features --example predict_depth
bin=$(realpath "${CARGO_TARGET_DIR:-target}")/release/examples
unset CARGO_TARGET_DIR

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# ends CODE LINES TEXT COMMAND..: exits so, with so many lines on standard error, the first of them with this text.
ends() {
    local code=0 expected=$1 lines=$2 text=$3
    shift 3
    "$@" >/dev/null 2>stderr || code=$?
    if [ "$code" != "$expected" ] || [ "$(wc -l <stderr)" != "$lines" ] || [[ $(head -n 1 stderr) != *"$text"* ]]; then
        printf 'exit code %s, expected %s; %s lines, the first with "%s": %s\n' "$code" "$expected" "$lines" "$text" "$*"
        cat stderr
        exit 1
    fi
}

# Nobody reads any more when the first line comes.
unread() { { sleep 0.3; "$@" && echo 0 >code || echo $? >code; } | true; return "$(cat code)"; }
full() { "$@" >/dev/full; }

for line in "gradient_flow --depth 2 --width 4 --seeds 1 --steps 0" "predict_depth --depth 3 --width 8 --activation relu" "schemes --depth 3 --width 8"; do
    read -ra words <<<"$line"
    example=${words[0]} run=("$bin/${words[0]}" "${words[@]:1}")
    ends 0 0 "" unread "${run[@]}"
    ends 1 1 "$example: standard output: No space left on device" full "${run[@]}"
    ends 2 5 "error: unexpected argument '--no-such-option'" "${run[@]}" --no-such-option
    ends 0 0 "" "${run[@]}"
    ends 0 0 "" env CARGO_TARGET_DIR=elsewhere "${run[@]}"
done
ends 1 1 "/dev/full: No space left on device" "$bin/gradient_flow" --depth 2 --width 4 --seeds 1 --steps 0 --json /dev/full
for folder in target elsewhere; do
    for picture in gradient_flow predict_depth_layers predict_depth_edge_of_chaos predict_depth_spectrum schemes; do
        [ -s "$folder/$picture.svg" ] || { echo "$folder/$picture.svg is missing"; exit 1; }
    done
done
echo "the examples end as they should"
