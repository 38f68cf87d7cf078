//! Programs built with Go from the modules of tests/servers-go, each of which names one as its tool, which may be its own.

use super::install;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MODULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers-go");
const TO_INSTALL: &str = "tests of storage need Go 1.26 or newer in PATH (https://go.dev/dl)";

/// The program of that module, built if this source of it has not been built before.
///
/// # Errors
/// What to install, or why the build failed.
pub fn program(module: &str) -> Result<PathBuf, String> {
    let source = Path::new(MODULES).join(module);
    let read = |file: &str| {
        let path = source.join(file);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let requirements = read("go.mod")?;
    let mut made_of = vec![requirements.clone(), read("go.sum")?];
    // A module may have a program of its own.
    if source.join("main.go").exists() {
        made_of.push(read("main.go")?);
    }
    let made_of: Vec<&str> = made_of.iter().map(String::as_str).collect();
    let directory = install::once(module, &made_of, |directory| {
        let package = requirements.lines().find_map(|line| line.strip_prefix("tool "));
        let package = package.ok_or_else(|| format!("{module}/go.mod names no tool"))?;
        build(&source, package, &directory.join(module))
    })?;
    Ok(directory.join(module))
}

fn build(source: &Path, package: &str, program: &Path) -> Result<(), String> {
    // One build at a time: a compiler per core needs gigabytes.
    let _lock = install::lock("go")?;
    let mut go = Command::new("go");
    go.current_dir(source).env("CGO_ENABLED", "0");
    go.args(["build", "-p", "2", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", "-o"]).arg(program).arg(package);
    install::run(&mut go, TO_INSTALL).map(drop)
}
