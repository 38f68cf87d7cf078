//! Where etcd, kube-apiserver, kube-controller-manager and kubectl come from: `KUBEBUILDER_ASSETS`, or one build with Go.

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/control-plane");
const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/control-plane");
const NAMES: [&str; 5] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"];
const TO_INSTALL: &str = "tests against a control plane need Go 1.25 or newer in PATH (https://go.dev/dl), or \
    KUBEBUILDER_ASSETS naming a directory with etcd, kube-apiserver and kube-controller-manager";

/// The path of a program of the control plane.
///
/// The assets of setup-envtest hold no kube-controller-manager; what they lack is built.
///
/// # Errors
/// What to install, or why the build failed.
pub fn locate(name: &str) -> Result<PathBuf, String> {
    let asset = std::env::var_os("KUBEBUILDER_ASSETS").map(|assets| Path::new(&assets).join(name));
    match asset {
        Some(path) if path.is_file() => Ok(path),
        _ => Ok(built()?.join(name)),
    }
}

/// The directory with the programs, built if this source has not been built before.
fn built() -> Result<PathBuf, String> {
    let explain = |error: std::io::Error| format!("{CACHE}: {error}");
    let finished = Path::new(CACHE).join(key()?);
    fs::create_dir_all(CACHE).map_err(explain)?;
    // Whoever comes second waits and then finds it finished.
    let lock = File::create(Path::new(CACHE).join("lock")).map_err(explain)?;
    lock.lock().map_err(explain)?;
    if !finished.is_dir() {
        let unfinished = Path::new(CACHE).join("unfinished");
        fs::create_dir_all(&unfinished).map_err(explain)?;
        let program = unfinished.join("control-plane");
        build(&program)?;
        for name in NAMES {
            match symlink("control-plane", unfinished.join(name)) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(explain(error)),
                _ => {}
            }
        }
        fs::rename(&unfinished, &finished).map_err(explain)?;
    }
    Ok(finished)
}

/// Names the build by what it is made of.
fn key() -> Result<String, String> {
    let mut digest = Sha256::new();
    for file in ["go.mod", "go.sum", "main.go"] {
        digest.update(read(file)?);
    }
    Ok(digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

fn read(file: &str) -> Result<String, String> {
    fs::read_to_string(Path::new(SOURCE).join(file)).map_err(|error| format!("{SOURCE}/{file}: {error}"))
}

fn build(program: &Path) -> Result<(), String> {
    let requirements = read("go.mod")?;
    let version = requirements.split_whitespace().skip_while(|word| *word != "k8s.io/kubernetes").nth(1);
    let version = version.ok_or("tests/control-plane/go.mod does not require k8s.io/kubernetes")?;
    // Written past the capture of test output, since it takes minutes.
    let _ = writeln!(std::io::stderr(), "building the control plane {version}; once, it takes some minutes");
    let output = Command::new("go")
        .current_dir(SOURCE)
        .env("CGO_ENABLED", "0")
        .args(["build", "-trimpath", "-ldflags"])
        // Clients parse the version, and without this there is none.
        .arg(format!("-s -w -X k8s.io/component-base/version.gitVersion={version}"))
        .arg("-o")
        .arg(program)
        .arg(".")
        .output()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => TO_INSTALL.to_owned(),
            _ => format!("go: {error}"),
        })?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("go build in {SOURCE}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
