//! Every fixture renders what its golden file says, byte for byte, and every golden file has its fixture.
//!
//! The command compares, as it does for users. After an intended change:
//! `cargo run -- check -f fixtures --golden snapshots --update`, and review the difference.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

use std::process::Command;

#[test]
fn fixtures_render_their_golden_files() {
    let output = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["check", "-f", "fixtures", "--golden", "snapshots"])
        .env_clear()
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}
