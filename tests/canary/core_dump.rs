//! A program that is killed leaves no copy of its memory, which holds what it has read.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The signal that asks for a core (signal(7)).
const SIGABRT: i32 = 6;

/// Runs the program with as large cores as whoever runs the tests may have.
const WITH_CORES: &str = r#"ulimit -S -c "$(ulimit -H -c)"; exec "$0" "$@""#;

#[test]
fn a_killed_program_dumps_no_core() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new("sh")
        .args(["-c", WITH_CORES, env!("CARGO_BIN_EXE_cluster-image-registry-operator"), "render", "-f", "-"])
        .current_dir(&directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"apiVersion: v1\nkind: Secret\nstringData: {token: canary}\n").unwrap();

    // It waits for the rest.
    let end = Instant::now() + Duration::from_secs(10);
    let limit = loop {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap();
        let is_running = read("cmdline").starts_with(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
        let limits = read("limits");
        let limit = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
        let limit: Vec<String> = limit.split_whitespace().take(2).map(str::to_owned).collect();
        if is_running && limit == ["0", "0"] || Instant::now() > end {
            break limit;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let killed = Command::new("sh").args(["-c", &format!("kill -ABRT {}", child.id())]).status().unwrap();
    assert!(killed.success());
    let ended = child.wait().unwrap();
    drop(input);
    assert_eq!(ended.signal(), Some(SIGABRT), "{ended}");
    assert!(!ended.core_dumped(), "{ended}");
    assert_eq!(limit, ["0", "0"], "soft and hard limit of cores");
}
