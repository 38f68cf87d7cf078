//! The operator as a process of its own. `OPERATOR_PROGRAM` names another build of it than that of the tests, as the one
//! that `cargo build --release` makes.

use super::Cluster;
use super::credentials::OPERATOR;
use super::process::{Process, cpu_time, rss_bytes, signal};
use super::world::RELEASE_VERSION;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-image-registry-operator");

const SOCKET_OPTION: &str = "--diagnostics-socket";

static STARTED: AtomicUsize = AtomicUsize::new(0);
static SOCKETS: AtomicUsize = AtomicUsize::new(0);

/// How to start it.
pub struct Options {
    /// What follows `run --kubeconfig FILE`.
    pub arguments: Vec<String>,
    /// The whole environment.
    pub environment: BTreeMap<String, String>,
}

impl Default for Options {
    /// No arguments, and the environment that the operator's Deployment sets.
    fn default() -> Self {
        let environment = [
            ("IMAGE", "registry.example.com/registry@sha256:aaaa"),
            ("IMAGE_PRUNER", "registry.example.com/cli@sha256:bbbb"),
            ("OPERATOR_IMAGE", "registry.example.com/operator@sha256:cccc"),
            ("RELEASE_VERSION", RELEASE_VERSION),
            ("OPERATOR_IMAGE_VERSION", RELEASE_VERSION),
            ("WATCH_NAMESPACE", "openshift-image-registry"),
            ("POD_NAME", "cluster-image-registry-operator-0"),
            ("AZURE_ENVIRONMENT_FILEPATH", "/tmp/azurestackcloud.json"),
        ];
        Options {
            arguments: Vec::new(),
            environment: environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }
}

impl Options {
    /// With another value for an environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// A running operator. It is killed when this is dropped; when that is because a test fails, its log is shown.
pub struct Operator {
    process: Process,
    /// Where it tells its diagnostics.
    socket: Option<PathBuf>,
}

impl Operator {
    /// Starts it as user `operator`.
    pub fn start(cluster: &Cluster, options: Options) -> Self {
        Self::start_as(cluster, OPERATOR, options)
    }

    /// Starts it as another user.
    pub fn start_as(cluster: &Cluster, user: &str, options: Options) -> Self {
        Self::start_with(cluster, &cluster.kubeconfig(user), options)
    }

    /// Starts it with any kubeconfig file.
    pub fn start_with(cluster: &Cluster, kubeconfig: &Path, mut options: Options) -> Self {
        // A path below the directory of the cluster may be too long for a socket (108 bytes, unix(7)).
        let number = SOCKETS.fetch_add(1, Ordering::Relaxed);
        let socket = std::env::temp_dir().join(format!("operator-{}-{number}.sock", std::process::id()));
        let [kubeconfig, given] = [kubeconfig, &socket].map(|path| path.display().to_string());
        let mut arguments = vec!["run", "--kubeconfig", &kubeconfig];
        let is_given = options.arguments.iter().any(|argument| argument == SOCKET_OPTION);
        if !is_given {
            arguments.extend([SOCKET_OPTION, &given]);
        }
        options.arguments.splice(..0, arguments.into_iter().map(str::to_owned));
        let mut operator = Self::spawn(cluster, options);
        operator.socket = (!is_given).then_some(socket);
        operator
    }

    /// Starts the program with any other verb.
    pub fn spawn(cluster: &Cluster, options: Options) -> Self {
        let log = cluster.directory().join(format!("operator-{}.log", STARTED.fetch_add(1, Ordering::Relaxed)));
        let mut command = Command::new(std::env::var_os("OPERATOR_PROGRAM").unwrap_or(PROGRAM.into()));
        command.args(options.arguments).env_clear().envs(options.environment);
        let process = Process::start("the operator", &mut command, log, None).unwrap();
        Operator { process, socket: None }
    }

    /// Where it tells its diagnostics.
    pub fn socket(&self) -> &Path {
        self.socket.as_deref().expect("an operator that was started by `run`")
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends SIGTERM and waits for the end.
    pub async fn terminate(&mut self, deadline: Duration) -> ExitStatus {
        self.signal("TERM");
        self.wait(deadline).await
    }

    /// Sends a signal, as `TERM`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let sent = signal(self.pid(), name);
        assert!(sent, "SIG{name} could not be sent\n{}", self.log_tail());
    }

    /// Waits until it ends by itself.
    pub async fn wait(&mut self, deadline: Duration) -> ExitStatus {
        let end = Instant::now() + deadline;
        loop {
            if let Some(status) = self.process.ended() {
                return status;
            }
            assert!(Instant::now() < end, "still running after {deadline:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Resident memory in bytes.
    pub fn rss_bytes(&self) -> u64 {
        rss_bytes(self.pid())
    }

    /// User and system time so far.
    pub fn cpu_time(&self) -> Duration {
        cpu_time(self.pid())
    }

    /// Everything it has written.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// The end of its log and where the rest is.
    pub fn log_tail(&self) -> String {
        self.process.log_tail()
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log_tail());
        }
        // One that is killed leaves it.
        self.process.kill();
        self.socket.iter().for_each(|socket| drop(std::fs::remove_file(socket)));
    }
}
