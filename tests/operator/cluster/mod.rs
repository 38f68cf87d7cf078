//! A control plane with OpenShift around it: one for all tests of this process, used by one test at a time.

pub mod audit;
mod control_plane;
mod crds;
pub mod credentials;
mod objects;
pub mod operator;
pub mod pod;
mod programs;
mod reset;
pub mod stand_ins;
mod wait;
pub mod world;

pub use self::objects::Objects;
pub use self::wait::eventually;
pub use crate::support::process;

use self::control_plane::ControlPlane;
use self::credentials::{Authority, STAND_INS, TESTS};
use self::stand_ins::{StandIn, StandIns};
use self::world::World;
use serde_json::{Value, json};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Mutex, MutexGuard, oneshot};

/// What all tests share. Why it could not be started is kept, so that each fails with the reason.
type Shared = Result<Arc<Parts>, String>;

static SHARED: Mutex<Option<Shared>> = Mutex::const_new(None);

struct Parts {
    plane: ControlPlane,
    world: World,
    stand_ins: StandIns,
    /// Whether kinds are missing that were there at the beginning.
    lacks_kinds: AtomicBool,
}

/// Exclusive use of the cluster; [`Objects`] with the rights and the field manager of the test.
pub struct Cluster {
    objects: Objects,
    parts: Arc<Parts>,
    _turn: MutexGuard<'static, Option<Shared>>,
}

impl Deref for Cluster {
    type Target = Objects;

    fn deref(&self) -> &Objects {
        &self.objects
    }
}

impl Cluster {
    /// Waits for its turn and starts the control plane if this is the first; the cluster is empty and at rest.
    pub async fn acquire() -> Self {
        let mut turn = SHARED.lock().await;
        if turn.is_none() {
            *turn = Some(start().await);
        }
        let parts = match turn.as_ref() {
            Some(Ok(parts)) => Arc::clone(parts),
            Some(Err(reason)) => panic!("{reason}"),
            None => unreachable!("it was started above"),
        };
        // A test that failed may have left it standing still.
        parts.plane.signal_etcd("CONT");
        parts.plane.signal_api_server("CONT");
        parts.plane.alive().unwrap_or_else(|reason| panic!("{reason}"));
        let objects = Objects::new(parts.plane.client(TESTS).await, TESTS);
        let cluster = Cluster { objects, parts, _turn: turn };
        cluster.reset().await;
        cluster
    }

    /// Removes everything that operator and test made, and restores the rest.
    pub async fn reset(&self) {
        if self.parts.lacks_kinds.swap(false, Ordering::Relaxed) {
            crds::install(&self.objects).await.unwrap_or_else(|reason| panic!("{reason}"));
        }
        self.parts.stand_ins.resume_all();
        reset::reset(&self.objects, &self.parts.world).await;
    }

    /// Removes kinds with all their objects until the next reset, by `plural.group`.
    pub async fn remove_kinds(&self, names: &[&str]) {
        self.parts.stand_ins.pause(StandIn::Router);
        self.parts.lacks_kinds.store(true, Ordering::Relaxed);
        crds::remove(&self.objects, names).await;
    }

    /// The stand-ins, to be paused.
    pub fn stand_ins(&self) -> &StandIns {
        &self.parts.stand_ins
    }

    /// The directory with the logs of this run.
    pub fn directory(&self) -> &Path {
        self.parts.plane.directory()
    }

    /// A kubeconfig file for a user of [`credentials`].
    pub fn kubeconfig(&self, user: &str) -> PathBuf {
        self.parts.plane.kubeconfig(user)
    }

    /// What kubectl prints, with the rights of the test.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let output = self.kubectl_command().args(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {}: {errors}", arguments.join(" "));
        String::from_utf8(output.stdout).unwrap()
    }

    /// kubectl with the rights of the test, without arguments.
    pub fn kubectl_command(&self) -> Command {
        let program = programs::locate("kubectl").unwrap_or_else(|reason| panic!("{reason}"));
        // It keeps what it has discovered in the home directory.
        let mut command = Command::new(program);
        command.env("HOME", self.directory()).arg("--kubeconfig").arg(self.kubeconfig(TESTS));
        command
    }

    /// Lets the API server stand still: requests hang.
    pub fn pause_api_server(&self) {
        self.parts.plane.signal_api_server("STOP");
    }

    /// Lets it go on.
    pub fn resume_api_server(&self) {
        self.parts.plane.signal_api_server("CONT");
    }

    /// Lets etcd stand still: the API server answers nothing that it has to ask for.
    pub fn pause_etcd(&self) {
        self.parts.plane.signal_etcd("STOP");
    }

    /// Lets it go on.
    pub fn resume_etcd(&self) {
        self.parts.plane.signal_etcd("CONT");
    }

    /// Kills the API server and starts it again.
    pub async fn restart_api_server(&self) {
        self.parts.stand_ins.pause_all();
        self.parts.plane.restart_api_server().await.unwrap_or_else(|reason| panic!("{reason}"));
        self.parts.stand_ins.resume_all();
    }

    /// The file with the audit log.
    pub fn audit_log(&self) -> PathBuf {
        self.parts.plane.audit_log()
    }

    /// Puts the cluster on another platform: `platformStatus` of Infrastructure, as `{"type": "AWS", "aws": {…}}`.
    pub async fn set_platform(&self, platform_status: Value) {
        let status = json!({"platform": platform_status["type"], "platformStatus": platform_status});
        let object = json!({
            "apiVersion": "config.openshift.io/v1",
            "kind": "Infrastructure",
            "metadata": {"name": "cluster"},
        });
        self.merge_status(&object, status).await.unwrap();
    }

    /// A condition of Config/cluster.
    pub async fn config_condition(&self, condition: &str) -> Option<Value> {
        let config = self.get("imageregistry.operator.openshift.io/v1", "Config", "", "cluster").await?;
        let conditions = config["status"]["conditions"].as_array()?;
        conditions.iter().find(|found| found["type"] == condition).cloned()
    }
}

/// Starts everything in a thread with a runtime of its own, since that of a test ends with the test.
async fn start() -> Shared {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let started = start_parts().await;
            let usable = started.is_ok();
            if sender.send(started).is_ok() && usable {
                std::future::pending::<()>().await;
            }
        });
    });
    receiver.await.unwrap_or_else(|_| Err("the thread that starts the control plane panicked".to_owned()))
}

async fn start_parts() -> Shared {
    let plane = ControlPlane::start().await?;
    let tests = Objects::new(plane.client(TESTS).await, TESTS);
    crds::install(&tests).await?;
    let world = World::create(&tests).await?;
    let authority = Authority::new("openshift-service-serving-signer").map_err(|error| error.to_string())?;
    let stand_ins = StandIns::start(&Objects::new(plane.client(STAND_INS).await, STAND_INS), authority);
    Ok(Arc::new(Parts { plane, world, stand_ins, lacks_kinds: AtomicBool::new(false) }))
}
