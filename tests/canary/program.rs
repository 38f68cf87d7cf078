//! Running the program.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run has printed.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs it with these arguments, separated by spaces, in that directory.
pub fn run(directory: &Path, arguments: &str) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"))
        .args(arguments.split_whitespace())
        .current_dir(directory)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let ran = Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
    assert!(!ran.stderr.contains("panicked"), "{arguments}: {}", ran.stderr);
    ran
}

/// Everything in the files below a directory, names included.
pub fn files(directory: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        all.push_str(&format!("{}\n", path.display()));
        all.push_str(&if path.is_dir() {
            files(&path)
        } else {
            String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
        });
    }
    all
}
