#!/bin/bash
# Takes from target/fuzz/corpus into the repository what reaches code that the corpus does not: `fuzz/merge.sh
# [TARGET…|all]`. Only edges count, and of each target a few files are taken, those first that reach the most.
set -euo pipefail
cd "$(dirname "$0")/.."
files=30 bytes=12000
targets=("$@")
((${#targets[@]} > 0)) && [[ ${targets[0]} != all ]] || targets=($(ls fuzz/corpus))
out=${CARGO_TARGET_DIR:-target/fuzz}
program=$(bash fuzz/build.sh)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for target in "${targets[@]}"; do
    seeds=fuzz/corpus/$target merged=$scratch/$target size=0 taken=0
    cp -r "$seeds" "$merged"
    FUZZ_TARGET=$target "$program" -set_cover_merge=1 -use_counters=0 -max_len=1024 -timeout="${TIMEOUT:-5}" \
        -artifact_prefix="$scratch/" "$merged" "$out/corpus/$target" 2>"$scratch/log" || { cat "$scratch/log"; exit 1; }
    # They are written in the order of what they add.
    while read -r _ length file; do
        [[ ! -e $seeds/$file ]] || continue
        ((taken < files && size + length <= bytes)) || break
        cp "$merged/$file" "$seeds/"
        size=$((size + length)) taken=$((taken + 1))
    done < <(find "$merged" -type f -printf '%T@ %s %f\n' | sort -n)
    echo "$target: $taken files, $size bytes"
done
