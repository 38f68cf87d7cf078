//! The daemon of `node-ca`: the real binary on directories of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than the daemon takes to look again.
const DEADLINE: Duration = Duration::from_secs(20);

struct Node {
    directory: tempfile::TempDir,
    daemon: Option<Child>,
}

impl Node {
    fn new() -> Self {
        let node = Node { directory: tempfile::tempdir().unwrap(), daemon: None };
        fs::create_dir(node.source()).unwrap();
        node
    }

    fn source(&self) -> PathBuf {
        self.directory.path().join("source")
    }

    fn destination(&self) -> PathBuf {
        self.directory.path().join("etc/docker/certs.d")
    }

    fn ca(&self, host: &str) -> PathBuf {
        self.destination().join(host).join("ca.crt")
    }

    fn start(&mut self) {
        let log = fs::File::create(self.directory.path().join("log")).unwrap();
        let daemon = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"))
            .arg("node-ca-sync")
            .args(["--source".as_ref(), self.source().as_os_str()])
            .args(["--destination".as_ref(), self.destination().as_os_str()])
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.daemon = Some(daemon);
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    fn wait(&self, what: &str, reached: impl Fn() -> bool) {
        let start = Instant::now();
        while !reached() {
            assert!(start.elapsed() < DEADLINE, "not reached: {what}; the log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn wait_for_log(&self, words: &str) {
        self.wait(&format!("{words:?} in the log"), || self.log().contains(words));
    }

    /// The exit code after that signal, and the log.
    fn stop(&mut self, signal: &str) -> (Option<i32>, String) {
        let mut daemon = self.daemon.take().unwrap();
        assert!(Command::new("kill").args([signal, &daemon.id().to_string()]).status().unwrap().success());
        let start = Instant::now();
        let status = loop {
            if let Some(status) = daemon.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < DEADLINE, "still running after {signal}");
            std::thread::sleep(Duration::from_millis(10));
        };
        (status.code(), self.log())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

/// A ConfigMap as kubelet mounts it: `..data` points to a directory with a date, every key points into `..data`.
fn mount(source: &Path, version: &str, keys: &[(&str, &str)]) {
    let dated = format!("..2026_{version}");
    fs::create_dir(source.join(&dated)).unwrap();
    for (key, value) in keys {
        fs::write(source.join(&dated).join(key), value).unwrap();
    }
    symlink(&dated, source.join("..data_tmp")).unwrap();
    fs::rename(source.join("..data_tmp"), source.join("..data")).unwrap();
    for entry in fs::read_dir(source).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.starts_with("..") && !keys.iter().any(|(key, _)| *key == name) {
            fs::remove_file(source.join(name)).unwrap();
        }
    }
    for (key, _) in keys {
        if fs::symlink_metadata(source.join(key)).is_err() {
            symlink(Path::new("..data").join(key), source.join(key)).unwrap();
        }
    }
}

fn hosts(destination: &Path) -> Vec<String> {
    let entries = fs::read_dir(destination).into_iter().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_mounted_config_map_arrives_and_changes_follow() {
    let mut node = Node::new();
    let bundle = ("storage-ca-bundle.pem", "STORAGE");
    mount(&node.source(), "1", &[("image-registry.svc..5000", "ONE"), ("quay.example.com", "TWO"), bundle]);
    node.start();
    node.wait_for_log("copied: 002 skipped: 000 trimmed: 000\n");
    assert_eq!(hosts(&node.destination()), ["image-registry.svc:5000", "quay.example.com"]);
    assert_eq!(fs::read_to_string(node.ca("image-registry.svc:5000")).unwrap(), "ONE");
    assert_eq!(mode(&node.destination().join("quay.example.com")), 0o755);
    assert_eq!(hosts(&node.destination().join("quay.example.com")), ["ca.crt"]);

    mount(&node.source(), "2", &[("image-registry.svc..5000", "NEW"), ("mirror.example.com..443", "THREE")]);
    node.wait_for_log("copied: 002 skipped: 000 trimmed: 001\n");
    assert_eq!(hosts(&node.destination()), ["image-registry.svc:5000", "mirror.example.com:443"]);
    assert_eq!(fs::read_to_string(node.ca("image-registry.svc:5000")).unwrap(), "NEW");

    let (code, log) = node.stop("-TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.ends_with("shutting down node-ca\n"), "{log}");
    assert!(!log.contains("storage-ca-bundle"), "{log}");
}

#[test]
fn content_decides_and_not_the_date() {
    let mut node = Node::new();
    for (host, there) in [("equal", "SAME"), ("older", "NEWER"), ("mode", "MODE")] {
        fs::create_dir_all(node.destination().join(host)).unwrap();
        fs::write(node.ca(host), there).unwrap();
    }
    for (key, content) in [("equal", "SAME"), ("older", "RESTORED"), ("mode", "MODE")] {
        fs::write(node.source().join(key), content).unwrap();
    }
    let ages_ago = std::time::SystemTime::now() - Duration::from_hours(1000);
    fs::File::options().write(true).open(node.source().join("older")).unwrap().set_modified(ages_ago).unwrap();
    fs::set_permissions(node.source().join("mode"), PermissionsExt::from_mode(0o600)).unwrap();
    let written = fs::metadata(node.ca("equal")).unwrap().modified().unwrap();

    node.start();
    node.wait_for_log("copied: 002 skipped: 001 trimmed: 000\n");
    assert_eq!(fs::read_to_string(node.ca("older")).unwrap(), "RESTORED");
    assert_eq!(mode(&node.ca("mode")), 0o600);
    assert_eq!(fs::metadata(node.ca("equal")).unwrap().modified().unwrap(), written);
    assert_eq!(node.stop("-INT").0, Some(0));
}

#[test]
fn what_is_no_host_directory_stays_and_stale_hosts_go() {
    let mut node = Node::new();
    let destination = node.destination();
    let elsewhere = node.directory.path().join("elsewhere");
    for directory in
        [&destination.join("stale.example.com/deeper"), &destination.join("storage-ca-bundle.pem"), &elsewhere]
    {
        fs::create_dir_all(directory).unwrap();
    }
    fs::write(elsewhere.join("kept"), "").unwrap();
    symlink(&elsewhere, destination.join("stale.example.com/link")).unwrap();
    symlink(&elsewhere, destination.join("linked.example.com")).unwrap();
    fs::write(destination.join("README"), "").unwrap();
    fs::write(node.source().join("quay.example.com"), "CA").unwrap();
    fs::create_dir(node.source().join("directory")).unwrap();
    fs::write(node.source().join(".hidden"), "").unwrap();

    node.start();
    node.wait_for_log("copied: 001 skipped: 000 trimmed: 002\n");
    assert_eq!(hosts(&destination), ["README", "linked.example.com", "quay.example.com"]);
    assert!(elsewhere.join("kept").exists());
    assert_eq!(node.stop("-TERM").0, Some(0));
}

#[test]
fn without_a_source_nothing_is_removed_and_the_daemon_waits_for_it() {
    let mut node = Node::new();
    fs::remove_dir(node.source()).unwrap();
    fs::create_dir_all(node.destination().join("stale.example.com")).unwrap();
    node.start();
    node.wait_for_log("source: the CAs cannot be listed");
    assert_eq!(hosts(&node.destination()), ["stale.example.com"]);

    fs::create_dir(node.source()).unwrap();
    fs::write(node.source().join("quay.example.com"), "CA").unwrap();
    node.wait_for_log("copied: 001 skipped: 000 trimmed: 001\n");
    assert_eq!(node.stop("-TERM").0, Some(0));
}

#[test]
fn every_file_that_fails_is_named_and_the_others_are_copied() {
    let mut node = Node::new();
    for host in ["a", "c"] {
        // A directory where the file belongs cannot be replaced by one, whoever runs the test.
        fs::create_dir_all(node.ca(host).join("occupied")).unwrap();
    }
    fs::create_dir_all(node.destination().join("dangling")).unwrap();
    for host in ["a", "b", "c"] {
        fs::write(node.source().join(host), "CA").unwrap();
    }
    symlink("nowhere", node.source().join("dangling")).unwrap();

    node.start();
    node.wait_for_log("copied: 001 skipped: 000 trimmed: 000 errors: 003\n");
    let log = node.log();
    for name in ["a", "c", "dangling"] {
        assert!(log.contains(&format!("source/{name}: the CA cannot be copied: ")), "{log}");
    }
    assert_eq!(hosts(&node.destination()), ["a", "b", "c", "dangling"]);
    assert_eq!(hosts(&node.destination().join("a")), ["ca.crt"]);
    assert_eq!(node.stop("-TERM").0, Some(0));
}

#[test]
fn a_file_in_place_of_the_destination_is_an_error_that_ends_nothing() {
    let mut node = Node::new();
    fs::create_dir_all(node.destination().parent().unwrap()).unwrap();
    fs::write(node.destination(), "").unwrap();
    node.start();
    node.wait_for_log("certs.d: the directory cannot be created");
    assert_eq!(node.stop("-TERM").0, Some(0));
}
