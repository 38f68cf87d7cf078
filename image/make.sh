#!/usr/bin/env bash
# Makes an image: image/make.sh PROGRAM TAG [operator|tests], PROGRAM being what image/build.sh prints. Needs buildah, or
# another BUILDER, which podman can be. CA_BUNDLE names other CA roots than Debian's, SOURCE_URL where the source is, and
# SOURCE_DATE_EPOCH the time of the image, which is that of the commit otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
name=cluster-image-registry-operator
program=$1 tag=$2 stage=${3:-operator}
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

# Those of the system would have the CAs that somebody has added to this machine.
roots() {
    local mozilla=(/usr/share/ca-certificates/mozilla/*.crt)
    if [[ -n ${CA_BUNDLE:-} ]]; then
        cat "$CA_BUNDLE"
    elif [[ -e ${mozilla[0]} ]]; then
        # In an order that is the same in every locale.
        printf '%s\0' "${mozilla[@]}" | LC_ALL=C sort -z | xargs -0 cat
    else
        echo "image/make.sh: there are no CA roots: install the package ca-certificates, or name a bundle in CA_BUNDLE" >&2
        return 1
    fi
}

root=$context/operator
install -d "$root"/{etc/ssl/certs,manifests,usr/bin}
install -d -m 1777 "$root/tmp"
install "$program" "$root/usr/bin/$name"
ln -s $name "$root/usr/bin/move-blobs"
# OpenShift looks into no directory below this one.
find manifests -type f -exec install -m 0644 -t "$root/manifests" {} +
roots >"$root/etc/ssl/certs/ca-certificates.crt"

if [[ $stage == tests ]]; then
    install -d "$context/tests/usr/bin"
    # Without the name and the time of the file.
    gzip -9n <"$program-tests-ext" >"$context/tests/usr/bin/$name-tests-ext.gz"
fi

read -r _ version < <("$program" --version)
"${BUILDER:-buildah}" build --quiet --layers --format oci --file Containerfile --target "$stage" --tag "$tag" --build-arg VERSION="$version" \
    --timestamp "${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" \
    ${SOURCE_URL:+--label "org.opencontainers.image.source=$SOURCE_URL"} "$context"
