//! A real MinIO (Go): S3 that verifies signature, region, time and content of every request, and refuses some calls.

use super::aws::{Aws, Keys};
use super::go;
use super::running::{Running, after};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a server is started with.
pub struct Settings<'a> {
    /// The only region whose signatures it takes.
    pub region: &'a str,
    /// With TLS by that certificate and its key.
    pub tls: Option<(&'a Path, &'a Path)>,
}

impl Default for Settings<'_> {
    fn default() -> Self {
        Settings { region: "us-east-1", tls: None }
    }
}

pub struct Minio {
    /// `http://127.0.0.1:port`, or with https.
    pub endpoint: String,
    pub region: String,
    /// The keys of the user who may do everything.
    pub keys: Keys,
    ca: Option<PathBuf>,
    running: Running,
}

impl Minio {
    /// Starts an empty server.
    ///
    /// Panics with the reason if it does not serve.
    pub fn start(settings: &Settings) -> Self {
        Self::try_start(settings).unwrap_or_else(|reason| panic!("MinIO: {reason}"))
    }

    fn try_start(settings: &Settings) -> Result<Self, String> {
        let keys = Keys { access: "operator".to_owned(), secret: "minio-secret".to_owned(), token: None };
        let directory = Running::directory()?;
        let certificates = directory.path().join("certificates");
        fs::create_dir_all(&certificates).map_err(|error| error.to_string())?;
        if let Some((certificate, key)) = settings.tls {
            for (file, name) in [(certificate, "public.crt"), (key, "private.key")] {
                fs::copy(file, certificates.join(name)).map_err(|error| format!("{}: {error}", file.display()))?;
            }
        }
        let mut server = Command::new(go::program("minio")?);
        server.env_clear().env("HOME", directory.path()).env("MINIO_BROWSER", "off").env("MINIO_UPDATE", "off");
        server.env("MINIO_ROOT_USER", &keys.access).env("MINIO_ROOT_PASSWORD", &keys.secret);
        server.env("MINIO_SITE_REGION", settings.region);
        server.args(["server", "--address", "127.0.0.1:0", "--certs-dir"]).arg(certificates);
        server.arg(directory.path().join("data"));
        let mut running = Running::start("minio", &mut server, directory)?;
        let endpoint = running.wait(|log| after(log, "API: "))?;
        let ca = settings.tls.map(|(certificate, _)| certificate.to_owned());
        Ok(Minio { endpoint, region: settings.region.to_owned(), keys, ca, running })
    }

    /// The way of that user to this server.
    pub fn aws(&self) -> Aws {
        let (endpoint, region, ca) = (self.endpoint.clone(), self.region.clone(), self.ca.clone());
        Aws { endpoint, region, keys: Some(self.keys.clone()), ca }
    }

    /// Everything it has written.
    pub fn log(&self) -> String {
        self.running.log()
    }
}
