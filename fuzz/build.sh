#!/bin/bash
# Builds the fuzzing program with the coverage that libFuzzer steers by (the flags of cargo-fuzz, which a stable
# compiler knows, too); the last line says where it is.
set -euo pipefail
cd "$(dirname "$0")"
command -v "${CXX:-c++}" >/dev/null ||
    { echo "fuzz/build.sh: libFuzzer needs a C++ compiler: apt-get install g++, or set CXX" >&2; exit 1; }
host=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../target/fuzz} CARGO_INCREMENTAL=0
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
cargo build --release --locked --target "$host" >&2
echo "$CARGO_TARGET_DIR/$host/release/fuzz"
