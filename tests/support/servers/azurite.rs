//! A real azurite (npm): Azure's Blob service in memory, for one test.

use super::install;
use super::running::{Running, after};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const VERSION: &str = "3.37.0";
const REQUESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/servers/azurite.mjs");
const TO_INSTALL: &str = "tests of storage need npm and node 20 in PATH";

pub const ACCOUNT: &str = "imageregistrydemo";
pub const KEY: &str = "c2VjcmV0IGtleSBvZiB0aGUgdGVzdA==";
pub const CONTAINER: &str = "demo-image-registry";

/// What a server is started with.
#[derive(Default)]
pub struct Settings<'a> {
    /// Accounts with their keys in base64; the first is the one of the requests.
    pub accounts: &'a [(&'a str, &'a str)],
    /// With TLS by that certificate and its key.
    pub tls: Option<(&'a Path, &'a Path)>,
    /// Takes tokens as well as the key; it looks at their issuer, audience and time. Needs TLS.
    pub tokens: bool,
    /// Takes versions of the API that this azurite does not know, as newer clients send.
    pub any_version: bool,
}

pub struct Azurite {
    /// The blob endpoint of the first account.
    pub endpoint: String,
    /// `http://127.0.0.1:port` or with https, to which accounts are added as the beginning of the path.
    pub url: String,
    account: (String, String),
    ca: Option<PathBuf>,
    running: Running,
}

impl Azurite {
    /// With one account and a container.
    pub fn start() -> Self {
        Self::with_container(Settings::default())
    }

    /// The same with TLS by that certificate, taking tokens as well as the key.
    pub fn with_tokens(certificate: &Path, key: &Path) -> Self {
        Self::with_container(Settings { tls: Some((certificate, key)), tokens: true, ..Settings::default() })
    }

    fn with_container(settings: Settings) -> Self {
        let azurite = Self::with(&Settings { accounts: &[(ACCOUNT, KEY)], ..settings });
        azurite.send(&[json!(["PUT", format!("/{CONTAINER}?restype=container"), {}, ""])]);
        azurite
    }

    /// With these accounts, which are empty.
    ///
    /// Panics with the reason if it does not serve.
    pub fn with(settings: &Settings) -> Self {
        Self::try_with(settings).unwrap_or_else(|reason| panic!("azurite: {reason}"))
    }

    fn try_with(settings: &Settings) -> Result<Self, String> {
        let directory = Running::directory()?;
        let mut node = Command::new("node");
        node.arg(installed()?.join("node_modules/azurite/dist/src/blob/main.js")).current_dir(directory.path());
        node.args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--disableTelemetry"]);
        if let Some((certificate, key)) = settings.tls {
            node.arg("--cert").arg(certificate).arg("--key").arg(key);
        }
        if settings.tokens {
            node.args(["--oauth", "basic"]);
        }
        if settings.any_version {
            node.arg("--skipApiVersionCheck");
        }
        let accounts: Vec<String> = settings.accounts.iter().map(|(name, key)| format!("{name}:{key}")).collect();
        node.env("AZURITE_ACCOUNTS", accounts.join(";"));
        let mut running = Running::start("azurite", &mut node, directory)?;
        let url = running.wait(|log| after(log, "successfully listens on "))?;
        let (name, key) = settings.accounts[0];
        let (account, ca) =
            ((name.to_owned(), key.to_owned()), settings.tls.map(|(certificate, _)| certificate.into()));
        Ok(Azurite { endpoint: format!("{url}/{name}"), url, account, ca, running })
    }

    /// A line for each request, with the address it came from, method, path, status and time.
    pub fn log(&self) -> String {
        self.running.log()
    }

    /// Sends these requests as the first account, all of which must succeed.
    pub fn send(&self, requests: &[Value]) -> Vec<Value> {
        let (account, key) = &self.account;
        self.send_as(account, key, requests)
    }

    /// The same as another account, to paths of that account.
    pub fn send_as(&self, account: &str, key: &str, requests: &[Value]) -> Vec<Value> {
        let mut command = Command::new("node");
        command
            .args([REQUESTS, &format!("{}/{account}", self.url), account, key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(ca) = &self.ca {
            command.env("NODE_EXTRA_CA_CERTS", ca);
        }
        let mut client = command.spawn().unwrap();
        client.stdin.take().unwrap().write_all(json!(requests).to_string().as_bytes()).unwrap();
        let answers: Vec<Value> = serde_json::from_slice(&client.wait_with_output().unwrap().stdout).unwrap();
        for (request, answer) in requests.iter().zip(&answers) {
            assert!(answer[0].as_u64().unwrap() < 300, "{request}: {answer}");
        }
        answers
    }

    pub fn upload(&self, blobs: &[(&str, &str)]) {
        let headers = json!({ "x-ms-blob-type": "BlockBlob", "content-type": "application/json" });
        let put = |(name, content): &(&str, &str)| json!(["PUT", path(name), headers, content]);
        self.send(&blobs.iter().map(put).collect::<Vec<_>>());
    }

    /// A blob of the kind that registries write, of which the service keeps no checksum.
    pub fn append(&self, name: &str, content: &str) {
        self.send(&[
            json!(["PUT", path(name), { "x-ms-blob-type": "AppendBlob" }, ""]),
            json!(["PUT", format!("{}?comp=appendblock", path(name)), {}, content]),
        ]);
    }

    /// Every blob's name and content, in order.
    pub fn blobs(&self) -> Vec<(String, String)> {
        let list = self.send(&[json!(["GET", format!("/{CONTAINER}?restype=container&comp=list"), {}, ""])]);
        let xml = list[0][2].as_str().unwrap();
        let names: Vec<String> =
            xml.split("<Name>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect();
        let answers = self.send(&names.iter().map(|name| json!(["GET", path(name), {}, ""])).collect::<Vec<_>>());
        names.into_iter().zip(answers).map(|(name, answer)| (name, answer[2].as_str().unwrap().to_owned())).collect()
    }
}

fn path(name: &str) -> String {
    let encode =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    format!("/{CONTAINER}/{}", name.bytes().map(encode).collect::<String>())
}

/// Where azurite is, installed at the first use.
fn installed() -> Result<PathBuf, String> {
    install::once("azurite", &[VERSION], |directory| {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--silent", &format!("azurite@{VERSION}"), "--prefix"]);
        install::run(npm.arg(directory), TO_INSTALL).map(drop)
    })
}
