#!/bin/bash
# Runs OpenShift's own operator as the tests run an operator. It wants the certificate of its metrics in /etc/secrets,
# which it gets in a view of /etc of its own (namespaces, overlayfs); the process stays the same.
set -euo pipefail
PATH=/usr/sbin:/usr/bin:/sbin:/bin
program=$(cd "$(dirname "$0")/../.." && pwd)/target/bench/openshift-operator
export program
# shellcheck disable=SC2016
exec unshare --mount --map-root-user bash -euc '
    mount -t tmpfs tmpfs /mnt
    mkdir /mnt/upper /mnt/work
    mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
    mkdir /etc/secrets
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost \
        -keyout /etc/secrets/tls.key -out /etc/secrets/tls.crt 2>/dev/null
    exec "$program" "$@"' bash "$@"
