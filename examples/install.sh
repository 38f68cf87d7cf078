#!/usr/bin/env bash
# Prints what installs the operator, with these images and this version: `examples/install.sh … | oc apply -f -`.
# A release does the same by `image-references`. On OpenShift, `oc adm release info --image-for=docker-registry` and
# `--image-for=cli` tell the images of the registry and of the pruner.
set -euo pipefail
if (($# != 4)); then
    echo "usage: $0 OPERATOR_IMAGE REGISTRY_IMAGE CLI_IMAGE VERSION" >&2
    exit 2
fi
awk 'FNR == 1 { print "---" } { print }' "$(dirname "$0")"/../manifests/0*.yaml | sed \
    -e "s|docker.io/openshift/origin-cluster-image-registry-operator:latest|$1|" \
    -e "s|docker.io/openshift/origin-docker-registry:latest|$2|" \
    -e "s|quay.io/openshift/origin-cli:v4.0|$3|" \
    -e "s|0\.0\.1-snapshot|$4|"
