set shell := ["bash", "-euo", "pipefail", "-c"]

# What there is.
_default:
    @just --list --unsorted

# Build the release binary, static and reproducible; the last line says where it is.
build:
    image/build.sh

# Run the tests.
test *ARGS:
    cargo test --locked {{ ARGS }}

# Faults at every write, and long ones: about an hour. FAULTS="KillAfter 7" or FAULTS=KillAfter has a part of the crashes.
faults *ARGS:
    FAULTS=all cargo test --locked --test operator -- faults:: --nocapture --test-threads 1 {{ ARGS }}

# Two days of an operator, pressed into twelve minutes, with the release build, which takes five or more before.
soak:
    program=$(image/build.sh) && OPERATOR_PROGRAM=$program SOAK=1 cargo test --locked --test operator soak:: -- --nocapture --test-threads 1

# Formatting and clippy.
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings
    cargo clippy --test image --locked -- -D warnings

# Everything that has to hold for a change.
ci:
    bash .ci/run

# Note down what the operator asks the API server for, by all tests on the control plane, and compare it with its rights.
rbac:
    cargo test --locked --test operator
    RBAC_UPDATE=1 RBAC_AUDIT_LOG=$(ls -t target/tmp/operator/*/audit.log | head -n 1) cargo test --locked --test rbac

# Random sequences of Configs on the control plane, N of them beginning with a seed; each takes about 20 seconds.
sequences N="100" SEED="1":
    SEQUENCES={{ N }} SEED={{ SEED }} cargo test --locked --test operator sequences::whatever -- --nocapture

# Fuzz the parsers of foreign bytes, all of them or those named, ten minutes or so many seconds each; JOBS at a time.
fuzz *ARGS:
    fuzz/run.sh {{ ARGS }}

# Take into the repository's corpus what fuzzing has found that reaches other code.
fuzz-merge *ARGS:
    fuzz/merge.sh {{ ARGS }}

# Compare the fixtures' manifests with the golden files; `just golden --update` rewrites them.
golden *ARGS:
    program=$(image/build.sh) && "$program" check -f fixtures --golden snapshots {{ ARGS }}

# What is written for readers, against what the program does.
docs:
    cargo test --locked --test docs
    cargo test --locked --test operator picture::

# Write the manual page anew: after a change of the command line, or of man/sections.roff.
man:
    UPDATE_DOCS=1 cargo test --locked --test docs manual::

# Draw the pictures of terminals anew. What `plan` prints comes from the test control plane.
pictures:
    UPDATE_DOCS=1 cargo test --locked --test operator picture::
    UPDATE_DOCS=1 cargo test --locked --test docs pictures::

# Time and allocations in process.
bench *ARGS:
    cargo bench --locked --bench render -- {{ ARGS }}

# Cold runs side by side with kubectl kustomize, kustomize, helm and jsonnet; needs kubectl, and Go for the others.
compare:
    program=$(image/build.sh) && bash benches/compare/run.sh "$program"

# All figures: cold runs, requests beside kubectl's and Flux's, the budgets. benches/run.sh says what it needs.
bench-all:
    program=$(image/build.sh) && bash benches/run.sh "$program"

# Build the image; needs buildah.
image TAG="cluster-image-registry-operator:dev":
    program=$(image/build.sh) && image/make.sh "$program" {{ TAG }}

# Build the image with the tests that OpenShift runs in a cluster; needs buildah.
image-tests TAG="cluster-image-registry-operator-tests:dev":
    program=$(image/build.sh) && image/make.sh "$program" {{ TAG }} tests

# Look into the image and run it; needs to be root.
image-check:
    program=$(image/build.sh) && OPERATOR_PROGRAM=$program cargo test --locked --test image

# What the program is made of: crates with versions and licences.
crates:
    cargo tree --locked --edges normal --prefix none --format "{p} {l}" | sort -u
