//! ClusterRole `system:image-pruner`: what pruning reads, and the images it deletes.

use crate::render::manifest::Manifest;
use crate::render::rbac::{cluster_role, rule};

/// The name of the role.
pub const NAME: &str = "system:image-pruner";

/// The role, with the reference's rules.
pub fn build() -> Manifest {
    const READ: &[&str] = &["get", "list"];
    const IMAGE: &str = "image.openshift.io";
    cluster_role(
        NAME,
        vec![
            rule("", &["pods", "replicationcontrollers"], READ),
            rule("", &["limitranges"], &["list"]),
            rule("build.openshift.io", &["buildconfigs", "builds"], READ),
            rule("apps.openshift.io", &["deploymentconfigs"], READ),
            rule("batch", &["jobs", "cronjobs"], READ),
            rule("apps", &["daemonsets", "deployments", "replicasets", "statefulsets"], READ),
            rule(IMAGE, &["images"], &["delete"]),
            rule(IMAGE, &["images", "imagestreams"], &["get", "list", "watch"]),
            rule(IMAGE, &["imagestreams/status"], &["update"]),
        ],
    )
}
