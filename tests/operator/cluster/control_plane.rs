//! etcd, kube-apiserver and kube-controller-manager on the loopback interface.

use super::process::{Process, signal};
use super::{credentials, programs};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::json;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

const RUNS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/operator");
const API_SERVER: &str = "kube-apiserver";
const UNTIL_READY: Duration = Duration::from_secs(60);

/// What the tests need; nothing that a cloud, a network or real nodes are needed for.
const CONTROLLERS: [&str; 14] = [
    "cronjob-controller",
    "daemonset-controller",
    "deployment-controller",
    "disruption-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
    "job-controller",
    "namespace-controller",
    "persistentvolumeclaim-protection-controller",
    "replicaset-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "ttl-after-finished-controller",
];

/// The running programs.
pub struct ControlPlane {
    directory: PathBuf,
    server: String,
    /// Of etcd for the API server, and of the API server.
    ports: [u16; 2],
    processes: Mutex<Vec<Process>>,
}

impl ControlPlane {
    /// Starts everything and waits until the API server is ready.
    ///
    /// # Errors
    /// What is missing, or the log of the program that does not come up.
    pub async fn start() -> Result<Self, String> {
        let programs = ["etcd", API_SERVER, "kube-controller-manager"].map(programs::locate);
        let [etcd, api_server, controllers] = programs;
        let (etcd, _, controllers) = (etcd?, api_server?, controllers?);
        let directory = new_directory().map_err(|error| format!("{RUNS}: {error}"))?;
        credentials::write(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        let [client_port, peer_port, port] = free_ports().map_err(|error| format!("no free port: {error}"))?;
        let server = format!("https://127.0.0.1:{port}");
        let plane = ControlPlane { directory, server, ports: [client_port, port], processes: Mutex::default() };
        plane.start_etcd(&etcd, client_port, peer_port)?;
        plane.start_api_server(client_port, port)?;
        plane.ready().await?;
        plane.start_controllers(&controllers)?;
        Ok(plane)
    }

    /// Where logs and certificates are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The audit log.
    pub fn audit_log(&self) -> PathBuf {
        self.directory.join("audit.log")
    }

    /// Sends a signal to the API server.
    pub fn signal_api_server(&self, name: &str) {
        self.signal(API_SERVER, name);
    }

    /// Sends a signal to etcd.
    pub fn signal_etcd(&self, name: &str) {
        self.signal("etcd", name);
    }

    fn signal(&self, program: &str, name: &str) {
        let sent = self.processes().iter().find(|process| process.name() == program).map(|p| signal(p.id(), name));
        assert_eq!(sent, Some(true), "SIG{name} to {program}");
    }

    /// Kills the API server and starts it again, with all that was stored, on the same port.
    ///
    /// # Errors
    /// The log of what does not come up.
    pub async fn restart_api_server(&self) -> Result<(), String> {
        self.processes().retain(|process| process.name() != API_SERVER);
        let [etcd_port, port] = self.ports;
        self.start_api_server(etcd_port, port)?;
        self.ready().await
    }

    /// A kubeconfig file for a user.
    pub fn kubeconfig(&self, user: &str) -> PathBuf {
        let path = self.directory.join(format!("{}.kubeconfig", user.replace(':', "-")));
        // An operator that was started a moment ago may be reading it.
        if !path.exists() {
            fs::write(&path, credentials::kubeconfig(&self.directory, &self.server, user)).unwrap();
        }
        path
    }

    /// A client for a user. It belongs to the runtime it is made in.
    pub async fn client(&self, user: &str) -> Client {
        let text = credentials::kubeconfig(&self.directory, &self.server, user);
        let kubeconfig = Kubeconfig::from_yaml(&text).unwrap();
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        Client::try_from(config).unwrap()
    }

    fn start_etcd(&self, program: &Path, client_port: u16, peer_port: u16) -> Result<(), String> {
        let data = self.directory.join("etcd");
        let client = format!("http://127.0.0.1:{client_port}");
        let peer = format!("http://127.0.0.1:{peer_port}");
        let mut command = Command::new(program);
        command.arg("--data-dir").arg(&data).args(["--unsafe-no-fsync", "--log-level=warn"]).args([
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            format!("--listen-peer-urls={peer}"),
            format!("--initial-advertise-peer-urls={peer}"),
            format!("--initial-cluster=default={peer}"),
        ]);
        self.add(Process::start("etcd", &mut command, self.directory.join("etcd.log"), Some(&data)))
    }

    fn start_api_server(&self, etcd_port: u16, port: u16) -> Result<(), String> {
        let policy = self.directory.join("audit-policy.json");
        fs::write(&policy, audit_policy()).map_err(|error| format!("{}: {error}", policy.display()))?;
        let file = |name: &str| self.directory.join(name).display().to_string();
        let mut command = Command::new(programs::locate(API_SERVER)?);
        command.args([
            format!("--etcd-servers=http://127.0.0.1:{etcd_port}"),
            format!("--secure-port={port}"),
            format!("--cert-dir={}", file("generated")),
            format!("--tls-cert-file={}", file("server.crt")),
            format!("--tls-private-key-file={}", file("server.key")),
            format!("--token-auth-file={}", file("tokens.csv")),
            format!("--service-account-key-file={}", file("service-account.pub")),
            format!("--service-account-signing-key-file={}", file("service-account.key")),
            format!("--service-account-issuer={}", self.server),
            format!("--audit-policy-file={}", policy.display()),
            format!("--audit-log-path={}", self.audit_log().display()),
        ]);
        command.args([
            // Written before the answer goes out, in one file.
            "--audit-log-mode=blocking",
            "--audit-log-maxsize=4096",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--allow-privileged",
            // Nodes would be born with a taint that only the node controller removes.
            "--disable-admission-plugins=TaintNodesByCondition",
        ]);
        let log = self.directory.join("kube-apiserver.log");
        self.add(Process::start(API_SERVER, &mut command, log, None))
    }

    fn start_controllers(&self, program: &Path) -> Result<(), String> {
        let key = self.directory.join("service-account.key");
        let authority = self.directory.join("ca.crt");
        let mut command = Command::new(program);
        command.args([
            format!("--kubeconfig={}", self.kubeconfig(credentials::CONTROLLERS).display()),
            format!("--service-account-private-key-file={}", key.display()),
            format!("--root-ca-file={}", authority.display()),
            format!("--controllers={}", CONTROLLERS.join(",")),
        ]);
        command.args([
            "--use-service-account-credentials",
            "--leader-elect=false",
            "--secure-port=0",
            "--kube-api-qps=1000",
            "--kube-api-burst=1000",
        ]);
        let log = self.directory.join("kube-controller-manager.log");
        self.add(Process::start("kube-controller-manager", &mut command, log, None))
    }

    fn add(&self, started: Result<Process, String>) -> Result<(), String> {
        self.processes().push(started?);
        Ok(())
    }

    fn processes(&self) -> MutexGuard<'_, Vec<Process>> {
        self.processes.lock().unwrap()
    }

