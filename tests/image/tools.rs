//! buildah and runc of Debian, which need not be installed.

use crate::support::servers::apt;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// The programs, and the libraries that a machine without them lacks.
const PACKAGES: [(&str, &str); 5] = [
    ("buildah", "1.28"),
    ("runc", "1.1"),
    ("libgpgme11", "1.18"),
    ("libassuan0", "2.5"),
    ("libdevmapper1.02.1", "2:1.02"),
];

static UNPACKED: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
    let unpacked = |(package, version)| apt::unpacked(package, version).unwrap_or_else(|error| panic!("{error}"));
    PACKAGES.into_iter().map(unpacked).collect()
});

/// A command that finds the programs, and whose images are below that directory instead of those of the machine.
pub fn command(program: &str, home: &Path) -> Command {
    let arch = std::env::consts::ARCH;
    let below = |parts: &[String]| -> Vec<PathBuf> {
        UNPACKED.iter().flat_map(|package| parts.iter().map(|part| package.join(part))).collect()
    };
    let programs = below(&["usr/bin".to_owned(), "usr/sbin".to_owned()]);
    let libraries = below(&[format!("usr/lib/{arch}-linux-gnu"), format!("lib/{arch}-linux-gnu")]);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command.env("PATH", joined(programs.into_iter().chain(std::env::split_paths(&path))));
    command.env("LD_LIBRARY_PATH", joined(libraries.into_iter()));
    command.env("HOME", home).env("CONTAINERS_STORAGE_CONF", home.join("storage.conf"));
    command.env("CONTAINERS_CONF", home.join("containers.conf"));
    command
}

/// What buildah wants to find in its home.
pub fn write_configuration(home: &Path) {
    let containers = home.join(".config/containers");
    fs::create_dir_all(&containers).unwrap();
    fs::write(containers.join("policy.json"), r#"{"default": [{"type": "insecureAcceptAnything"}]}"#).unwrap();
    let (graph, run) = (home.join("images"), home.join("run"));
    let storage = format!("[storage]\ndriver = \"vfs\"\ngraphroot = {graph:?}\nrunroot = {run:?}\n");
    fs::write(home.join("storage.conf"), storage).unwrap();
    let network = format!("[network]\nnetwork_config_dir = {:?}\n", home.join("network"));
    fs::write(home.join("containers.conf"), network).unwrap();
}

/// Runs it to its end, which has to be a good one; what it prints.
pub fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    assert!(status.success(), "{command:?}: {status}\n{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

fn joined(paths: impl Iterator<Item = PathBuf>) -> OsString {
    std::env::join_paths(paths).unwrap()
}
