//! The image, made once for all tests and taken apart.

use crate::tools;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Names the program that the image is made of.
const PROGRAM: &str = "OPERATOR_PROGRAM";
const MAKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/image/make.sh");

/// An image in pieces.
pub struct Image {
    /// Size in all, compressed as it is pulled, in bytes.
    pub size: u64,
    /// What the image is known by.
    pub digest: String,
    /// What a runtime is told: user, environment, entrypoint, labels.
    pub config: Value,
    /// Its file system, as it is in the archive: a line for each file with mode, owner, path and target.
    pub listing: Vec<String>,
    /// Its file system, unpacked.
    pub root: PathBuf,
}

/// The operator's image.
pub static IMAGE: LazyLock<Image> = LazyLock::new(|| make("operator", "operator"));

/// Makes one of the images of the Containerfile anew, and takes it apart in a directory of that name.
pub fn make(name: &str, stage: &str) -> Image {
    let user = tools::run(Command::new("id").arg("-u"));
    assert_eq!(user.trim(), "0", "tests of the image unpack it and run containers, and have to be run by root");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("image").join(name);
    let _ = fs::remove_dir_all(&home);
    tools::write_configuration(&home);
    let program =
        std::env::var_os(PROGRAM).expect("OPERATOR_PROGRAM names no release build; image/build.sh prints one");
    let tag = "localhost/operator:test";
    tools::run(tools::command(MAKE, &home).arg(program).args([tag, stage]));
    // Layers are taken as they are pulled; the archive is a directory with a file for each part.
    let parts = home.join("parts");
    let to = format!("dir:{}", parts.display());
    tools::run(tools::command("buildah", &home).args(["push", "--quiet", tag, &to]));
    taken_apart(&parts, &home)
}

fn taken_apart(parts: &Path, home: &Path) -> Image {
    let manifest = read(&parts.join("manifest.json"));
    let part = |descriptor: &Value| parts.join(descriptor["digest"].as_str().unwrap().trim_start_matches("sha256:"));
    let mut listing = Vec::new();
    let root = home.join("root");
    fs::create_dir_all(&root).unwrap();
    let mut size = manifest["config"]["size"].as_u64().unwrap();
    for layer in manifest["layers"].as_array().unwrap() {
        size += layer["size"].as_u64().unwrap();
        let tar = |options: &[&str]| tools::run(Command::new("tar").args(options).arg("-zf").arg(part(layer)));
        listing.extend(tar(&["--numeric-owner", "-tv"]).lines().map(described));
        tar(&["--numeric-owner", "-C", root.to_str().unwrap(), "-xp"]);
    }
    let digest = tools::run(Command::new("sha256sum").arg(parts.join("manifest.json")));
    let digest = digest.split(' ').next().unwrap().to_owned();
    Image { size, digest, config: read(&part(&manifest["config"]))["config"].take(), listing, root }
}

/// A line of tar's without size and time.
fn described(line: &str) -> String {
    let mut words = line.split_whitespace();
    let (mode, owner) = (words.next().unwrap(), words.next().unwrap());
    let path: Vec<_> = words.skip(3).collect();
    format!("{mode} {owner} {}", path.join(" "))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
