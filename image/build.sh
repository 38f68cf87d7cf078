#!/usr/bin/env bash
# Builds the programs as they are released: static, and the same bytes wherever they are built with the same toolchain.
# Prints where the operator is; the others are beside it.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
triple=$(rustc --print host-tuple)
sysroot=$(rustc --print sysroot)
commit=$(rustc -vV | sed -n 's/^commit-hash: //p')

# Where the last of several prefixes fits, rustc takes that one.
flags=(
    -Ctarget-feature=+crt-static
    "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
    "--remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rustc/$commit"
    "--remap-path-prefix=$PWD=/src"
    "--remap-path-prefix=$target=/target"
)
unset RUSTFLAGS
# Unlike RUSTFLAGS it takes paths with blanks.
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && echo "${flags[*]}")
export CARGO_ENCODED_RUSTFLAGS CARGO_INCREMENTAL=0
# With a --target the flags stay away from build scripts and macros, which cannot be static.
cargo build --release --locked --bins --target "$triple" >&2
echo "$target/$triple/release/cluster-image-registry-operator"
