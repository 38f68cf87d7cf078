#!/bin/bash
# Fuzzes the parsers of foreign bytes: `fuzz/run.sh [TARGET…|all] [SECONDS]`, ten minutes for each of all without
# arguments. JOBS says how many at a time. Begins with fuzz/corpus and with what earlier runs have left in
# target/fuzz/corpus, where the finds go; fuzz/merge.sh takes what is worth keeping into the repository.
# Ends with 1 if there was a crash, an input that took more than 5 seconds, or one that took too much memory. Seconds are
# those of the clock: on a machine that is busy with other things, TIMEOUT=30 finds what hangs and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=600
if (($# > 0)) && [[ ${!#} =~ ^[0-9]+$ ]]; then
    seconds=${!#}
    set -- "${@:1:$#-1}"
fi
targets=("$@")
((${#targets[@]} > 0)) && [[ ${targets[0]} != all ]] || targets=($(ls fuzz/corpus))
out=${CARGO_TARGET_DIR:-target/fuzz}
program=$(bash fuzz/build.sh)

# How long inputs may be: longer ones find the same, more slowly.
longest() {
    case $1 in
    inputs | live | secrets) echo 8192 ;;
    names | words) echo 256 ;;
    *) echo 4096 ;;
    esac
}

# The words of the seeds, since libFuzzer cannot see what strings are compared with.
dictionary() {
    find "fuzz/corpus/$1" -type f ! -name 'fixed-*' -size -9k -print0 | xargs -0 grep -aohE '[A-Za-z][A-Za-z0-9_./-]{2,60}' |
        sort -u | sed 's/.*/"&"/' || true
}

fuzz() {
    local target=$1 finds=$out/corpus/$1 artifacts=$out/artifacts/$1 log=$out/logs/$1 code=0 begun=$SECONDS
    mkdir -p "$finds" "$artifacts" "$out/logs"
    dictionary "$target" >"$out/logs/$target.dict"
    FUZZ_TARGET=$target "$program" -max_total_time="$seconds" -timeout="${TIMEOUT:-5}" -rss_limit_mb=512 -detect_leaks=0 \
        -max_len="$(longest "$target")" -dict="$out/logs/$target.dict" -artifact_prefix="$artifacts/" \
        -print_final_stats=1 "$finds" "fuzz/corpus/$target" >"$log" 2>&1 || code=$?
    awk -v target="$target" -v seconds="$((SECONDS - begun))" '
        { for (i = 1; i < NF; i++) if ($i == "cov:") { last = $(i + 1); if ($0 ~ /INITED/) first = $(i + 1) } }
        /^stat::number_of_executed_units/ { units = $2 }
        /^stat::average_exec_per_sec/     { rate = $2 }
        /^stat::peak_rss_mb/              { rss = $2 }
        END { printf "%-18s %5d s %12d executions %8d/s   edges %6d -> %6d   %4d MB\n",
                     target, seconds, units, rate, first, last, rss }' "$log"
    ((code == 0)) && return
    local found
    found=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    echo "$target: ended with $code; see $log"
    [[ -z $found ]] || echo "$target: again by: FUZZ_TARGET=$target $program $found"
    return 1
}

code=0 running=0
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
for target in "${targets[@]}"; do
    if ((running >= ${JOBS:-1})); then
        wait -n || code=1
        running=$((running - 1))
    fi
    fuzz "$target" &
    running=$((running + 1))
done
while ((running > 0)); do
    wait -n || code=1
    running=$((running - 1))
done
exit "$code"
