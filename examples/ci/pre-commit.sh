#!/usr/bin/env bash
# A hook for git that refuses a commit whose golden files are not what its scenarios render. Install it as
# .git/hooks/pre-commit; `git config registry.scenarios DIR` and `git config registry.golden DIR` name other directories.
set -euo pipefail
program=cluster-image-registry-operator
scenarios=$(git config --default scenarios registry.scenarios)
golden=$(git config --default golden registry.golden)
if git diff --cached --quiet -- "$scenarios" "$golden"; then
    exit 0
fi
if ! command -v "$program" >/dev/null; then
    echo "$program is not in PATH; without it, git commit --no-verify" >&2
    exit 1
fi
# What is about to be committed, whatever the working tree looks like.
index=$(mktemp -d)
trap 'rm -rf "$index"' EXIT
git ls-files -z -- "$scenarios" "$golden" | git checkout-index -z --stdin --prefix="$index/"
cd "$index"
if "$program" check -f "$scenarios" --golden "$golden"; then
    exit 0
fi
echo "the golden files are not current: $program check -f $scenarios --golden $golden --update" >&2
echo "then look at the difference and git add $golden" >&2
exit 1