    async fn ready(&self) -> Result<(), String> {
        let client = self.client(credentials::TESTS).await;
        let deadline = Instant::now() + UNTIL_READY;
        loop {
            let request = http::Request::get("/readyz").body(Vec::new()).unwrap();
            let answer = client.request_text(request).await;
            if answer.is_ok() {
                return Ok(());
            }
            self.alive()?;
            if Instant::now() > deadline {
                let logs: Vec<String> = self.processes().iter().map(Process::log_tail).collect();
                return Err(format!("not ready within {UNTIL_READY:?}: {answer:?}\n{}", logs.join("\n")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether all programs are still running.
    ///
    /// # Errors
    /// The log of one that has ended.
    pub fn alive(&self) -> Result<(), String> {
        let dead = self.processes().iter_mut().find_map(|process| Some((process.ended()?, process.log_tail())));
        dead.map_or(Ok(()), |(status, log)| Err(format!("a program of the control plane ended: {status}\n{log}")))
    }
}

/// The directory of this run; those of runs that are over are removed.
fn new_directory() -> std::io::Result<PathBuf> {
    let directory = Path::new(RUNS).join(std::process::id().to_string());
    fs::create_dir_all(RUNS)?;
    for entry in fs::read_dir(RUNS)? {
        let entry = entry?;
        if entry.file_name() == directory.file_name().unwrap_or_default()
            || !Path::new("/proc").join(entry.file_name()).exists()
        {
            fs::remove_dir_all(entry.path())?;
        }
    }
    fs::create_dir_all(&directory)?;
    Ok(directory)
}

/// Ports that were free a moment ago, all different.
fn free_ports<const N: usize>() -> std::io::Result<[u16; N]> {
    let mut listeners = Vec::new();
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}

/// Metadata of every request, without those of the control plane itself.
fn audit_policy() -> String {
    json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "None", "users": ["system:apiserver", credentials::CONTROLLERS]},
            {"level": "None", "userGroups": ["system:serviceaccounts:kube-system"]},
            {"level": "Metadata"},
        ],
    })
    .to_string()
}
