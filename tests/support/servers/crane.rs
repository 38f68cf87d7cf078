//! crane (Go), the client that pushes and pulls, and images made with it.

use super::running::Running;
use super::{go, install, tar};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// Bytes of a file that a registry stores in more than one part: 10 MB is the default of its S3 driver.
const LARGE: usize = 12_000_000;

/// A client without credentials or other settings of the machine's.
pub struct Crane {
    program: PathBuf,
    directory: TempDir,
}

/// An image in a file or directory.
pub struct Image {
    /// Of its manifest.
    pub digest: String,
    /// Of its layers, in order.
    pub layers: Vec<String>,
    path: String,
}

impl Crane {
    /// A client with a directory of its own.
    ///
    /// # Errors
    /// Why it cannot be installed.
    pub fn new() -> Result<Self, String> {
        Ok(Crane { program: go::program("crane")?, directory: Running::directory()? })
    }

    /// Runs a command of crane's; what it prints, without spaces around.
    ///
    /// # Errors
    /// What it said when it failed.
    pub fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let mut crane = Command::new(&self.program);
        // The certificate of a registry here is not of an authority that the machine knows.
        crane.env_clear().env("DOCKER_CONFIG", self.directory.path()).args(arguments).arg("--insecure");
        install::run(&mut crane, "crane is gone").map(|printed| printed.trim().to_owned())
    }

    /// Pushes the image.
    ///
    /// # Errors
    /// What crane said.
    pub fn push(&self, image: &Image, reference: &str) -> Result<(), String> {
        self.run(&["push", &image.path, reference]).map(drop)
    }

    /// Pulls an image and looks whether every file of it has the digest that it goes by.
    ///
    /// # Errors
    /// What crane said, or what is not of its digest.
    pub fn pull(&self, reference: &str) -> Result<Image, String> {
        let path = self.directory.path().join("pulled");
        self.run(&["pull", "--format=oci", reference, &path.to_string_lossy()])?;
        let digest = digest_of(&json(&fs::read(path.join("index.json")).unwrap())["manifests"][0]);
        let blobs = path.join("blobs/sha256");
        for blob in fs::read_dir(&blobs).unwrap() {
            let blob = blob.unwrap();
            let (name, content) = (blob.file_name(), fs::read(blob.path()).unwrap());
            if hex(&Sha256::digest(&content)) != name.to_string_lossy() {
                return Err(format!("{reference}: the content of {} is another", name.display()));
            }
        }
        let manifest = json(&fs::read(blobs.join(digest.trim_start_matches("sha256:"))).unwrap());
        let layers: Vec<String> = manifest["layers"].as_array().unwrap().iter().map(digest_of).collect();
        let missing = layers.iter().find(|layer| !blobs.join(layer.trim_start_matches("sha256:")).is_file());
        match missing {
            Some(layer) => Err(format!("{reference}: there is no layer {layer}")),
            None => Ok(Image { digest, layers, path: path.to_string_lossy().into_owned() }),
        }
    }

    /// Makes an image that never was before, of a small and a large layer.
    ///
    /// # Errors
    /// What crane said.
    pub fn image(&self) -> Result<Image, String> {
        let at = |name: &str| self.directory.path().join(name).to_string_lossy().into_owned();
        let mut random = vec![0; LARGE];
        getrandom::fill(&mut random).unwrap();
        fs::write(at("small.tar"), tar::archive(&[("motd", b"hello\n"), ("etc/name", &random[..32])])).unwrap();
        fs::write(at("large.tar"), tar::archive(&[("data", &random)])).unwrap();
        let path = at("image.tar");
        self.run(&["append", "-f", &at("small.tar"), "-f", &at("large.tar"), "-t", "test:latest", "-o", &path])?;
        let digest = self.run(&["digest", "--tarball", &path])?;
        let manifest = json(&tar::file(&fs::read(&path).unwrap(), "manifest.json").unwrap());
        let files = manifest[0]["Layers"].as_array().unwrap().iter();
        // Each is named by its digest.
        let layer = |file: &Value| format!("sha256:{}", file.as_str().unwrap().trim_end_matches(".tar.gz"));
        Ok(Image { digest, layers: files.map(layer).collect(), path })
    }
}

fn digest_of(descriptor: &Value) -> String {
    descriptor["digest"].as_str().unwrap().to_owned()
}

fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
