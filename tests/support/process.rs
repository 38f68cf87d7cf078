//! Child processes that never outlive the test process, and what /proc says about them.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// Waits for the end of its standard input, which comes with the end of the test process, whatever ends it.
const WATCHDOG: &str = r#"read -r _; kill -9 "$1"; [ -z "$2" ] || rm -rf "$2""#;

/// Lines of a log that failures show.
const TAIL: usize = 25;

/// A running program. It is killed when this is dropped, or when the test process ends.
pub struct Process {
    name: String,
    child: Child,
    watchdog: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program with its output in `log`. `scratch` is removed after it when the test process ends.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub fn start(name: &str, command: &mut Command, log: PathBuf, scratch: Option<&Path>) -> Result<Self, String> {
        let explain = |error: std::io::Error| format!("{name}: {error}");
        let output = File::create(&log).map_err(explain)?;
        // A group of its own, so that Ctrl-C does not reach it before the watchdog does.
        command.stdin(Stdio::null()).stdout(output.try_clone().map_err(explain)?).stderr(output).process_group(0);
        let mut child = command.spawn().map_err(explain)?;
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog", &child.id().to_string()])
            .arg(scratch.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        match watchdog {
            Ok(watchdog) => Ok(Process { name: name.to_owned(), child, watchdog, log }),
            Err(error) => {
                let _ = child.kill();
                Err(format!("sh: {error}"))
            }
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it was started as.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Everything it has written.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The end of its log and where the rest is, for failure messages.
    pub fn log_tail(&self) -> String {
        let text = self.log();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
        format!("{}, the end of {}:\n{tail}", self.name, self.log.display())
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}

/// Sends a signal, as `TERM`; false if there is no such process.
pub fn signal(pid: u32, name: &str) -> bool {
    Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().is_ok_and(|status| status.success())
}

/// Resident memory in bytes (`VmRSS` of proc_pid_status(5)).
pub fn rss_bytes(pid: u32) -> u64 {
    status(pid, "VmRSS") * 1024
}

/// What of it no file stands behind (`RssAnon`): code that is used for the first time is not among it.
pub fn anonymous_bytes(pid: u32) -> u64 {
    status(pid, "RssAnon") * 1024
}

/// How many threads there are.
pub fn threads(pid: u32) -> u64 {
    status(pid, "Threads")
}

/// The number in a line of /proc/PID/status.
fn status(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).unwrap_or_default();
    line.split_whitespace().next().map_or(0, |number| number.parse().unwrap())
}

/// What the open file descriptors lead to, as `/dev/null` or `socket:[1]`; sorted.
pub fn descriptors(pid: u32) -> Vec<String> {
    let open = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    // One may be closed meanwhile.
    let links = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let mut links: Vec<String> = links.map(|link| link.display().to_string()).collect();
    links.sort();
    links
}

/// User and system time so far (fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms).
pub fn cpu_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The second field is the name in parentheses, which may hold spaces.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11..=12].iter().map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}
