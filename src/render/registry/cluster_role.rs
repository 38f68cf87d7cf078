//! ClusterRole `system:registry`: what the registry may do on behalf of its users.

use crate::render::manifest::Manifest;
use crate::render::rbac::{cluster_role, rule};

/// The name of the role.
pub const NAME: &str = "system:registry";

/// The role, with the reference's rules.
pub fn build() -> Manifest {
    const IMAGE: &str = "image.openshift.io";
    cluster_role(
        NAME,
        vec![
            rule("", &["limitranges", "resourcequotas"], &["list"]),
            rule(IMAGE, &["imagestreamimages", "imagestreams/layers", "imagestreams/secrets"], &["get"]),
            rule(IMAGE, &["imagestreams"], &["get", "update"]),
            rule(IMAGE, &["imagestreamtags"], &["delete"]),
            rule(IMAGE, &["images"], &["get", "update", "create"]),
            rule(IMAGE, &["imagestreammappings"], &["create"]),
            rule("operator.openshift.io", &["imagecontentsourcepolicies"], &["list"]),
            rule("config.openshift.io", &["imagedigestmirrorsets", "imagetagmirrorsets"], &["list"]),
            rule("authorization.k8s.io", &["subjectaccessreviews"], &["create"]),
        ],
    )
}
