//! Installing what tests need below the target directory, once, whoever comes first.

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything that is installed, and what runs leave.
pub const ROOT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/servers");

/// The directory with the thing of that name, filled by `fill` unless an earlier run has done so.
///
/// `made_of` is what decides on the content: with other words it is installed anew.
///
/// # Errors
/// What `fill` says, or why there can be no directory.
pub fn once(name: &str, made_of: &[&str], fill: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let explain = |error: std::io::Error| format!("{ROOT}/{name}: {error}");
    let finished = Path::new(ROOT).join(format!("{name}-{}", digest(made_of)));
    let _lock = lock(name)?;
    if !finished.is_dir() {
        let unfinished = Path::new(ROOT).join(format!("{name}.unfinished"));
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(explain)?;
        }
        fs::create_dir_all(&unfinished).map_err(explain)?;
        // Written past the capture of test output, since it takes its time.
        let _ = writeln!(std::io::stderr(), "installing {name} for the tests; once");
        fill(&unfinished)?;
        fs::rename(&unfinished, &finished).map_err(explain)?;
    }
    Ok(finished)
}

/// Waits until nobody else holds the lock of that name; it is free again when the file is dropped.
///
/// # Errors
/// Why there can be no such file.
pub fn lock(name: &str) -> Result<File, String> {
    let explain = |error: std::io::Error| format!("{ROOT}/{name}.lock: {error}");
    fs::create_dir_all(ROOT).map_err(explain)?;
    let lock = File::create(Path::new(ROOT).join(format!("{name}.lock"))).map_err(explain)?;
    lock.lock().map_err(explain)?;
    Ok(lock)
}

/// Runs a program to its end; what it prints to standard output.
///
/// # Errors
/// That the program is missing, as what `needed` says, or that it failed and what it said.
pub fn run(command: &mut Command, needed: &str) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => needed.to_owned(),
        _ => format!("{name}: {error}"),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} {}: {}\n{said}", arguments.join(" "), output.status))
}

fn digest(words: &[&str]) -> String {
    let mut digest = Sha256::new();
    for word in words {
        digest.update(word);
        digest.update([0]);
    }
    digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
