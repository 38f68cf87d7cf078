//! A real fake-gcs-server (Go): Google Cloud Storage in memory, without TLS and without credentials.
//!
//! It keeps no labels, and every bucket is of one place and class.

use super::running::{Running, after};
use super::{go, http};
use std::net::TcpListener;
use std::process::Command;

/// How often another port is tried when somebody else was faster at it.
const TRIES: usize = 5;

pub struct Gcs {
    /// `127.0.0.1:port`.
    pub address: String,
    running: Running,
}

impl Gcs {
    /// Starts a server that is asked by its own address.
    ///
    /// Panics with the reason if it does not serve.
    pub fn start() -> Self {
        Self::try_start(None).unwrap_or_else(|reason| panic!("fake-gcs-server: {reason}"))
    }

    /// Starts a server that is asked through another one, at `url`.
    ///
    /// The other one passes `Host` on and sets `X-Forwarded-Proto`, of which links for uploads are made.
    pub fn behind(url: &str) -> Self {
        Self::try_start(Some(url)).unwrap_or_else(|reason| panic!("fake-gcs-server: {reason}"))
    }

    fn try_start(url: Option<&str>) -> Result<Self, String> {
        let program = go::program("fake-gcs-server")?;
        let mut outcome = Err(String::new());
        for _ in 0..TRIES {
            // It can choose a port by itself, but does not say which.
            let address = free_address()?;
            let directory = Running::directory()?;
            let own = format!("http://{address}");
            let url = url.unwrap_or(&own);
            let mut server = Command::new(&program);
            server.env_clear().args(["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port"]);
            server.arg(address.rsplit(':').next().unwrap_or_default()).args(["-external-url", url]);
            server.args(["-public-host", url.rsplit('/').next().unwrap_or_default(), "-data"]).arg(directory.path());
            let mut running = Running::start("fake-gcs-server", &mut server, directory)?;
            match running.wait(|log| after(log, "server started at ")) {
                Ok(_) => return Ok(Gcs { address, running }),
                Err(reason) => outcome = Err(reason),
            }
        }
        outcome
    }

    /// The answer to a request.
    pub fn send(&self, method: &str, path: &str, body: &str) -> http::Answer {
        http::send(&self.address, method, path, body)
    }

    /// Everything it has written: a line for each request.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

/// An address that nobody listens at.
fn free_address() -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.to_string()).map_err(|error| error.to_string())
}
