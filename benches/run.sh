#!/usr/bin/env bash
# All figures in one go: raw values as CSV in target/bench, tables on standard output and in target/bench/figures.md.
# usage: run.sh [BINARY]    the release build by default; `just bench-all` builds it
# RUNS (20) cold runs of each command; FIGURES_OBJECTS (10000) objects of others while the operator rests.
#
# It needs Rust, Python 3, kubectl in PATH, Go for kustomize, helm, jsonnet, the control plane, Flux's library and, with
# GitHub, OpenShift's own operator (built once, in minutes), and valgrind for the counts of instructions; the last two are
# left out where they cannot be had.
# Counts hold on any machine, times only where nothing else runs: the load is printed. A test that fails ends it.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
binary=$(realpath "${1:-$root/target/release/cluster-image-registry-operator}")
[[ -x $binary ]] || {
    echo "$binary is no program; image/build.sh makes one" >&2
    exit 2
}
cd "$root"
export FIGURES_DIR=$root/target/bench OPERATOR_PROGRAM=$binary CARGO_INCREMENTAL=0
export FIGURES_OBJECTS=${FIGURES_OBJECTS:-10000} RUNS=${RUNS:-20}
mkdir -p "$FIGURES_DIR"
log=$FIGURES_DIR/tests.log
: >"$log"

# What tests say goes into the log; tables, results and the words of a failing one are shown.
tests() {
    cargo test --quiet --locked --test "$1" -- --nocapture "${@:2}" 2>&1 | tee -a "$log" |
        sed -nE '/panicked at/,${p;d}; /^\||^[0-9]+ requests|^[0-9]+ of each|^from |KiB|not repaired|^test result/p'
}
{
    echo "binary: $(stat -c %s "$binary") bytes; load $(cut -d' ' -f1-3 /proc/loadavg) on $(nproc) cores"
    for scenario in fixtures/aws-default benches/maximal; do
        printf '\n## Cold renderings of %s\n\n' "$scenario"
        bash benches/compare/run.sh "$binary" "$scenario"
    done
    printf '\n## Requests\n\n'
    if bash benches/openshift/build.sh >&2; then
        OTHER_OPERATOR=$root/benches/openshift/run.sh tests operator compare::
    else
        echo 'OpenShift'"'"'s own operator could not be built, and is left out'
        tests operator compare::
    fi
    printf '\n## Budgets of the release build\n\n'
    tests budget
    tests operator figures:: install:: idle::
} | tee "$FIGURES_DIR/figures.md"
printf '\nIn %s: figures.md, tests.log, and raw values in %s\n' "$FIGURES_DIR" "$(cd "$FIGURES_DIR" && echo *.csv)"
