//! The internet for tests of clouds: a proxy under whose CA every host can be reached at its real name. A host is a
//! real server on this machine or a function that answers; requests are written down, and faults happen on the way.

mod breaker;
mod call;
mod exchange;
mod fault;
mod hold;
mod message;
mod proxy;
mod route;
mod tls;

pub use call::{Call, Outcome};
pub use fault::{Effect, Fault, Faults, When};
pub use hold::Hold;
pub use message::{Request, Response};
pub use proxy::Endpoint;
pub use route::{Exists, Handler};

use breaker::Breaker;
use call::Log;
use proxy::Connections;
use route::Routes;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tls::Authority;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// An internet of a test's own, on a thread of its own. Ends when dropped: frozen and held calls then end, too.
pub struct Internet {
    network: Arc<Network>,
    proxy: SocketAddr,
    ca_file: PathBuf,
    _directory: tempfile::TempDir,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What all connections share.
struct Network {
    authority: Authority,
    routes: Routes,
    faults: Faults,
    breaker: Breaker,
    log: Arc<Log>,
}

impl Internet {
    /// With a CA of its own and no host yet.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let network = Arc::new(Network {
            authority: Authority::new(),
            routes: Routes::default(),
            faults: Faults::default(),
            breaker: Breaker::default(),
            log: Arc::default(),
        });
        let ca_file = directory.path().join("ca.crt");
        std::fs::write(&ca_file, network.authority.pem()).unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let proxy = proxy::listen(&handle, Arc::clone(&network), Connections::Proxy);
        let thread = std::thread::spawn(move || {
            let _ = runtime.block_on(stopped);
            runtime.shutdown_timeout(Duration::from_secs(1));
        });
        Internet {
            network,
            proxy,
            ca_file,
            _directory: directory,
            runtime: handle,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The file with the CA that signs every host's certificate.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// The CA as PEM.
    pub fn ca_pem(&self) -> &str {
        self.network.authority.pem()
    }

    /// The proxy's URL.
    pub fn proxy(&self) -> String {
        format!("http://{}", self.proxy)
    }

    /// The variables by which a process finds the proxy and trusts its CA and no other.
    pub fn environment(&self) -> Vec<(String, String)> {
        let own = "127.0.0.1,localhost".to_owned();
        let ca = self.ca_file().to_str().unwrap().to_owned();
        let variables = [
            ("HTTPS_PROXY", self.proxy()),
            ("https_proxy", self.proxy()),
            ("NO_PROXY", own.clone()),
            ("no_proxy", own),
            ("SSL_CERT_FILE", ca),
        ];
        variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// The host is that server, which gets plain HTTP with the original `Host`, path and query. `*.name` is every host
    /// below that name, `*` every host; a full name goes before them, and the latest of equals counts.
    pub fn forward(&self, host: &str, to: SocketAddr) {
        self.network.routes.forward(host, to);
    }

    /// The host is that function; hosts as in [`Internet::forward`]. A panic in it answers 500 and fails the test when
    /// the internet is dropped.
    pub fn answer(&self, host: &str, handler: Handler) {
        self.network.routes.answer(host, handler);
    }

    /// As [`Internet::answer`] for the hosts for which `exists` holds; no new connection leads to others.
    pub fn answer_where(&self, host: &str, exists: Exists, handler: Handler) {
        self.network.routes.answer_where(host, exists, handler);
    }

    /// An endpoint of this machine that is that host, reached without the proxy.
    pub fn listen(&self, host: &str) -> Endpoint {
        let connections = Connections::Endpoint(host.to_owned());
        Endpoint::new(proxy::listen(&self.runtime, Arc::clone(&self.network), connections))
    }

    /// Every request in the order of arrival. `CONNECT` is among them only where it led to nothing.
    pub fn calls(&self) -> Vec<Call> {
        self.network.log.calls()
    }

    /// Waits until that holds of the calls, which it returns; panics with them if it does not within that time.
    pub fn wait(&self, deadline: Duration, what: &str, reached: impl Fn(&[Call]) -> bool) -> Vec<Call> {
        let (calls, reached) = self.network.log.wait(deadline, reached);
        let lines: Vec<String> = calls.iter().map(ToString::to_string).collect();
        assert!(reached, "not within {deadline:?}: {what}; the calls:\n{}", lines.join("\n"));
        calls
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.network.log.clear();
    }

    /// A further fault. All that match a call apply, in the order in which they were added.
    pub fn fault(&self, fault: Fault) {
        self.network.faults.add(fault);
    }

    /// Several faults.
    pub fn faults(&self, faults: Vec<Fault>) {
        faults.into_iter().for_each(|fault| self.fault(fault));
    }

    /// No fault any more; calls that are delayed, frozen or held stay so.
    pub fn clear_faults(&self) {
        self.network.faults.clear();
    }

    /// Breaks the `k`-th call from now, counted from 1 over all hosts; the ones after it go through.
    pub fn break_at(&self, k: usize, when: When) {
        self.network.breaker.plan(k, when, false);
    }

    /// Breaks the `k`-th call from now and everything after it, as if the client's process had been killed there.
    pub fn cut_at(&self, k: usize, when: When) {
        self.network.breaker.plan(k, when, true);
    }

    /// Whether the call of the latest [`Internet::break_at`] or [`Internet::cut_at`] has come and has broken.
    pub fn broke(&self) -> bool {
        self.network.breaker.broke()
    }

    /// Closes every connection, and each new one at once, until mended. What has been asked already goes on to be done.
    pub fn cut(&self) {
        self.network.breaker.cut();
    }

    /// Whether everything is cut: after the call of [`Internet::cut_at`] only once the server did what it was asked for.
    pub fn is_cut(&self) -> bool {
        self.network.breaker.is_cut()
    }

    /// Ends [`Internet::cut`] and forgets planned breaks.
    pub fn mend(&self) {
        self.network.breaker.mend();
    }
}

impl Drop for Internet {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if std::thread::panicking() {
            return;
        }
        assert!(matches!(ended, Some(Ok(()))), "the internet's thread panicked");
        let panicked = self.network.log.calls().into_iter().find(|call| call.outcome == Outcome::Panicked);
        assert!(panicked.is_none(), "what answers for a host panicked: {}", panicked.unwrap());
    }
}
