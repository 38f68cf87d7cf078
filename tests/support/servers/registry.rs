//! Real registries: of the distribution project (Go) and of Debian, and an image pushed through them.

use super::crane::Crane;
use super::running::{Running, after};
use super::{apt, go, stock};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Which registry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// distribution v3.1.2: filesystem, S3, GCS and Azure.
    Distribution,
    /// Debian's docker-registry 2.8: filesystem, S3 and Swift, of the version that OpenShift's is a fork of.
    Debian,
}

impl Kind {
    /// Where the program is, installed at the first use.
    fn program(self) -> Result<PathBuf, String> {
        match self {
            Kind::Distribution => go::program("registry"),
            Kind::Debian => Ok(apt::unpacked("docker-registry", "2.8.")?.join("usr/bin/docker-registry")),
        }
    }
}

pub struct Registry {
    /// `127.0.0.1:port`; HTTPS if it was given a certificate that is there.
    pub address: String,
    running: Running,
}

impl Registry {
    /// Starts a registry in this environment alone, with what [`stock`] adds.
    ///
    /// Panics with the reason if it does not serve.
    pub fn start(kind: Kind, environment: &[(String, String)]) -> Self {
        Self::try_start(kind, environment).unwrap_or_else(|reason| panic!("registry: {reason}"))
    }

    /// The same for settings with which it may not start.
    ///
    /// # Errors
    /// Why it does not serve, with the end of its log.
    pub fn try_start(kind: Kind, environment: &[(String, String)]) -> Result<Self, String> {
        let directory = Running::directory()?;
        let configuration = directory.path().join("config.yml");
        fs::write(&configuration, stock::CONFIGURATION).map_err(|error| error.to_string())?;
        let mut registry = Command::new(kind.program()?);
        registry.current_dir(directory.path()).env_clear().envs(stock::environment(kind, environment));
        registry.arg("serve").arg(configuration);
        let mut running = Running::start("registry", &mut registry, directory)?;
        let address = running.wait(|log| after(log, "listening on "))?;
        Ok(Registry { address, running })
    }

    /// Everything it has written: a line for each request.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

/// Pushes an image, pulls it, looks whether it is the same, and deletes it again; its digest.
///
/// One of its layers is of 12 MB, so that it is uploaded in parts. Panics with the reason if anything fails.
pub fn push_pull(registry: &Registry) -> String {
    try_push_pull(&registry.address).unwrap_or_else(|reason| panic!("{reason}\n{}", registry.running.log_tail()))
}

/// The same for a registry at any address; what failed instead of a panic.
///
/// # Errors
/// What the client said, or what is not as it was pushed.
pub fn try_push_pull(address: &str) -> Result<String, String> {
    let crane = Crane::new()?;
    let image = crane.image()?;
    let repository = format!("{address}/openshift/test");
    let tagged = format!("{repository}:latest");
    crane.push(&image, &tagged)?;
    same("digest", &crane.run(&["digest", &tagged])?, &image.digest)?;
    same("tags", &crane.run(&["ls", &repository])?, "latest")?;
    let pulled = crane.pull(&tagged)?;
    same("digest of what was pulled", &pulled.digest, &image.digest)?;
    same("layers of what was pulled", &pulled.layers.join(", "), &image.layers.join(", "))?;

    let by_digest = format!("{repository}@{}", image.digest);
    crane.run(&["delete", &by_digest])?;
    match crane.run(&["manifest", &by_digest]) {
        Err(said) if said.contains("MANIFEST_UNKNOWN") => Ok(image.digest),
        other => Err(format!("the manifest is there after it was deleted: {other:?}")),
    }
}

fn same(what: &str, found: &str, pushed: &str) -> Result<(), String> {
    if found == pushed { Ok(()) } else { Err(format!("{what}: {found:?} instead of {pushed:?}")) }
}
