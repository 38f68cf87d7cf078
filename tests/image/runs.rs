//! That the image runs.

use crate::container::{Container, outcome};
use crate::image::IMAGE;
use std::path::Path;
use std::process::Command;

/// The image's own user, and one of those that OpenShift gives to a namespace.
const USERS: [(u32, u32); 2] = [(1001, 1001), (1_000_680_000, 0)];

#[test]
fn it_tells_its_version() {
    for (user, group) in USERS {
        let (code, said, errors) = outcome(Container::of(user, group).run(&["--version"]));
        assert_eq!(said, format!("cluster-image-registry-operator {}\n", env!("CARGO_PKG_VERSION")), "{errors}");
        assert_eq!(code, Some(0));
    }
}

#[test]
fn it_renders_what_the_program_renders_anywhere() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/aws-default");
    let arguments = ["render", "-f", "input.yaml", "--env-file", "env.yaml"];
    let mut outside = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
    let expected = outcome(outside.args(arguments).current_dir(&fixture).output().unwrap());
    assert_eq!(expected.0, Some(0), "{}", expected.2);
    for (user, group) in USERS {
        let arguments = ["render", "-f", "/fixture/input.yaml", "--env-file", "/fixture/env.yaml"];
        let found = outcome(Container::of(user, group).mount(&fixture, "/fixture").run(&arguments));
        assert_eq!(found, expected);
    }
}

/// Jobs of older operators call it so.
#[test]
fn blobs_are_moved_by_a_name_of_its_own() {
    for (user, group) in USERS {
        let (code, said, errors) = outcome(Container::of(user, group).command(&["move-blobs"]));
        assert_eq!((code, said.as_str()), (Some(2), ""));
        assert!(errors.contains("AZURE_STORAGE_ACCOUNT_NAME"), "{errors}");
    }
}

/// The Deployment in `manifests/` has flags and no verb.
#[test]
fn the_operator_looks_for_its_cluster() {
    let files = "--files=/var/run/configmaps/trusted-ca/tls-ca-bundle.pem";
    for (user, group) in USERS {
        let (code, said, errors) = outcome(Container::of(user, group).run(&[files]));
        assert_eq!((code, said.as_str()), (Some(3), ""), "{errors}");
        assert!(errors.contains("there is no cluster to talk to"), "{errors}");
    }
}

#[test]
fn there_is_no_shell() {
    let (code, _, errors) = outcome(Container::of(1001, 1001).command(&["sh", "-c", "true"]));
    assert_ne!(code, Some(0));
    assert!(errors.contains("executable file not found"), "{errors}");
    assert!(!IMAGE.root.join("bin").exists());
}
