#!/usr/bin/env bash
# Builds OpenShift's own operator into target/bench, unless it is there; says where it is. Needs git, Go and GitHub.
set -euo pipefail
commit=02bb5c2cd4d5f4d277cf987d6f65e58a732aefee # of July 2026
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$root/target/bench/openshift-operator
if [[ ! -x $program ]]; then
    source=$(mktemp -d)
    trap 'rm -rf "$source"' EXIT
    git -C "$source" init -q
    git -C "$source" fetch -q --depth 1 https://github.com/openshift/cluster-image-registry-operator "$commit"
    git -C "$source" checkout -q FETCH_HEAD
    (cd "$source" && go build -mod=vendor -o "$program" ./cmd/cluster-image-registry-operator)
fi
echo "$program"
