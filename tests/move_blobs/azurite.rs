//! A real azurite (npm) with an account and a container of its own, in memory, for one test.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

const VERSION: &str = "3.37.0";

pub const ACCOUNT: &str = "imageregistrydemo";
pub const KEY: &str = "c2VjcmV0IGtleSBvZiB0aGUgdGVzdA==";
pub const CONTAINER: &str = "demo-image-registry";

pub struct Azurite {
    /// The account's blob endpoint.
    pub endpoint: String,
    ca: Option<PathBuf>,
    server: Child,
}

impl Azurite {
    pub fn start() -> Self {
        Self::with(&[], None)
    }

    /// With TLS by that certificate, taking tokens as well as the key.
    pub fn with_tokens(certificate: &Path, key: &Path) -> Self {
        let arguments = ["--oauth", "basic", "--cert", certificate.to_str().unwrap(), "--key", key.to_str().unwrap()];
        Self::with(&arguments, Some(certificate.to_owned()))
    }

    fn with(arguments: &[&str], ca: Option<PathBuf>) -> Self {
        let mut server = Command::new("node")
            .arg(installed().join("node_modules/azurite/dist/src/blob/main.js"))
            .args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--disableTelemetry"])
            .args(arguments)
            .env("AZURITE_ACCOUNTS", format!("{ACCOUNT}:{KEY}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = server.stdout.take().unwrap();
        let (found, url) = mpsc::channel();
        // Reads to the end: a server whose output nobody reads stops.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some((_, url)) = line.split_once("successfully listens on ") {
                    let _ = found.send(url.trim().to_owned());
                }
            }
        });
        let url = url.recv_timeout(Duration::from_secs(60)).expect("azurite does not listen");
        let azurite = Azurite { endpoint: format!("{url}/{ACCOUNT}"), ca, server };
        azurite.send(&[json!(["PUT", format!("/{CONTAINER}?restype=container"), {}, ""])]);
        azurite
    }

    /// Sends these requests, all of which must succeed.
    pub fn send(&self, requests: &[Value]) -> Vec<Value> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/move_blobs/requests.mjs");
        let mut command = Command::new("node");
        command.arg(script).args([&self.endpoint, ACCOUNT, KEY]).stdin(Stdio::piped()).stdout(Stdio::piped());
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

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn path(name: &str) -> String {
    let encode =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    format!("/{CONTAINER}/{}", name.bytes().map(encode).collect::<String>())
}

/// Where azurite is, installed at the first use.
fn installed() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let directory = target.join(format!("azurite-{VERSION}"));
        if !directory.exists() {
            let unfinished = tempfile::tempdir_in(target).unwrap().keep();
            let mut npm = Command::new("npm");
            npm.args(["install", "--no-audit", "--no-fund", "--silent", &format!("azurite@{VERSION}"), "--prefix"]);
            let status = npm.arg(&unfinished).status().expect("this test needs npm and node 20 to install azurite");
            assert!(status.success(), "npm could not install azurite {VERSION}: {status}");
            // Another run may have been faster.
            if std::fs::rename(&unfinished, &directory).is_err() {
                std::fs::remove_dir_all(&unfinished).unwrap();
            }
        }
        directory
    })
}
