//! A container as OpenShift's restricted-v2 has it: a read-only file system, no capability, no way to any.

use crate::image::IMAGE;
use crate::tools;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A container that is about to be run.
pub struct Container {
    user: (u32, u32),
    mounts: Vec<Value>,
    environment: Vec<String>,
    has_network: bool,
}

impl Container {
    /// Of that user and group, with /tmp of its own and without a network.
    pub fn of(user: u32, group: u32) -> Self {
        let mount = |kind: &str, at: &str, options: &[&str]| json!({"destination": at, "type": kind, "source": kind, "options": options});
        let mounts = vec![
            mount("proc", "/proc", &[]),
            mount("tmpfs", "/dev", &["nosuid", "mode=755"]),
            mount("tmpfs", "/tmp", &["nosuid", "nodev", "mode=1777"]),
        ];
        let environment = IMAGE.config["Env"].as_array().unwrap().iter();
        let environment = environment.map(|variable| variable.as_str().unwrap().to_owned()).collect();
        Container { user: (user, group), mounts, environment, has_network: false }
    }

    /// With a file or directory of this machine, which it can only read.
    pub fn mount(mut self, from: &Path, at: &str) -> Self {
        self.mounts.push(json!({"destination": at, "type": "none", "source": from, "options": ["rbind", "ro"]}));
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push(format!("{name}={value}"));
        self
    }

    /// With the network of this machine.
    pub fn with_network(mut self) -> Self {
        self.has_network = true;
        self
    }

    /// Runs the image's entrypoint with these arguments.
    pub fn run(self, arguments: &[&str]) -> Output {
        let entrypoint = IMAGE.config["Entrypoint"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        self.command(&entrypoint.chain(arguments.iter().copied()).collect::<Vec<_>>())
    }

    /// Runs a program in place of the entrypoint.
    pub fn command(self, words: &[&str]) -> Output {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("image-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let bundle: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("image/bundles").join(&name);
        fs::create_dir_all(&bundle).unwrap();
        fs::write(bundle.join("config.json"), self.specification(words).to_string()).unwrap();
        let mut runc = tools::command("runc", &bundle);
        runc.arg("--root").arg(bundle.join("state")).arg("run").arg("--bundle").arg(&bundle).arg(&name);
        let output = runc.output().unwrap();
        fs::remove_dir_all(&bundle).unwrap();
        output
    }

    fn specification(&self, words: &[&str]) -> Value {
        let mut namespaces = vec!["pid", "mount", "ipc", "uts"];
        if !self.has_network {
            namespaces.push("network");
        }
        let namespaces: Vec<_> = namespaces.iter().map(|kind| json!({"type": kind})).collect();
        json!({
            "ociVersion": "1.0.2",
            "root": {"path": IMAGE.root, "readonly": true},
            "mounts": self.mounts,
            "process": {
                "user": {"uid": self.user.0, "gid": self.user.1},
                "cwd": "/",
                "args": words,
                "env": self.environment,
                "capabilities": {"bounding": [], "effective": [], "inheritable": [], "permitted": [], "ambient": []},
                "noNewPrivileges": true,
            },
            "linux": {"namespaces": namespaces},
        })
    }
}

/// Exit code, standard output, standard error.
pub fn outcome(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
