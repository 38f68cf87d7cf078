//! Small tasks that do what kubelet, scheduler, router, service-ca and the volume binder do in a cluster.

mod claims;
pub mod cvo;
mod kubelet;
mod network;
mod router;
mod service_ca;

use super::credentials::Authority;
use super::objects::{Objects, unless_gone};
use futures::{StreamExt, pin_mut};
use kube::Error;
use kube::api::{WatchEvent, WatchParams};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Who can be paused.
#[derive(Clone, Copy, Debug)]
pub enum StandIn {
    /// Binds pods to nodes, and makes them Running and Ready, or succeed when they belong to a Job.
    Kubelet,
    /// Admits Routes.
    Router,
    /// Fills ConfigMaps with its CA, and makes serving certificates.
    ServiceCa,
    /// Binds claims.
    Binder,
}

const ALL: [StandIn; 4] = [StandIn::Kubelet, StandIn::Router, StandIn::ServiceCa, StandIn::Binder];

/// The running tasks.
pub struct StandIns {
    running: [watch::Sender<bool>; ALL.len()],
    jobs_fail: Arc<AtomicBool>,
}

impl StandIns {
    /// Starts all of them on the current runtime.
    pub fn start(objects: &Objects, authority: Authority) -> Self {
        let running = ALL.map(|_| watch::Sender::new(true));
        let jobs_fail = Arc::new(AtomicBool::new(false));
        let follow = |kind: (&'static str, &'static str), stand_in: StandIn| Follow {
            objects: objects.clone(),
            kind,
            running: running[stand_in as usize].subscribe(),
        };
        let authority = Arc::new(authority);
        let (for_maps, fail) = (Arc::clone(&authority), Arc::clone(&jobs_fail));
        tokio::spawn(
            follow(("v1", "Pod"), StandIn::Kubelet)
                .each(move |objects, pod| kubelet::run(objects, pod, fail.load(Ordering::Relaxed))),
        );
        tokio::spawn(follow(("route.openshift.io/v1", "Route"), StandIn::Router).each(router::admit));
        tokio::spawn(
            follow(("v1", "ConfigMap"), StandIn::ServiceCa)
                .each(move |objects, map| service_ca::inject(objects, map, Arc::clone(&for_maps))),
        );
        tokio::spawn(
            follow(("v1", "Service"), StandIn::ServiceCa)
                .each(move |objects, service| service_ca::serve(objects, service, Arc::clone(&authority))),
        );
        tokio::spawn(follow(("v1", "PersistentVolumeClaim"), StandIn::Binder).each(claims::bind));
        StandIns { running, jobs_fail }
    }

    /// Stops one until [`StandIns::resume_all`].
    pub fn pause(&self, stand_in: StandIn) {
        self.running[stand_in as usize].send_replace(false);
    }

    /// Stops all of them.
    pub fn pause_all(&self) {
        ALL.into_iter().for_each(|stand_in| self.pause(stand_in));
    }

    /// Lets one go on; it looks at everything that has happened meanwhile.
    pub fn resume(&self, stand_in: StandIn) {
        self.running[stand_in as usize].send_replace(true);
    }

    /// Whether pods of Jobs fail instead of succeeding.
    pub fn jobs_fail(&self, fail: bool) {
        self.jobs_fail.store(fail, Ordering::Relaxed);
    }

    /// Everything as at the beginning.
    pub fn resume_all(&self) {
        self.jobs_fail(false);
        ALL.into_iter().for_each(|stand_in| self.resume(stand_in));
    }
}

/// Follows all objects of a kind.
struct Follow {
    objects: Objects,
    kind: (&'static str, &'static str),
    running: watch::Receiver<bool>,
}

impl Follow {
    /// Calls `handle` for every object that is there, comes or changes.
    async fn each<F, R>(mut self, handle: F)
    where
        F: Fn(Objects, Value) -> R + Sync,
        R: Future<Output = Result<(), Error>> + Send,
    {
        while self.running.wait_for(|running| *running).await.is_ok() {
            if let Err(error) = self.until_paused(&handle).await {
                let _ = writeln!(std::io::stderr(), "the stand-in for {}: {error}", self.kind.1);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    /// One watch; it begins with everything that exists.
    async fn until_paused<F, R>(&mut self, handle: &F) -> Result<(), Error>
    where
        F: Fn(Objects, Value) -> R + Sync,
        R: Future<Output = Result<(), Error>> + Send,
    {
        let (api_version, kind) = self.kind;
        let events = self.objects.api(api_version, kind, "").watch(&WatchParams::streaming_lists(), "").await?;
        pin_mut!(events);
        loop {
            let event = tokio::select! {
                _ = self.running.wait_for(|running| !*running) => return Ok(()),
                event = events.next() => event,
            };
            match event {
                Some(Ok(WatchEvent::Added(object) | WatchEvent::Modified(object))) => {
                    let mut object = json!(object);
                    object["apiVersion"] = api_version.into();
                    object["kind"] = kind.into();
                    handle(self.objects.clone(), object).await.or_else(unless_gone)?;
                }
                Some(Ok(WatchEvent::Deleted(_) | WatchEvent::Bookmark(_))) => {}
                Some(Ok(WatchEvent::Error(status))) => return Err(Error::Api(status)),
                Some(Err(error)) => return Err(error),
                // The server ends every watch after some minutes.
                None => return Ok(()),
            }
        }
    }
}

/// Now, as conditions hold it.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
