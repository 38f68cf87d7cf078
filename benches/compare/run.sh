#!/usr/bin/env bash
# Cold runs side by side: `render` of one scenario, and tools that print the same objects.
# usage: run.sh [BINARY [SCENARIO_DIR]]    RUNS=30 by default
# kubectl comes from PATH; kustomize, helm and jsonnet are built with Go if it is there (SKIP_GO=1 leaves them out).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
binary=$(realpath "${1:-$root/target/release/cluster-image-registry-operator}")
scenario=$(realpath "${2:-$root/fixtures/aws-default}")
tools=$root/target/tools
export PATH=$tools/bin:$PATH PYTHONPATH=$tools/python${PYTHONPATH:+:$PYTHONPATH}

command -v kubectl >/dev/null || {
    echo "kubectl is not in PATH; https://kubernetes.io/docs/tasks/tools/ tells how to get it" >&2
    exit 2
}
python3 -c 'import yaml' 2>/dev/null || python3 -m pip install --quiet --target "$tools/python" pyyaml
if [[ -z ${SKIP_GO:-} ]] && command -v go >/dev/null; then
    command -v kustomize >/dev/null || GOBIN=$tools/bin go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.2 || true
    command -v helm >/dev/null || GOBIN=$tools/bin go install helm.sh/helm/v3/cmd/helm@v3.20.1 || true
    command -v jsonnet >/dev/null || GOBIN=$tools/bin go install github.com/google/go-jsonnet/cmd/jsonnet@v0.21.0 || true
fi
exec python3 "$root/benches/compare/compare.py" "$binary" "$scenario" "$root/target/bench"
