#!/bin/bash
# Takes from target/fuzz/corpus into the repository what reaches code that the corpus does not: `fuzz/merge.sh
# [TARGET…|all]`. Only edges count, and of each target only so much, the smallest files first, so that it stays small.
set -euo pipefail
cd "$(dirname "$0")/.."
targets=("$@")
((${#targets[@]} > 0)) && [[ ${targets[0]} != all ]] || targets=($(ls fuzz/corpus))
out=${CARGO_TARGET_DIR:-target/fuzz}
program=$(bash fuzz/build.sh)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for target in "${targets[@]}"; do
    mkdir -p "$scratch/$target"
    FUZZ_TARGET=$target "$program" -set_cover_merge=1 -use_counters=0 -max_len="${MAX_LEN:-1024}" -timeout=5 \
        "$scratch/$target" "fuzz/corpus/$target" "$out/corpus/$target" 2>"$scratch/log" || { cat "$scratch/log"; exit 1; }
    # What is in the repository already has its own name there.
    (cd "fuzz/corpus/$target" && sha1sum -- *) | cut -d ' ' -f 1 | (cd "$scratch/$target" && xargs rm -f --)
    size=0 taken=0
    while read -r bytes file; do
        ((size + bytes <= ${BYTES:-12000})) || break
        cp "$file" "fuzz/corpus/$target/"
        size=$((size + bytes)) taken=$((taken + 1))
    done < <(find "$scratch/$target" -type f -printf '%s %p\n' | sort -n)
    echo "$target: $taken files, $size bytes; left out: $(($(find "$scratch/$target" -type f | wc -l) - taken))"
done
