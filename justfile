set shell := ["bash", "-euo", "pipefail", "-c"]

binary := "target/release/cluster-image-registry-operator"

# What there is.
_default:
    @just --list --unsorted

# Build the release binary.
build:
    cargo build --release --locked

# Run the tests.
test *ARGS:
    cargo test --locked {{ ARGS }}

# Formatting and clippy.
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings

# Everything that has to hold for a change.
ci:
    bash .ci/run

# Note down what the operator asks the API server for, by all tests on the control plane, and compare it with its rights.
rbac:
    cargo test --locked --test operator
    RBAC_UPDATE=1 RBAC_AUDIT_LOG=$(ls -t target/tmp/operator/*/audit.log | head -n 1) cargo test --locked --test rbac

# Compare the fixtures' manifests with the golden files; `just golden --update` rewrites them.
golden *ARGS: build
    {{ binary }} check -f fixtures --golden snapshots {{ ARGS }}

# Time and allocations in process.
bench *ARGS:
    cargo bench --locked --bench render -- {{ ARGS }}

# Cold runs side by side with kubectl kustomize, kustomize and helm.
compare: build
    bash benches/compare/run.sh {{ binary }}

# Build the image.
image TAG="cluster-image-registry-operator:dev":
    podman build -t {{ TAG }} -f Containerfile .
